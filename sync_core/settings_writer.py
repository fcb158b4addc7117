"""Changed settings written into the settings file: completely or not at all.

What stood in the file before is kept beside it as ``sync_gui.toml.bak``.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync_core.errors import SettingsError
from sync_core.settings_edit import edited_text
from sync_core.settings_sources import from_file
from sync_core.toml_text import TomlError, parse_toml

BACKUP_ENDING = ".bak"
_MARK = b"\xef\xbb\xbf"
_OWNER_ONLY = 0o600


class SettingsFileChangedError(SettingsError):
    """Somebody else changed the file since it was read; nothing was written."""


class SettingsFileNotWritableError(SettingsError):
    """The file or its folder cannot be written; the file is as it was."""


@dataclass(frozen=True)
class SettingsFile:
    """A settings file as it was when read. ``content`` is ``None`` when there was none."""

    path: Path
    content: bytes | None

    @property
    def text(self) -> str:
        """The file's text, without a Windows editor's mark. Raises ``SettingsError``."""
        try:
            return (self.content or b"").decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SettingsError(f"{self.path}: is not text in UTF-8") from None

    def document(self) -> dict[str, Any]:
        """The tables and values as they stand there. Raises ``SettingsError``."""
        try:
            return parse_toml(self.text)
        except TomlError as error:
            raise SettingsError(f"{self.path}, line {error.line}: is not TOML: {error}") from None


def read_settings_file(path: Path) -> SettingsFile:
    """The file as it is now, which need not exist. Raises ``SettingsError``."""
    try:
        return SettingsFile(path, path.read_bytes())
    except FileNotFoundError:
        return SettingsFile(path, None)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from None


def change_settings(
    path: Path, changes: Mapping[str, Any], *, seen: SettingsFile | None = None
) -> None:
    """Change settings in the file ``path``, which is made if need be (its folder too).

    ``changes`` maps full names (``api.port``, ``plugins.disabled``, ``plugins.NAME.KEY``) to
    values as the settings hold them or as TOML has them; ``None`` takes a setting out, so that
    its default holds. ``seen`` is the file as the caller knew it when it decided on the changes.
    They are in force from the next start of the program.

    Raises ``SettingsFileChangedError`` when the file is no longer as ``seen``,
    ``SettingsFileNotWritableError``, and ``SettingsError`` for anything that the program would
    not start with, whether it is among the changes or stood in the file before. A raise leaves
    the file as it was.
    """
    known = seen if seen is not None else read_settings_file(path)
    text = edited_text(known.text, changes)
    mark = _MARK if (known.content or b"").startswith(_MARK) else b""
    target = path.resolve()  # what a link leads to is replaced, not the link
    try:
        _write(target, known, mark + text.encode("utf-8"))
    except OSError as error:
        raise SettingsFileNotWritableError(
            f"{path}: cannot be written ({error.strerror or type(error).__name__})"
        ) from error


def _write(target: Path, known: SettingsFile, content: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _OWNER_ONLY
    with contextlib.ExitStack() as undo:
        fresh = _temporary(target, content, mode, undo)
        _check(fresh, target)
        before = None if known.content is None else _temporary(target, known.content, mode, undo)
        if read_settings_file(target).content != known.content:
            raise SettingsFileChangedError(f"{known.path}: was changed by somebody else meanwhile")
        if before is not None:
            before.replace(target.with_name(target.name + BACKUP_ENDING))
        fresh.replace(target)


def _temporary(target: Path, content: bytes, mode: int, undo: contextlib.ExitStack) -> Path:
    """A file beside ``target`` with this content, safely on the disk; ``undo`` removes it."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    path = Path(name)
    undo.callback(path.unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)
    return path


def _check(fresh: Path, target: Path) -> None:
    try:
        from_file(fresh)
    except SettingsError as error:
        raise SettingsError(str(error).replace(str(fresh), str(target))) from None
