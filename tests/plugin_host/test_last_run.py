"""Who ended the last run: from what it left behind to who is kept out."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_host.crash_memory import CRASH_NAME, SET_ASIDE_NAME, STEPS_NAME, CrashMemory
from plugin_host.last_run import (
    About,
    Crash,
    LastRun,
    StackLine,
    Steps,
    judge,
    read_crash,
    read_steps,
)

LOG = logging.getLogger("memory")
ABOUT = {
    "good": About("1.0", ours=False, places=("/x/good_plugin.py",)),
    "bad": About("2.0", ours=False, places=("/x/bäd/",)),
    "own": About("3.0", ours=True, places=("/program/own/",)),
}
CRASH = """Fatal Python error: Segmentation fault

Stack (most recent call first):
  File "/x/b\\xe4d/deep/native.py", line 7 in call
  File "/x/good_plugin.py", line 3 in helper
  File "/python/threading.py", line 982 in run
"""


def crash(*files: str) -> Crash:
    return Crash("Fatal Python error: Aborted", tuple(StackLine(f, "run", 1) for f in files))


def test_the_stack_of_a_crash_is_read() -> None:
    found = read_crash("Windows fatal exception: code 0x8001010d\n\n" + CRASH)
    assert found is not None
    assert found.kind == "Fatal Python error: Segmentation fault"
    assert [line.function for line in found.stack] == ["call", "helper", "run"]
    assert read_crash("") is None
    assert read_crash('Windows fatal exception: code 0x8001010d\n  File "a", line 1 in b') is None


def test_the_innermost_plugin_is_to_blame() -> None:
    found = read_crash(CRASH)
    (one,) = judge(LastRun(Steps(ABOUT, {"good": "sync_gui_start"}), found), frozenset()).set_aside
    assert (one.plugin, one.version) == ("bad", "2.0")
    assert one.reason == (
        "it ended the last run (Fatal Python error: Segmentation fault, in call, native.py)"
    )


def test_a_crash_in_native_code_is_the_only_one_asked() -> None:
    verdict = judge(LastRun(Steps(ABOUT, {"good": "sync_gui_panels"}), crash()), frozenset())
    assert [item.plugin for item in verdict.set_aside] == ["good"]
    both = {"good": "sync_gui_start", "bad": "sync_gui_start"}
    verdict = judge(LastRun(Steps(ABOUT, both), crash()), frozenset())
    assert (verdict.set_aside, [item.plugin for item in verdict.suspected]) == (
        (),
        ["good", "bad"],
    )


def test_ours_is_kept_out_for_a_crash_of_its_start_only() -> None:
    at_work = LastRun(Steps(ABOUT, {}), crash("/program/own/a.py"))
    assert judge(at_work, frozenset()).set_aside == ()
    starting = LastRun(Steps(ABOUT, {"own": "sync_gui_start"}), crash("/program/own/a.py"))
    assert [item.plugin for item in judge(starting, frozenset()).set_aside] == ["own"]


def test_being_killed_is_chance_once_and_never_ours() -> None:
    killed = LastRun(Steps(ABOUT, {"good": "import", "own": "import"}), None)
    first = judge(killed, frozenset())
    assert (first.set_aside, [item.plugin for item in first.suspected]) == ((), ["good"])
    second = judge(killed, frozenset({"good", "own"}))
    assert [item.plugin for item in second.set_aside] == ["good"]
    other = judge(LastRun(Steps(ABOUT, {"bad": "import"}), None), frozenset({"good"}))
    assert (other.set_aside, [item.plugin for item in other.suspected]) == ((), ["bad"])


def test_steps_are_read_up_to_where_they_are_cut_off() -> None:
    lines = [
        {"about": "a", "version": "1", "ours": False, "places": ["/a.py"]},
        {"about": "a", "version": "1", "ours": False, "places": ["/b/"]},
        {"in": "a", "step": "import"},
        {"out": "a", "step": "import"},
        {"in": "a", "step": "sync_gui_start"},
        {"in": "b", "step": "import"},
        {"out": "b", "step": "import"},
    ]
    steps = read_steps("\n".join(map(json.dumps, lines)) + '\n[1]\n{"out": "a", "st')
    assert steps.about == {"a": About("1", False, ("/a.py", "/b/"))}
    assert steps.open == {"a": "sync_gui_start"}


class Runs:
    """Runs of the program over one data folder; those that are not closed were killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: list[object] = []

    def begin(self) -> CrashMemory:
        memory = CrashMemory(self._folder, LOG)
        self._kept.append(memory)
        return memory

    def killed(self, name: str, *, stack: str = "") -> CrashMemory:
        """One in which the plugin ``name`` was being started when it ended."""
        memory = self.begin()
        memory.about(name, "1", ours=False, places=[f"/x/{name}.py"])
        asked = memory.during(name, "sync_gui_start")
        asked.__enter__()
        self._kept.append(asked)  # else it would be left properly
        if stack:
            assert memory.crash_file is not None
            memory.crash_file.write(stack.encode())
        return memory

    def close_files(self) -> None:
        """As the system does for a killed process."""
        for memory in self._kept:
            if isinstance(memory, CrashMemory):
                memory.close()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    made = Runs(tmp_path)
    yield made
    made.close_files()


def test_one_that_crashed_is_kept_out_until_it_is_asked_for(runs: Runs) -> None:
    runs.killed("a", stack='Fatal Python error: Aborted\n  File "/x/a.py", line 1 in start\n')
    memory = runs.begin()
    reason = "it ended the last run (Fatal Python error: Aborted, in sync_gui_start)"
    assert [item.plugin for item in memory.verdict.set_aside] == ["a"]
    assert memory.set_aside("a", "1") == reason
    memory.close()
    memory = runs.begin()
    assert memory.verdict.set_aside == ()
    assert memory.set_aside("a", "1") == reason
    memory.retry("a")
    assert memory.set_aside("a", "1") is None
    memory.close()
    assert runs.begin().set_aside("a", "1") is None


def test_another_version_may_try(runs: Runs) -> None:
    runs.killed("a", stack="Fatal Python error: Aborted\n")
    memory = runs.begin()
    assert memory.set_aside("a", "1.1") is None
    assert not memory.is_set_aside("a")
    memory.close()


def test_killed_twice_in_a_row(runs: Runs) -> None:
    runs.killed("a")
    assert runs.killed("a").set_aside("a", "1") is None
    reason = runs.begin().set_aside("a", "1")
    assert reason == "twice in a row the program ended while it was in sync_gui_start"


def test_an_end_in_order_between_makes_it_chance_again(runs: Runs) -> None:
    runs.killed("a")
    runs.begin().close()
    runs.begin().close()
    runs.killed("a")
    assert runs.begin().set_aside("a", "1") is None


@pytest.mark.parametrize("content", ["", "[]", "{", '{"set_aside": 3}', "\x00\xff"])
def test_a_damaged_list_keeps_nobody_out(tmp_path: Path, content: str) -> None:
    (tmp_path / SET_ASIDE_NAME).write_text(content, encoding="utf-8")
    memory = CrashMemory(tmp_path, LOG)
    assert memory.set_aside("a", "1") is None
    memory.close()


def test_the_files_are_their_owners_only_and_gone_after_an_end_in_order(
    runs: Runs, tmp_path: Path
) -> None:
    memory = runs.killed("a", stack="Fatal Python error: Aborted\n")
    again = runs.begin()
    for name in (STEPS_NAME, CRASH_NAME, SET_ASIDE_NAME):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    again.close()
    memory.close()
    assert [file.name for file in tmp_path.iterdir()] == [SET_ASIDE_NAME]


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    memory = CrashMemory(tmp_path / "nowhere", LOG)
    with memory.during("a", "import"):
        assert memory.crash_file is None
    assert memory.set_aside("a", "1") is None
    memory.close()
