"""What lies in the EXE and beside it: nothing that must not, and the papers."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT  # puts the scripts on the search path

# isort: split
import exe_contents
from sync_gui.help_pages import PAGES, pictures_of
from sync_program.exe_process import ARCHIVE
from tests.packaging.archive import Contents
from tests.packaging.exe import System
from version_resource import version_texts

FORBIDDEN = {"mssql_python", "PyQt6", "PySide2", "PySide6", "shiboken6", "tkinter"}
TOOLS = {"pytest", "_pytest", "hypothesis", "mypy", "pip", "setuptools", "sync_gui_testing"}


@pytest.fixture
def contents(system: System) -> Contents:
    """What the EXE carries."""
    return Contents(system.exe)


def test_no_second_qt_no_forbidden_driver_and_no_tools(contents: Contents) -> None:
    tops = {name.partition(".")[0] for name in contents.modules}
    folders = {Path(name).parts[0].partition(".")[0] for name in contents.files}
    assert {"flask", "PyQt5", "sync_gui", "sync_program"} <= tops
    assert {"PyQt5", "pyodbc"} <= folders
    assert not (tops | folders) & (FORBIDDEN | TOOLS)
    assert not [name for name in contents.files if "mssql_python" in name or "msodbcsql" in name]
    assert set(exe_contents.NEVER) & contents.modules == set()


def test_small_packages_lie_in_one_archive(contents: Contents) -> None:
    assert not [name for name in contents.files if ".dist-info/" in name or "tzdata" in name]
    with zipfile.ZipFile(io.BytesIO(contents.read(ARCHIVE))) as archive:
        names = archive.namelist()
    assert {"tzdata/__init__.py", "tzdata/zoneinfo/Europe/Berlin"} <= set(names)
    assert [
        name for name in names if re.fullmatch(r"sync_gui-.*\.dist-info/entry_points.txt", name)
    ]
    assert not [name for name in names if name.endswith("direct_url.json")]
    assert len(contents.files) < 400, "each is written at every start"


def test_the_help_is_in_it_with_its_pictures(system: System, contents: Contents) -> None:
    (beside,) = (ROOT / "dist" / system.name).glob("sync_gui-*-source.zip")
    with zipfile.ZipFile(beside) as source:
        sources = {name.partition("/")[2]: source.read(name) for name in source.namelist()}
    for page in PAGES:
        text = contents.read(f"sync_gui/help/{page}")
        assert text == sources[f"docs/{page}"]
        for picture in pictures_of(text.decode()):
            drawn = contents.read(f"sync_gui/help/{picture}")
            assert drawn[:4] == b"\x89PNG"
            assert drawn == sources[f"docs/{picture}"]


def assert_windows_knows_what_it_is(system: System) -> None:
    _, told = system.run("--version")
    version = told.split()[1]
    program = system.exe.read_bytes()
    head = struct.unpack_from("<I", program, 0x3C)[0]
    assert program[head : head + 4] == b"PE\0\0"
    assert struct.unpack_from("<H", program, head + 24 + 68)[0] == 2, "not a windowed program"
    for name, text in version_texts(version).items():
        pair = f"{name}\0".encode("utf-16-le")
        (place,) = {match.start() for match in re.finditer(re.escape(pair), program)}
        assert text.encode("utf-16-le") in program[place : place + 200]


def assert_it_has_our_icon(system: System) -> None:
    icon = (ROOT / "packaging" / "sync_gui_qt.ico").read_bytes()
    program = system.exe.read_bytes()
    (count,) = struct.unpack_from("<H", icon, 4)
    for index in range(count):
        length, offset = struct.unpack_from("<II", icon, 6 + 16 * index + 8)
        assert icon[offset : offset + length] in program


def test_the_papers_lie_beside_it(system: System) -> None:
    built = ROOT / "dist" / system.name
    bill = json.loads((built / "sync_gui_qt.cdx.json").read_text("utf-8"))
    names = {component["name"] for component in bill["components"]}
    assert {"cpython", "openssl", "sqlite", "Flask", "PyQt5", "PyQt5-Qt5", "pyodbc"} <= names
    assert not names & {"mssql-python", "pytest", "setuptools", "pip"}
    licences = (built / "THIRD-PARTY-LICENCES.txt").read_text("utf-8")
    for name in ("Flask", "PyQt5", "SQLAlchemy", "Werkzeug"):
        assert re.search(rf"^{name} \d", licences, re.MULTILINE), name
    assert list(built.glob("sync_gui-*-source.zip"))
    if system.name == "windows":
        assert_windows_knows_what_it_is(system)
        assert_it_has_our_icon(system)
