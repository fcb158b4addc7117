"""Task events and the end: in order, contained, and in time."""

from __future__ import annotations

import logging
import sys
import threading
import time
from datetime import datetime, timezone

import pytest

from plugin_host.events import EventQueue
from sync_core.task_model import Progress, TaskSource, TaskStatus, TaskView
from tests.clock import AT_ONCE, PATIENCE
from tests.plugin_host.conftest import Bench, plugin_threads, report_of, until
from tests.plugin_host.distributions import good, install

NOW = datetime(2025, 10, 6, 8, 0, tzinfo=timezone.utc)
HEAD = """
import threading
from hookspecs import hookimpl
begun, release, stopped = threading.Event(), threading.Event(), threading.Event()
"""


def view(task_id: str) -> TaskView:
    return TaskView(
        task_id=task_id,
        kind="any",
        status=TaskStatus.RUNNING,
        progress=Progress("match", 50, "Vergleich"),
        created_at=NOW,
        deadline_at=NOW,
        source=TaskSource("api"),
        request_id="r1",
    )


def test_events_come_in_order(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    host = bench.started()
    sent = [f"t{number}" for number in range(500)]
    for task_id in sent:
        host.task_event(view(task_id))
    heard = sys.modules["angel_plugin"].heard
    until(lambda: len(heard) == len(sent), "events are missing")
    assert heard == sent


def test_before_and_after_there_is_nobody_to_tell(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    host = bench.host()
    host.task_event(view("early"))
    host.load()
    host.start()
    host.task_event(view("now"))
    host.stop()
    host.task_event(view("late"))
    assert sys.modules["angel_plugin"].heard == ["now"]


@pytest.mark.parametrize("what", ["raise ValueError('no')", "raise SystemExit('no')"])
def test_one_that_raises_is_counted_and_the_others_hear(
    bench: Bench, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    install(
        bench.folder,
        "bad",
        f"{HEAD}\n@hookimpl\ndef sync_gui_task_event(view):\n    {what}\n",
    )
    install(bench.folder, "angel", good("angel"))
    host = bench.started()
    for number in range(3):
        host.task_event(view(f"t{number}"))
    name = what.split()[1].partition("(")[0]
    told = f"sync_gui_task_event: {name} in sync_gui_task_event (bad_plugin.py:8)"
    until(
        lambda: report_of(host, "bad").reason == f"{told} (failure number 3)",
        f"not counted: {report_of(host, 'bad').reason}",
    )
    assert report_of(host, "bad").state == "loaded"
    until(lambda: len(sys.modules["angel_plugin"].heard) == 3, "events are missing")
    logged = [item.getMessage() for item in caplog.records if item.levelno >= logging.ERROR]
    assert logged == [f"plugin bad: {told}"]


def test_one_that_hangs_in_an_event_holds_up_nobody(bench: Bench) -> None:
    install(
        bench.folder,
        "bad",
        f"{HEAD}\n@hookimpl\ndef sync_gui_task_event(view):\n    begun.set(); release.wait(30)\n"
        "@hookimpl\ndef sync_gui_stop():\n    stopped.set()\n",
    )
    install(bench.folder, "angel", good("angel"))
    host = bench.started()
    for number in range(3):
        host.task_event(view(f"t{number}"))
    assert sys.modules["bad_plugin"].begun.wait(PATIENCE)
    until(lambda: len(sys.modules["angel_plugin"].heard) == 3, "events are missing")
    began = time.monotonic()
    host.stop()
    assert time.monotonic() - began < AT_ONCE
    assert report_of(host, "bad").reason == "sync_gui_task_event did not return"
    assert sys.modules["bad_plugin"].stopped.is_set()
    assert ("stop", None) in sys.modules["angel_plugin"].calls


def test_a_full_queue_gives_up_the_oldest() -> None:
    begun, release = threading.Event(), threading.Event()
    heard: list[str] = []

    def deliver(seen: TaskView) -> None:
        begun.set()
        release.wait(30)
        heard.append(seen.task_id)

    queue = EventQueue("plugin x events", deliver, limit=2)
    try:
        assert queue.post(view("1"))
        assert begun.wait(PATIENCE)
        assert queue.post(view("2"))
        assert queue.post(view("3"))
        assert not queue.post(view("4"))
    finally:
        release.set()
        queue.close()
        assert queue.join(PATIENCE)
    assert heard == ["1", "3", "4"]


def test_stop_delivers_what_waits_and_ends_all_threads(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    host = bench.started()
    for number in range(100):
        host.task_event(view(f"t{number}"))
    host.stop()
    module = sys.modules["angel_plugin"]
    assert len(module.heard) == 100
    assert module.calls[-1] == ("stop", None)
    until(lambda: not plugin_threads(), "a thread is left")
    host.stop()
    assert module.calls.count(("stop", None)) == 1


def test_stop_goes_past_those_that_hang_or_raise(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("hang1", "hang2"):
        install(
            bench.folder,
            name,
            f"{HEAD}\n@hookimpl\ndef sync_gui_stop():\n    release.wait(30)\n",
        )
    install(
        bench.folder, "quits", f"{HEAD}\n@hookimpl\ndef sync_gui_stop():\n    raise SystemExit(1)\n"
    )
    install(bench.folder, "angel", good("angel"))
    host = bench.started()
    began = time.monotonic()
    host.stop(timeout=2.0)
    assert time.monotonic() - began < 2.0 + AT_ONCE
    assert ("stop", None) in sys.modules["angel_plugin"].calls
    logged = sorted(item.getMessage() for item in caplog.records if item.levelno >= logging.ERROR)
    assert [line.rpartition("longer than ")[0] or line for line in logged] == [
        "plugin hang1: stop took ",
        "plugin hang2: stop took ",
        "plugin quits: sync_gui_stop: SystemExit: 1",
    ]


def test_a_half_started_plugin_is_stopped_too(bench: Bench) -> None:
    bench.set_plugins(start_timeout=1.5)
    stop = "@hookimpl\ndef sync_gui_stop():\n    stopped.set()\n"
    install(
        bench.folder,
        "half",
        f"{HEAD}\n{stop}\n@hookimpl\ndef sync_gui_start(context):\n    raise ValueError\n",
    )
    install(
        bench.folder,
        "hangs",
        f"{HEAD}\n{stop}\n@hookimpl\ndef sync_gui_start(context):\n    release.wait(30)\n",
    )
    install(
        bench.folder,
        "never",
        f"{HEAD}\n{stop}\n@hookimpl\ndef sync_gui_settings_schema():\n    raise ValueError\n",
    )
    host = bench.started()
    reasons = {item.name: item.reason for item in host.report()}
    host.stop()
    assert sys.modules["half_plugin"].stopped.is_set()
    assert sys.modules["hangs_plugin"].stopped.is_set()
    assert not sys.modules["never_plugin"].stopped.is_set()
    assert {item.name: item.reason for item in host.report()} == reasons
    assert reasons["half"] == "sync_gui_start: ValueError"


def test_stop_in_the_middle_of_a_start(bench: Bench) -> None:
    bench.set_plugins(start_timeout=20.0)
    install(
        bench.folder,
        "slow",
        f"{HEAD}\n@hookimpl\ndef sync_gui_start(context):\n    begun.set(); release.wait(30)\n"
        "@hookimpl\ndef sync_gui_stop():\n    stopped.set(); release.set()\n",
    )
    host = bench.host()
    host.load()
    starter = threading.Thread(target=host.start)
    starter.start()
    module = sys.modules["slow_plugin"]
    assert module.begun.wait(PATIENCE)
    host.stop()
    starter.join(PATIENCE)
    assert not starter.is_alive()
    assert module.stopped.is_set()
    assert report_of(host, "slow").state == "failed"


def test_a_later_failure_is_told_beside_the_plugin(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    install(bench.folder, "angel", good("angel"))
    install(bench.folder, "bad", "import no_such_module_at_all")
    host = bench.started()
    caplog.clear()
    host.report_failure("angel", "panel angel_panel: ValueError: no")
    host.report_failure("nobody", "whatever")
    before = report_of(host, "bad").reason
    host.report_failure("bad", "something else")
    report = report_of(host, "angel")
    assert (report.state, report.reason) == ("loaded", "panel angel_panel: ValueError: no")
    assert report.panels == ("angel_panel",)
    assert report_of(host, "bad").reason == before
    assert [item.getMessage() for item in caplog.records] == [
        "plugin angel: panel angel_panel: ValueError: no",
        "plugin bad: something else",
    ]
