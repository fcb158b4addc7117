"""Whether somebody else could put code into a plugin folder: it would run with our rights."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_LOOKED_AT = 5000
"""Files and folders looked at in one plugin folder at most."""


def changeable_by_others(folder: Path) -> Path | None:
    """The first file or folder through which others could change what the plugin folder holds.

    Others are everybody but this user and the system's administrator; our own group counts as
    us. The folders above count, too: whoever may write there can put another folder in its place,
    except where only owners may rename. None where nothing was found, and on Windows, whose rights
    are not told by a file's mode.
    """
    if os.name != "posix":
        return None
    for path in islice(_looked_at(folder), _LOOKED_AT):
        try:
            if _open_to_others(path.stat(), inside=path.is_relative_to(folder)):
                return path
        except OSError:
            continue  # gone meanwhile
    return None


def _looked_at(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.resolve().parents
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def _open_to_others(found: os.stat_result, *, inside: bool) -> bool:
    if found.st_uid not in (0, os.geteuid()):
        return True
    if not inside and found.st_mode & stat.S_ISVTX:
        return False
    by_group = bool(found.st_mode & stat.S_IWGRP) and found.st_gid not in (0, os.getegid())
    return by_group or bool(found.st_mode & stat.S_IWOTH)
