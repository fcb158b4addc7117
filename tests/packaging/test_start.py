"""What the one-file program does before it begins, tried without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
from sync_program.exe_process import find_streams
find_streams()
assert (sys.stdout, sys.stderr) == (None, None)
told = open(sys.argv[2], "w")
number = told.fileno()
os.write(2, b"a library complains")
told.write(f"{number}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed as a shell does it")
def test_nothing_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    told = tmp_path / "told"
    python = [sys.executable, "-c", SCRIPT, str(ROOT), str(told)]
    command = ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", *python]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    assert int(told.read_text()) > 2
