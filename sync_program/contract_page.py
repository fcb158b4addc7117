"""Writes ``docs/plugins/reference.md`` from the contract's own text, so that it says nothing else.

``python -m sync_program.contract_page docs/plugins``. What each hook and class is stands in
:mod:`hookspecs`; only what :class:`HostContext` says in one breath is told here member by member.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import hookspecs
from calldoc_interface import CallDocInterface
from sync_core import errors, listed_appointments, run_control, task_model
from sync_core.appointments import Appointment, Person

PAGE = "reference.md"

_INTRODUCTION = f"""\
# Reference

<!-- Written by `python3 dev.py docs`; change hookspecs.py instead. -->

The contract between the program and its plugins, version {hookspecs.CONTRACT_VERSION}, as
[`hookspecs.py`](../../hookspecs.py) has it. `from hookspecs import …` takes the mark `hookimpl`
and the classes that a plugin makes values of; the types further below can be imported from there
for annotations only (`if TYPE_CHECKING:`).
"""

_MEMBERS_INTRODUCTION = """\
Most hooks are called with a `context`. Keep it; all of it stays valid until `sync_gui_stop`
returned.
"""

_TYPES_INTRODUCTION = """\
What the members above take and return. The makers of orders, outcomes and so on are in
`context.shapes`; nothing of this is imported at run time.
"""

ANY = "any"
GUI = "any; receivers are called on the GUI thread"
REQUEST = "that of a request being answered; `blueprint` and `refusal` any"

MEMBERS: MappingProxyType[str, tuple[str, str, str]] = MappingProxyType(
    {
        "settings": (ANY, "The program's settings: `context.settings.mapping` …", "none"),
        "plugin_settings": (
            ANY,
            "The plugin's own, loaded by its schema, defaults included.",
            "`KeyError` for what the schema lacks",
        ),
        "tasks": (
            ANY,
            "Starts and follows tasks of any kind; see `TaskService`. A start waits for the disk, "
            "so a panel calls it in the background.",
            "see each method",
        ),
        "calldoc": (
            "any but the GUI thread: it waits for the network",
            "`calldoc(from_date, to_date, control=…, **filters)` makes a `CallDocInterface`; give "
            "it `control` of the task, or one that `shapes.control` made.",
            "its methods raise `errors.task_error`; `errors.refusal` when no address is configured",
        ),
        "logger": (ANY, "The plugin's own, `sync_gui.plugin.NAME`.", "none"),
        "versions": (ANY, "Of the program and of the contract.", "none"),
        "bridge": (GUI, "The way to the window and back; see `Bridge`.", "see each method"),
        "names": (
            ANY,
            "`names.hidden`: whether patients' names must not be shown now. A change comes over "
            "the bridge as `names_hidden`.",
            "none",
        ),
        "api": (REQUEST, "What blueprints are made of; see `ApiBase`.", "see each method"),
        "api_url": (
            ANY,
            "`api_url()` tells where the HTTP API is now; ask each time, it can be restarted.",
            "none; while the API is closed it says where it would be, or nothing",
        ),
        "source": (ANY, "Who starts a task that the plugin starts of its own accord.", "none"),
        "window": (ANY, "Who starts a task that a person asked for in a panel.", "none"),
        "own_folder": (
            ANY,
            "`own_folder()` makes, if need be, and tells the folder for what the plugin wants to "
            "remember; only the program's user can read it.",
            "`OSError` when it cannot be made",
        ),
        "errors": (ANY, "The program's exceptions, for catching; see `ErrorTypes`.", "none"),
        "shapes": (
            ANY,
            "The program's classes, for making the values of a task kind; see `TaskShapes`.",
            "`shapes.failure` raises `KeyError` for a code that the API's list lacks",
        ),
        "demo": (ANY, "Whether everything foreign is simulated.", "none"),
        "check_only": (
            ANY,
            "Whether the program was started to look and not to work (`--check`): then start "
            "nothing of your own accord.",
            "none",
        ),
    }
)
"""Every member of ``HostContext``: from which threads, what it is, how it fails."""

TYPES = (
    task_model.TaskView,
    task_model.TaskStatus,
    task_model.Progress,
    task_model.TaskWarning,
    task_model.TaskSource,
    task_model.TaskPage,
    task_model.TaskOrder,
    task_model.DayLock,
    task_model.Writing,
    task_model.TaskOutcome,
    task_model.TaskContext,
    task_model.Resolution,
    run_control.RunControl,
    run_control.StopReason,
    errors.Refusal,
    errors.TaskError,
    CallDocInterface,
    listed_appointments.ListedAppointments,
    Appointment,
    Person,
)
"""The program's own types that plugins meet."""


def page() -> str:
    """The page's text. Raises ``KeyError`` for a member of ``HostContext`` that nobody told of."""
    return "\n".join(
        [
            _INTRODUCTION,
            "## Hooks\n",
            *_hooks(),
            f"## `HostContext`\n\n{_MEMBERS_INTRODUCTION}",
            *_members(),
            "## Classes of the contract\n",
            *_classes(),
            f"## Types of the program\n\n{_TYPES_INTRODUCTION}",
            *(_class(_parsed(one)) for one in TYPES),
        ]
    )


def _hooks() -> Iterator[str]:
    for node in _module().body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(hookspecs.PROJECT):
            first, _, rest = _doc(node).partition("\n\n")
            points = re.sub(
                r"^(Called|Returns|Raises|Example of use): ", r"- **\1:** ", rest, flags=re.M
            )
            points = re.sub(r"\n(?!- )", "\n  ", points)
            yield f"### `{_signature(node)}`\n\n{first}\n\n{points}\n"


def _members() -> Iterator[str]:
    yield "| member | threads | what it is | how it fails |\n|---|---|---|---|"
    for field in _fields(_parsed(hookspecs.HostContext)):
        name = field.partition(":")[0]
        threads, what, failure = MEMBERS[name]
        yield f"| `{_in_table(field)}` | {threads} | {what} | {failure} |"
    yield ""


def _classes() -> Iterator[str]:
    for node in _module().body:
        if isinstance(node, ast.ClassDef) and node.name != hookspecs.HostContext.__name__:
            yield _class(node)


def _class(node: ast.ClassDef) -> str:
    parts = [f"### `{node.name}`\n", _doc(node), ""]
    fields = list(_fields(node))
    if fields:
        parts += ["```python", *fields, "```", ""]
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            text = _doc(method).replace("\n", "\n  ").replace("\n  \n", "\n\n")
            parts.append(f"- `{_signature(method)}`\n\n  {text}\n")
    return "\n".join(parts)


def _fields(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, (ast.AnnAssign, ast.Assign)):
            yield ast.unparse(item).replace("'", '"')  # as the formatter of our pages wants it


def _signature(node: ast.FunctionDef) -> str:
    arguments = ast.unparse(node.args)
    arguments = re.sub(r"^self(, )?", "", arguments)
    returns = ast.unparse(node.returns) if node.returns is not None else "Any"
    if any(ast.unparse(mark) == "property" for mark in node.decorator_list):
        return f"{node.name}: {returns}"
    return f"{node.name}({arguments}) -> {returns}"


def _doc(node: ast.FunctionDef | ast.ClassDef) -> str:
    text = ast.get_docstring(node) or ""
    text = re.sub(r":\w+:`(?:hookspecs\.)?([^`]+)`", r"`\1`", text)
    return text.replace("``", "`")


def _in_table(text: str) -> str:
    return text.replace("|", "\\|")


def _module() -> ast.Module:
    return ast.parse(inspect.getsource(hookspecs))


def _parsed(one: type) -> ast.ClassDef:
    node = ast.parse(inspect.getsource(one)).body[0]
    assert isinstance(node, ast.ClassDef)  # noqa: S101 - the source of a class is a class
    return node


if __name__ == "__main__":
    (Path(sys.argv[1]) / PAGE).write_text(page(), encoding="utf-8", newline="\n")
