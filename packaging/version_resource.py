"""The version information that Windows shows in a program's properties."""

from __future__ import annotations

import re
from collections.abc import Mapping

_GERMAN_UNICODE = "040704B0"
_GERMAN, _UNICODE = 0x0407, 1200


def version_numbers(version: str) -> tuple[int, int, int, int]:
    """Windows' four numbers for a version such as ``1.2.3``; what is no number ends it."""
    numbers = []
    for part in version.split("."):
        found = re.match(r"\d+", part)
        if found is None:
            break
        numbers.append(min(int(found.group()), 0xFFFF))
        if found.group() != part:
            break
    first, second, third, fourth = (*numbers, 0, 0, 0, 0)[:4]
    return first, second, third, fourth


def version_texts(version: str) -> Mapping[str, str]:
    """The fields of the properties' page *Details*."""
    return {
        "CompanyName": "Sync GUI",
        "FileDescription": "Sync GUI: Termine aus CallDoc in das Register SQLHK",
        "FileVersion": version,
        "InternalName": "sync_gui_qt",
        "LegalCopyright": "GNU General Public License, Version 3 oder neuer",
        "OriginalFilename": "sync_gui_qt.exe",
        "ProductName": "Sync GUI",
        "ProductVersion": version,
    }


def version_file(version: str) -> str:
    """What PyInstaller's option ``version`` reads."""
    numbers = version_numbers(version)
    texts = ",\n        ".join(
        f"StringStruct({name!r}, {text!r})" for name, text in version_texts(version).items()
    )
    return f"""VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}),
  kids=[
    StringFileInfo([
      StringTable({_GERMAN_UNICODE!r}, [
        {texts},
      ]),
    ]),
    VarFileInfo([VarStruct('Translation', [{_GERMAN}, {_UNICODE}])]),
  ],
)
"""
