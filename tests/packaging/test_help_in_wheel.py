"""The wheel carries what the window's help shows, and an installed program finds it there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sync_gui.help_pages import PAGES, pictures_of
from tests.packaging.conftest import ROOT  # puts the scripts on the search path

# isort: split
import build_exe
import exe_contents
import project_copy
import result

LARGEST = 1_200_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("wheel")
    project_copy.copy_project(ROOT, project_copy.project_files(ROOT), work / "project")
    return build_exe.make_wheel(work / "project", work / "wheel")


def wanted() -> set[str]:
    """The pages, and the pictures that they show."""
    names = set(PAGES)
    for page in PAGES:
        names |= set(pictures_of((ROOT / "docs" / page).read_text("utf-8")))
    return names


def test_the_wheel_holds_the_pages_and_what_they_show_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        carried = [
            entry for entry in packed.infolist() if entry.filename.startswith("sync_gui/help/")
        ]
    names = {entry.filename.removeprefix("sync_gui/help/") for entry in carried}
    assert names == wanted()
    assert sum(entry.file_size for entry in carried) < LARGEST
    for name in names:  # a change of what is carried makes the EXE out of date
        assert result._is_in_the_program(Path("docs") / name)


def test_the_exe_takes_them_over_from_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        files = [Path(name) for name in packed.namelist()]
    taken = {file.as_posix() for file in exe_contents.data_among(files)}
    assert {f"sync_gui/help/{name}" for name in wanted()} <= taken
    assert all(exe_contents.is_needed((name, "/x", "DATA")) for name in taken)


def test_an_installed_program_reads_them_from_its_own_folder(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    code = (
        "import json, sys\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
        "from sync_gui.help_files import carried_folder, read_book\n"
        "book = read_book(carried_folder())\n"
        "told = {name: sorted(page.pictures) for name, page in book.items()}\n"
        "print(json.dumps([str(carried_folder()), told]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folder, told = json.loads(done.stdout)
    assert Path(folder) == installed / "sync_gui" / "help"
    assert set(told) | {name for names in told.values() for name in names} == wanted()
    assert done.stderr == ""  # nothing is missing: that would be logged
