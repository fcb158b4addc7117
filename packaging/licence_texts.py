"""The licences of everything that the program is made of, as one text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

from debian import Package, copyright_text
from shipped import stated

LICENCES = Path(__file__).parent / "licences"

_FILE = re.compile(r"(^|/)(licen[cs]es?|copying|notice|authors)[^/]*$", re.IGNORECASE)
_RULE = "=" * 78

_HEAD = """\
Sync GUI is free software under the GNU General Public License, version 3 or later; its text is in
the file LICENSE, its source in the archive beside the program. The program contains the parts
below, each under its own licence.
"""


def third_party_licences(parts: Iterable[Distribution], packages: Iterable[Package] = ()) -> str:
    """Every distribution's licence, as it brings it, then those of Python and what it links to.

    ``packages`` are the Debian packages whose libraries were taken in; theirs come last.
    """
    chapters = [_HEAD]
    for part in parts:
        texts = licence_files(part) or [f"Licence: {stated(part, 'License') or 'see above'}"]
        chapters.append(_chapter(f"{part.metadata['Name']} {part.version}", *texts))
    for file in sorted(LICENCES.glob("*.txt")):
        chapters.append(_chapter(file.stem, file.read_text(encoding="utf-8")))
    for package in sorted(packages, key=lambda package: package.name):
        text = copyright_text(package)
        if text is not None:
            chapters.append(_chapter(f"{package.name} {package.version} (Debian)", text))
    return "\n\n".join(chapters)


def licence_files(part: Distribution) -> list[str]:
    """The licence texts in a distribution's metadata."""
    texts = []
    for file in part.files or ():
        if ".dist-info" in file.as_posix() and _FILE.search(file.as_posix()):
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
            texts.append(text.strip())
    return texts


def _chapter(title: str, *texts: str) -> str:
    return "\n".join([_RULE, title, _RULE, "", *texts])
