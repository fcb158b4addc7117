"""The guard itself, tried on small suites in processes of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests.leak_guard import LeakGuard
import tests.leak_guard

tests.leak_guard.PATIENCE_SECONDS = 0.3

def pytest_configure(config):
    config.pluginmanager.register(LeakGuard())
"""
PRELUDE = """
import subprocess, sys, threading
import pytest
done = threading.Event()
def start(name):
    thread = threading.Thread(target=done.wait, args=(20,), name=name, daemon=True)
    thread.start()
    return thread
"""


@pytest.fixture
def outcome(tmp_path):
    """Runs a suite; gives its summary line and all it printed."""

    def _run(suite: str) -> tuple[str, str]:
        (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        (tmp_path / "test_suite.py").write_text(PRELUDE + suite, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir"]
        command += [str(tmp_path), "-c", str(ROOT / "pyproject.toml"), str(tmp_path)]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
        )
        return re.sub(r" in .*", "", ended.stdout.splitlines()[-1]).strip("= "), ended.stdout

    return _run


def test_a_thread_left_behind_is_reported_once(outcome):
    summary, text = outcome(
        "def test_one(): start('stray')\ndef test_two(): pass\ndef test_three(): done.set()\n"
    )
    assert summary == "3 passed, 1 error"
    assert "left behind: thread stray (since test_suite.py::test_one)" in text


def test_a_thread_that_is_ended_is_no_matter(outcome):
    summary, _ = outcome(
        "@pytest.fixture\n"
        "def worker():\n    thread = start('worker')\n    yield\n    done.set()\n"
        "def test_one(worker): pass\n"
    )
    assert summary == "1 passed"


MODULE_FIXTURE = """
@pytest.fixture(scope="module")
def server():
    yield start
    {end}
def test_one(server): server("main")
def test_two(server): server("handler")
"""


def test_a_modules_server_may_keep_and_add_threads_until_it_ends(outcome):
    summary, _ = outcome(MODULE_FIXTURE.format(end="done.set()"))
    assert summary == "2 passed"


def test_a_modules_server_that_does_not_end_is_reported_with_its_test(outcome):
    summary, text = outcome(MODULE_FIXTURE.format(end="pass"))
    assert summary == "2 passed, 1 error"
    assert "thread main (since test_suite.py::test_one)" in text
    assert "thread handler (since test_suite.py::test_two)" in text


def test_a_process_left_behind_is_reported(outcome):
    summary, text = outcome(
        "def test_one():\n"
        "    global process\n"
        "    code = 'import sys; sys.stdin.read()'\n"
        "    process = subprocess.Popen([sys.executable, '-c', code], stdin=subprocess.PIPE)\n"
    )
    assert summary == "1 passed, 1 error"
    assert "left behind: process " in text


def test_an_exception_in_a_thread_fails_the_test(outcome):
    summary, _ = outcome(
        "def test_one():\n"
        "    thread = threading.Thread(target=lambda: 1 / 0)\n"
        "    thread.start()\n    thread.join(10)\n"
    )
    assert summary == "1 failed"
