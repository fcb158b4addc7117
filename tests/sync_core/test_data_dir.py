"""The data folder: where it is, its rights, and its lock between real processes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from sync_core.data_dir import (
    LOCK_NAME,
    DataFolderLock,
    create_data_dir,
    make_plugin_folder,
    resolve_data_dir,
)
from sync_core.errors import DataFolderInUseError, SettingsError
from sync_core.settings import Settings

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from sync_core.data_dir import DataFolderLock
with DataFolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the folder's lock until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_configured_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert resolve_data_dir(replace(Settings(), data_dir=Path("d"))) == tmp_path / "d"
    assert resolve_data_dir(replace(Settings(), data_dir=Path("~/d"))) == Path.home() / "d"


def test_without_configuration_it_is_the_users_data_folder():
    expected = platformdirs.user_data_path("sync_gui", appauthor=False)
    assert resolve_data_dir(Settings()) == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_new_folder_is_its_owners_only(tmp_path):
    folder = tmp_path / "above" / "data"
    previous = os.umask(0)
    try:
        create_data_dir(folder)
    finally:
        os.umask(previous)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_existing_folder_keeps_its_rights(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    create_data_dir(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    for folder in (file, file / "below"):
        with pytest.raises(SettingsError, match=r"data_dir: the folder .*file"):
            create_data_dir(folder)


def test_a_folder_that_is_not_there_cannot_be_claimed(tmp_path):
    folder = tmp_path / "file" / "missing"
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="data_dir"):
        DataFolderLock(folder).acquire()


def test_a_second_process_is_refused_at_once(tmp_path, holder):
    with pytest.raises(DataFolderInUseError, match="in use"):
        DataFolderLock(tmp_path).acquire()


def test_the_lock_ends_with_its_process_even_when_killed(tmp_path, holder):
    holder.kill()
    holder.wait(10)
    with DataFolderLock(tmp_path):
        assert (tmp_path / LOCK_NAME).stat().st_size == 0


def test_a_released_folder_can_be_claimed_by_another(tmp_path):
    first, second = DataFolderLock(tmp_path), DataFolderLock(tmp_path)
    first.acquire()
    with pytest.raises(DataFolderInUseError):
        second.acquire()
    first.release()
    first.release()
    with second, pytest.raises(DataFolderInUseError):
        first.acquire()


@pytest.mark.parametrize(
    "name", ["auto_sync", "..", "../../elsewhere", "a/b", "C:\\x", "Grüße", "a.b"]
)
def test_a_plugins_folder_lies_inside_the_data_folder(tmp_path, name):
    folder = make_plugin_folder(tmp_path, name)
    assert folder.is_dir()
    assert folder.parent == tmp_path / "plugins"
    assert folder.resolve().parent == (tmp_path / "plugins").resolve()
    assert make_plugin_folder(tmp_path, name) == folder


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
def test_a_plugins_folder_is_its_owners_only(tmp_path):
    assert stat.S_IMODE(make_plugin_folder(tmp_path, "auto_sync").stat().st_mode) == 0o700
