"""What lies in a one-file program, read from the file itself: PyInstaller's two archives."""

from __future__ import annotations

import marshal
import struct
import zlib
from pathlib import Path

_COOKIE = struct.Struct("!8sIIII64s")
_MAGIC = b"MEI\014\013\012\013\016"
_ENTRY = struct.Struct("!IIIIBc")
_MODULES = "PYZ.pyz"


class Contents:
    """The files and the modules in the program ``exe``.

    ``files`` are the names of what is unpacked, with slashes; ``modules`` those of the Python
    modules that are imported without being unpacked.
    """

    def __init__(self, exe: Path) -> None:
        self._program = exe.read_bytes()
        cookie = self._program.rfind(_MAGIC)
        assert cookie >= 0, f"{exe} carries nothing"
        _, length, toc, toc_length, _, _ = _COOKIE.unpack_from(self._program, cookie)
        self._begin = cookie + _COOKIE.size - length
        self._entries = dict(self._read(self._begin + toc, toc_length))
        self.modules = self._read_modules()
        self.files = set(self._entries) - {_MODULES}

    def read(self, name: str) -> bytes:
        """The contents of one file."""
        offset, length, compressed = self._entries[name]
        data = self._program[self._begin + offset :][:length]
        return zlib.decompress(data) if compressed else data

    def _read(self, place: int, length: int) -> list[tuple[str, tuple[int, int, bool]]]:
        found, end = [], place + length
        while place < end:
            size, offset, data_length, _, compressed, _ = _ENTRY.unpack_from(self._program, place)
            name = self._program[place + _ENTRY.size : place + size].rstrip(b"\0").decode()
            found.append((name.replace("\\", "/"), (offset, data_length, compressed == 1)))
            place += size
        return found

    def _read_modules(self) -> set[str]:
        packed = self.read(_MODULES)
        assert packed[:4] == b"PYZ\0"
        (place,) = struct.unpack_from("!I", packed, 8)
        return {name for name, _ in marshal.loads(packed[place:])}
