"""The log as it stands in real files: one line a record, whose it is, and what it never holds."""

from __future__ import annotations

import logging
import os
import re
import stat
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from sync_core.errors import SettingsError
from sync_core.log_scope import log_scope
from sync_core.log_text import LONGEST_MESSAGE, OneLineFormatter, one_line, traceback_lines
from sync_core.logs import BYTES_A_FILE, FILES, LOG_NAME, configure_logging

ROOT = Path(__file__).parents[2]
CANARY = "Mustermann"
RECORD = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (\w+) +(\S+) task=(\S+) request=(\S+) (.*)"
)


@pytest.fixture
def log(tmp_path):
    """Logging into a folder of the test's own; gives what the file holds so far."""
    handle = configure_logging(tmp_path, "INFO")
    try:
        yield lambda: handle.file.read_text(encoding="utf-8")
    finally:
        handle.close()


def fields(line: str) -> tuple[str, ...]:
    found = RECORD.fullmatch(line)
    assert found is not None, line
    return found.groups()


def test_a_record_tells_time_level_logger_and_ids(log):
    logger = logging.getLogger("sync_core.test")
    logger.info("outside")
    with log_scope(task_id="task_1", request_id="req_1"):
        logger.warning("inside %s", 5)
        with log_scope(request_id="req_2"):
            logger.info("deeper")
    logger.info("outside again")
    assert [fields(line) for line in log().splitlines()] == [
        ("INFO", "sync_core.test", "-", "-", "outside"),
        ("WARNING", "sync_core.test", "task_1", "req_1", "inside 5"),
        ("INFO", "sync_core.test", "task_1", "req_2", "deeper"),
        ("INFO", "sync_core.test", "-", "-", "outside again"),
    ]


def test_each_thread_has_its_own_scope(log):
    both_inside = threading.Barrier(2, timeout=10)

    def work(name: str) -> None:
        with log_scope(task_id=name):
            both_inside.wait()
            logging.getLogger(name).info("working")
            both_inside.wait()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(fields(line)[1:3] for line in log().splitlines()) == [
        ("one", "one"),
        ("two", "two"),
    ]


@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"]
)
def test_foreign_text_cannot_break_a_line(log, mark):
    forged = f"a{mark}2026-01-01 INFO forged"
    with log_scope(request_id=forged):
        logging.getLogger("x").info("said %s", forged)
    text = log()
    assert mark not in text.rstrip("\n")
    assert len(text.splitlines()) == 1
    assert "said a\\" in text


def test_umlauts_stay_and_half_characters_do_no_harm(log):
    logging.getLogger("x").info("Größe %s", "\ud800")
    assert "Größe \\ud800" in log()


def test_a_message_is_cut_at_its_longest():
    text = one_line("x" * 10**6)
    assert len(text) < LONGEST_MESSAGE + 50
    assert text.endswith("(1000000 characters)")


def test_a_log_call_with_wrong_arguments_is_still_logged():
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "%d and %d", (CANARY,), None)
    text = OneLineFormatter().format(record)
    assert fields(text)[4] == "%d and %d (its arguments do not fit)"


def fail_with(error: Exception) -> None:
    local_variable = CANARY + "_local"
    assert local_variable
    raise error


def logged_traceback(error: Exception) -> None:
    try:
        fail_with(error)
    except Exception:
        logging.getLogger("x").exception("it failed")


def test_a_traceback_keeps_its_frames_and_marks_every_line(log):
    logged_traceback(SettingsError("two\nlines"))
    first, *rest = log().splitlines()
    assert fields(first)[4] == "it failed"
    assert all(line.startswith("  | ") for line in rest)
    assert any("in fail_with" in line for line in rest)
    assert rest[-1] == "  | sync_core.errors.SettingsError: two\\nlines"


class ForeignError(OSError):
    """As an HTTP client's: an OSError whose message names an address."""


@pytest.mark.parametrize(
    "error",
    [ValueError(CANARY), KeyError(CANARY), RuntimeError(CANARY), ForeignError(CANARY)],
    ids=lambda error: type(error).__name__,
)
def test_a_traceback_shows_neither_variables_nor_foreign_messages(log, capsys, error):
    logged_traceback(error)
    assert f"{type(error).__name__} (message withheld)" in log()
    assert "in fail_with" in log()
    assert CANARY not in log() + capsys.readouterr().err


def test_what_the_system_says_is_kept(log, tmp_path):
    logged_traceback(FileNotFoundError(2, "No such file", "x.toml"))
    assert "FileNotFoundError: [Errno 2] No such file: 'x.toml'" in log()


def fail_because() -> None:
    try:
        fail_with(KeyError(CANARY))
    except KeyError as cause:
        raise SettingsError("outer") from cause


def test_causes_are_told_first_and_withheld_as_well():
    with pytest.raises(SettingsError) as caught:
        fail_because()
    caught.value.__cause__.__cause__ = caught.value  # a circle ends
    lines = list(traceback_lines(caught.value))
    assert lines.index("KeyError (message withheld)") < lines.index("which led to:")
    assert lines[-1] == "sync_core.errors.SettingsError: outer"
    assert CANARY not in "\n".join(lines)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups came with 3.11")
def test_the_members_of_a_group_are_told():
    group = ExceptionGroup(CANARY, [ValueError(CANARY), SettingsError("known")])  # noqa: F821
    text = "\n".join(traceback_lines(group))
    assert "ValueError (message withheld)" in text
    assert "SettingsError: known" in text
    assert CANARY not in text


def test_libraries_that_print_addresses_are_turned_down(log):
    logging.getLogger("urllib3.connectionpool").warning("Retrying: /patient?piz=1234567")
    for name in ("requests", "waitress.queue", "sqlalchemy.engine.Engine", "werkzeug"):
        logging.getLogger(name).info("SELECT 1234567")
    assert log() == ""


def test_captured_warnings_are_logged(log):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # captureWarnings hooks showwarning, which catch_warnings has just put back
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("old\nthing", stacklevel=1)
    level, name, *_, message = fields(log().splitlines()[0])
    assert (level, name) == ("WARNING", "py.warnings")
    assert "old\\nthing" in message


def test_the_level_is_honoured(tmp_path):
    handle = configure_logging(tmp_path, "ERROR")
    try:
        logging.getLogger("x").warning("not wanted")
        logging.getLogger("sqlalchemy").warning("not wanted")
        logging.getLogger("x").error("wanted")
    finally:
        handle.close()
    assert [fields(line)[4] for line in handle.file.read_text("utf-8").splitlines()] == ["wanted"]


def test_closing_leaves_logging_as_it_was(tmp_path):
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.getLogger("urllib3").level)
    handle = configure_logging(tmp_path, "DEBUG")
    assert len(root.handlers) > len(before[0])
    handle.close()
    assert (list(root.handlers), root.level, logging.getLogger("urllib3").level) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_every_log_file_is_its_owners_only(tmp_path):
    (tmp_path / LOG_NAME).touch(mode=0o644)
    handle = configure_logging(tmp_path, "INFO")
    try:
        line = "x" * (LONGEST_MESSAGE - 200)
        for _ in range(BYTES_A_FILE // len(line) + 2):
            logging.getLogger("x").info(line)
    finally:
        handle.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [LOG_NAME, f"{LOG_NAME}.1"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_only_so_many_files_of_so_many_bytes_are_kept(tmp_path):
    handle = configure_logging(tmp_path, "INFO")
    try:
        line = "x" * (LONGEST_MESSAGE - 200)
        for _ in range((FILES + 1) * BYTES_A_FILE // len(line)):
            logging.getLogger("x").info(line)
    finally:
        handle.close()
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == FILES
    assert max(sizes) <= BYTES_A_FILE


def test_a_file_that_cannot_be_moved_is_written_on(tmp_path):
    (tmp_path / f"{LOG_NAME}.1").mkdir()  # a rename onto a folder fails, even for root
    (tmp_path / f"{LOG_NAME}.1" / "in the way").touch()
    handle = configure_logging(tmp_path, "INFO")
    try:
        line = "x" * (LONGEST_MESSAGE - 200)
        for _ in range(BYTES_A_FILE // len(line) + 5):
            logging.getLogger("x").info(line)
        logging.getLogger("x").info("the last one")
    finally:
        handle.close()
    assert handle.file.read_text("utf-8").endswith("the last one\n")


def in_a_process(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


PROGRAM = """
import logging, sys
from pathlib import Path
from sync_core.logs import configure_logging
{before}
handle = configure_logging(Path(sys.argv[1]), "INFO")
logging.getLogger("x").info("information")
logging.getLogger("x").warning("a warning")
handle.close()
"""


def test_the_console_gets_warnings_only(tmp_path):
    done = in_a_process(PROGRAM.format(before=""), tmp_path)
    assert done.returncode == 0
    assert done.stdout == ""
    assert [fields(line)[4] for line in done.stderr.splitlines()] == ["a warning"]


def test_a_program_without_a_console_logs_into_its_file(tmp_path):
    done = in_a_process(PROGRAM.format(before="sys.stderr = None; sys.stdout = None"), tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len((tmp_path / LOG_NAME).read_text("utf-8").splitlines()) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_once_without_the_message(tmp_path):
    (tmp_path / LOG_NAME).symlink_to("/dev/full")
    before = "import os; os.fchmod = lambda *_: None  # leave the device's mode alone"
    code = PROGRAM.format(before=before).replace("information", CANARY)
    done = in_a_process(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("The log file cannot be written (OSError).") == 1
    assert CANARY not in done.stderr
