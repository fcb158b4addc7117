from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from sync_core.sqlite_reading import open_for_reading, reading_address


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (PurePosixPath("/data/journal.sqlite"), "file:///data/journal.sqlite?mode=ro"),
        (PurePosixPath("/a b/ü?#%.sqlite"), "file:///a%20b/%C3%BC%3F%23%25.sqlite?mode=ro"),
        (PureWindowsPath(r"D:\data\j.sqlite"), "file:///D%3A/data/j.sqlite?mode=ro"),
        (PureWindowsPath(r"\\server\backup\j.sqlite"), "file:////server/backup/j.sqlite?mode=ro"),
    ],
)
def test_addresses(path: PureWindowsPath, address: str) -> None:
    assert reading_address(path) == address


@pytest.mark.parametrize("name", ["plain.sqlite", "a b ü?#%41&mode=rw.sqlite"])
@pytest.mark.parametrize("slashes", ["", "/"], ids=["one slash", "two slashes"])
def test_what_it_opens_is_that_file_and_cannot_be_written(
    tmp_path: Path, name: str, slashes: str
) -> None:
    with closing(sqlite3.connect(tmp_path / name)) as made, made:
        made.execute("CREATE TABLE value (number INTEGER)")
    path = Path(slashes + str(tmp_path / name))
    with closing(open_for_reading(path)) as reading:
        assert reading.execute("SELECT count(*) FROM value").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reading.execute("INSERT INTO value VALUES (1)")


def test_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        open_for_reading(tmp_path / "nothing.sqlite")
    assert list(tmp_path.iterdir()) == []
