"""What the pages for staff say, and what the program's real window holds.

Names on the screen are compared without the letter for Alt, without an ellipsis, without the
number in brackets that some carry.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
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
    for tree in _modules():
        for node in ast.walk(tree):
            if (
                isinstance(node, (ast.JoinedStr, ast.Constant))
                and (text := _text(node)) is not None
            ):
                found.append(text)
    return "\n".join(found)


def warnings_of_the_program() -> dict[str, set[str]]:
    """The words of every warning that a task may carry, by its code as it stands in the source;
    ``…`` as above. A code without words is of a warning whose words stand somewhere else."""
    found: dict[str, set[str]] = {}
    for tree in _modules():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        constants = [node for node in tree.body if isinstance(node, ast.Assign)]
        for code, words in _warnings_in([*functions, *constants]):
            found.setdefault(code, set()).update(words)
    return found


def _warnings_in(scopes: Sequence[ast.stmt]) -> Iterator[tuple[str, set[str]]]:
    for scope in scopes:
        inside = list(ast.walk(scope))
        named: dict[str, list[ast.expr]] = {}
        for node in inside:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).append(node.value)
        for node in inside:
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TaskWarning"):
                continue
            if len(node.args) != 2 or isinstance(node.args[1], ast.Subscript):
                continue  # one that is read back from the journal
            code, words = node.args
            values = named.get(words.id, []) if isinstance(words, ast.Name) else [words]
            texts = {text for value in values if (text := _text(value)) is not None}
            yield _text(code) or ast.unparse(code), texts


def _modules() -> Iterator[ast.Module]:
    for folder in ("sync_core", "sync_gui", "sync_program", "plugins", "day_task", "."):
        for file in (ROOT / folder).glob("*.py" if folder == "." else "**/*.py"):
            yield ast.parse(file.read_text(encoding="utf-8"))


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_part, node.values))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    call = node.value if isinstance(node, ast.FormattedValue) else node
    name = getattr(call.func, "id", "") if isinstance(call, ast.Call) else ""
    if isinstance(call, ast.Call) and name in ("counted", "by_number"):
        many = _text(call.args[2]) or "…"  # the pages tell of more than one
        return f"… {many}" if name == "counted" else many
    return "…"
