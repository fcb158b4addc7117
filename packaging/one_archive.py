"""Packages that the program carries in one archive instead of in some eight hundred files.

The starter writes every file of the program at each start and removes it at each end, and a virus
scanner looks at each. What is only ever read by way of Python's import system, which reads archives
just as well, is therefore packed: the metadata of all distributions and the time zones.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from exe_contents import Entry

_EARLIEST = (1980, 1, 1, 0, 0, 0)


def is_metadata(entry: Entry) -> bool:
    """Whether a collected file belongs to the metadata of a distribution."""
    return PurePosixPath(_inside(entry)).parts[0].endswith(".dist-info")


def write_archive(archive: Path, entries: Iterable[Entry]) -> None:
    """Pack the files at the places that PyInstaller's list names; the same bytes every time.

    They are not compressed: the program compresses the archive as a whole, which is smaller.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, source in sorted({(_inside(entry), entry[1]) for entry in entries}):
            packed.writestr(zipfile.ZipInfo(name, _EARLIEST), Path(source).read_bytes())


def _inside(entry: Entry) -> str:
    return entry[0].replace("\\", "/")
