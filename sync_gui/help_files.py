"""Reads the pages of the help with their pictures from the folder that is carried along."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PyQt5.QtGui import QImage

from sync_gui.help_pages import PAGES, pictures_of, without_pictures

LOGGER = logging.getLogger("sync_gui.help")
_HERE = Path(__file__).parent
_INSTALLED = _HERE / "help"
_SOURCE = _HERE.parent / "docs"


@dataclass(frozen=True)
class HelpPage:
    """``text`` is Markdown. ``pictures`` has all that it shows, by the names it gives them."""

    name: str
    title: str
    text: str
    pictures: Mapping[str, QImage]


Book = Mapping[str, HelpPage]
"""The pages by their names, in the order in which they are offered; none is ever left out."""


def carried_folder() -> Path:
    """Where the pages are: inside the package once installed, else the source's documentation."""
    return _INSTALLED if _INSTALLED.is_dir() else _SOURCE


def read_book(folder: Path) -> Book:
    """All pages with their pictures. Reads files: call it on a worker thread.

    What is missing or damaged is logged; words that say so stand in its place.
    """
    return {name: _page(folder, name, title) for name, title in PAGES.items()}


def _page(folder: Path, name: str, title: str) -> HelpPage:
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        LOGGER.warning("the help page %s cannot be read: %s", name, error)
        return HelpPage(name, title, _sentence(title), {})
    tried = {picture: _picture(folder, picture) for picture in pictures_of(text)}
    found = {picture: image for picture, image in tried.items() if image is not None}
    return HelpPage(name, title, without_pictures(text, tried.keys() - found), found)


def _picture(folder: Path, name: str) -> QImage | None:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        LOGGER.warning("the help picture %s lies outside the help", name)
        return None
    try:
        image = QImage.fromData((folder / name).read_bytes())
    except OSError as error:
        LOGGER.warning("the help picture %s cannot be read: %s", name, error)
        return None
    if image.isNull():
        LOGGER.warning("the help picture %s is damaged", name)
        return None
    return image


def _sentence(title: str) -> str:
    return (
        f"# {title}\n\nDiese Seite der Hilfe fehlt oder ist beschädigt. Bitte verständigen Sie die "
        "IT: Das Programm muss neu installiert werden. Alles andere arbeitet weiter.\n"
    )
