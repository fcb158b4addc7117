"""Which failures were seen is known after the next start."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from plugins.single_patient.panel.panel import SinglePatientPanel
from plugins.single_patient.panel.seen_mark import FILE_NAME, SeenMark
from sync_core.errors import CallDocUnavailableError
from tests.gui_single_patient.house import KIND
from tests.gui_single_patient.samples import NOW

LOG = logging.getLogger("test")


def mark_in(folder: Path) -> SeenMark:
    return SeenMark(lambda: folder, LOG)


def test_the_moment_is_kept_and_never_goes_back(tmp_path) -> None:
    mark = mark_in(tmp_path)
    assert mark.read(NOW) is None
    mark.keep(NOW - timedelta(minutes=1))
    mark.keep(NOW - timedelta(minutes=2))
    assert mark_in(tmp_path).read(NOW) == NOW - timedelta(minutes=1)
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no modes")
def test_the_file_is_its_owners_and_holds_a_moment_only(tmp_path) -> None:
    mark_in(tmp_path).keep(NOW)
    file = tmp_path / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_bytes()) == {"seen_until": NOW.isoformat()}


def test_a_clock_that_was_wrong_hides_nothing_that_fails_from_now_on(tmp_path) -> None:
    mark_in(tmp_path).keep(NOW + timedelta(days=400))
    mark = mark_in(tmp_path)
    assert mark.read(NOW) == NOW
    mark.keep(NOW + timedelta(minutes=1))
    assert mark_in(tmp_path).read(NOW + timedelta(days=1)) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"seen_until": 5}',
        b'{"seen_until": "2025-10-06T12:00:00"}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_counts_for_nothing(tmp_path, told, caplog) -> None:
    (tmp_path / FILE_NAME).write_bytes(told)
    mark = mark_in(tmp_path)
    assert mark.read(NOW) is None
    assert "damaged" in caplog.text
    mark.keep(NOW)
    assert mark_in(tmp_path).read(NOW) == NOW


def test_a_folder_that_cannot_be_used_is_only_logged(tmp_path, caplog) -> None:
    file = tmp_path / "in the way"
    file.write_text("")
    mark = mark_in(file)
    assert mark.read(NOW) is None
    mark.keep(NOW)
    assert caplog.text.count("which failures were seen cannot be") == 2


def test_a_killed_process_has_kept_what_it_saw(tmp_path) -> None:
    script = (
        "import logging, os, pathlib, signal, sys\n"
        "from datetime import datetime\n"
        "from plugins.single_patient.panel.seen_mark import SeenMark\n"
        "mark = SeenMark(lambda: pathlib.Path(sys.argv[1]), logging.getLogger())\n"
        "mark.keep(datetime.fromisoformat(sys.argv[2]))\n"
        "os.kill(os.getpid(), signal.SIGTERM if os.name == 'nt' else signal.SIGKILL)\n"
    )
    told = [sys.executable, "-c", script, str(tmp_path), NOW.isoformat()]
    root = Path(__file__).parents[2]
    assert subprocess.run(told, cwd=root, check=False, timeout=60).returncode != 0
    assert mark_in(tmp_path).read(NOW) == NOW


def fail(house, *numbers: int) -> None:
    def script(context, asked):
        raise CallDocUnavailableError

    house.script = script
    for number in numbers:
        started = house.run(
            KIND, {"piz": str(number), "date": "2025-10-06", "appointment_type_id": 24}
        )
        assert started.error_code == "calldoc_unavailable"


def opened(house, qtbot, failures: int) -> SinglePatientPanel:
    """A panel as after a start, with everything loaded."""
    panel = SinglePatientPanel(house.context())
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.errors.model.rowCount() == failures)
    return panel


def test_what_nobody_looked_at_is_still_unread_after_the_next_start(house, qtbot) -> None:
    fail(house, 1, 2)
    panel = opened(house, qtbot, 2)
    assert panel.tabs.tabText(1) == "Fehlerliste (2)"
    panel.close()
    panel = opened(house, qtbot, 2)
    assert panel.tabs.tabText(1) == "Fehlerliste (2)"
    assert panel.tabs.tabToolTip(1).startswith("2 Fehler noch nicht gesehen")
    panel.tabs.setCurrentIndex(1)
    file = house.context().own_folder() / FILE_NAME
    qtbot.waitUntil(file.exists)
    panel.close()
    fail(house, 3)
    panel = opened(house, qtbot, 3)
    assert panel.tabs.tabText(1) == "Fehlerliste (1)"
    dots = [panel.errors.model.index(row, 0).data().startswith("●") for row in range(3)]
    assert dots == [True, False, False]
    assert b"_2025-10-06" not in file.read_bytes()
