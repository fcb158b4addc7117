"""A plugin that starts slowly is taken in when it comes, and the rest does not wait for it."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from plugin_host import host as host_module
from tests.clock import AT_ONCE, PATIENCE
from tests.plugin_host.conftest import Bench, report_of, until
from tests.plugin_host.distributions import good, install

IN_START = good("slow").replace(
    "def sync_gui_start(context):", "def sync_gui_start(context):\n        release.wait(30)"
)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that waits a second for others."""
    monkeypatch.setattr(host_module, "LATE_SECONDS", 1.0)
    monkeypatch.setattr(host_module, "IMPORT_SECONDS", 1.0)
    monkeypatch.setattr(host_module, "_LEAST_SECONDS", 1.0)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("where", ["import", "start"])
def test_it_is_taken_in_when_it_comes(bench: Bench, where: str) -> None:
    bench.set_plugins(start_timeout=20.0)
    head = "import threading\nrelease = threading.Event()\n"
    code = head + (good("slow") if where == "import" else IN_START)
    if where == "import":
        code = "\n".join([*code.splitlines(), "release.wait(30)", ""])
    install(bench.folder / "a", "slow", _dedented(code))
    install(bench.folder / "b", "angel", good("angel"))
    changed = threading.Event()
    host = bench.host(on_late=changed.set, folders=[bench.folder / "a", bench.folder / "b"])
    begin = time.monotonic()
    host.load()
    host.start()
    assert time.monotonic() - begin < 4 + AT_ONCE
    report = report_of(host, "slow")
    step = "import" if where == "import" else "sync_gui_start"
    assert (report.state, report.reason) == ("starting", f"still starting after 1 s (in {step})")
    assert report_of(host, "angel").state == "loaded"
    assert [item.name for item in bench.registrar.blueprints] == ["angel"]

    sys.modules["slow_plugin"].release.set()
    assert changed.wait(PATIENCE)
    report = report_of(host, "slow")
    assert (report.state, report.reason) == ("loaded", None)
    assert report.routes == ("GET /api/slow",)
    assert {name for name, _ in report.steps} >= {"import", "sync_gui_start"}
    assert [item.name for item in bench.registrar.blueprints] == ["angel", "slow"]
    host.wait_for_latecomers()


@pytest.mark.usefixtures("hasty")
def test_an_endless_loop_is_given_up_and_ended(bench: Bench) -> None:
    code = """
        from hookspecs import hookimpl
        @hookimpl
        def sync_gui_start(context):
            while True:
                pass
    """
    bench.set_plugins(start_timeout=3.0)
    install(bench.folder, "loop", code)
    changed = threading.Event()
    host = bench.host(on_late=changed.set)
    host.load()
    host.start()
    assert report_of(host, "loop").state == "starting"
    assert changed.wait(PATIENCE)
    report = report_of(host, "loop")
    assert (report.state, report.reason) == (
        "failed",
        "start took longer than 3 s (in sync_gui_start)",
    )
    until(
        lambda: "plugin loop start" not in [item.name for item in threading.enumerate()],
        "the loop goes on",
    )


def test_an_exception_is_the_plugins_whose_code_raised_it(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    install(
        bench.folder,
        "bad",
        "from bad_more import work\n",
        modules={"bad_more.py": "def work():\n    raise ValueError('Muster' 'mann')\n"},
    )
    host = bench.started()
    with pytest.raises(ValueError, match="Mustermann") as caught:
        sys.modules["bad_plugin"].work()
    host.complaints.fault("window", caught.value)
    assert report_of(host, "bad").reason == "window: ValueError in work (bad_more.py:2)"
    host.complaints.fault("window", ValueError("nobody's"))
    assert report_of(host, "angel").reason is None


def _dedented(code: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in code.splitlines())
