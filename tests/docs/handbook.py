"""What the pages for staff say, and what the program's real window holds.

Names on the screen are compared without the letter for Alt, without an ellipsis, without the
number in brackets that some carry.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from PyQt5.QtWidgets import (
    QAbstractButton,
    QAction,
    QCalendarWidget,
    QLabel,
    QMenu,
    QTabWidget,
    QWidget,
)

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_IN_BRACKETS = re.compile(r"\s*\(\d+\)$")


def page(name: str) -> str:
    """A page's text."""
    return (DOCS / name).read_text(encoding="utf-8")


def bold(text: str) -> set[str]:
    """What stands in bold; a line may end within it."""
    return {" ".join(words.split()) for words in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)}


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(text: str) -> list[str]:
    """The quoted first cells of a text's tables, without their quotation marks."""
    return re.findall(r"^\| „(.+?)“ \| ", text, re.MULTILINE)


def plain(text: str) -> str:
    """A name on the screen as the pages write it."""
    bare = text.replace("&&", "\0").replace("&", "").replace("\0", "&")
    return _IN_BRACKETS.sub("", bare.rstrip(" …"))


def names_in(root: QWidget) -> set[str]:
    """What can be read in a window: buttons, labels, tabs, menus, and names of fields."""
    return {plain(text) for text in _texts(root) if text}


def buttons_in(root: QWidget) -> set[str]:
    """The words on the buttons, those included that are hidden at the moment."""
    return {plain(one.text()) for one in root.findChildren(QAbstractButton) if _is_ours(one)}


def _is_ours(button: QAbstractButton) -> bool:
    """Not one that Qt puts into a calendar."""
    parent = button.parentWidget()
    while parent is not None:
        if isinstance(parent, QCalendarWidget):
            return False
        parent = parent.parentWidget()
    return bool(button.text())


def _texts(root: QWidget) -> Iterator[str]:
    for widget in root.findChildren(QWidget):
        yield widget.accessibleName()
        if isinstance(widget, (QAbstractButton, QLabel)):
            yield widget.text()
        elif isinstance(widget, QTabWidget):
            yield from (widget.tabText(number) for number in range(widget.count()))
        elif isinstance(widget, QMenu):
            yield widget.title()
    yield from (action.text() for action in root.findChildren(QAction))


def texts_of_the_program() -> str:
    """Every text that stands in the source; ``…`` for what is filled in when it is shown."""
    found = []
    for folder in ("sync_core", "sync_gui", "sync_program", "plugins", "day_task", "."):
        files = (ROOT / folder).glob("*.py" if folder == "." else "**/*.py")
        for file in files:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    found.append("".join(map(_part, node.values)))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return "\n".join(found)


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "…"
