"""The plugins' pages: nothing of the contract is missing, nothing stale, no link leads nowhere."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import textwrap
from pathlib import Path

import pluggy
import pytest

import hookspecs
from sync_program.contract_page import MEMBERS, TYPES
from sync_program.contract_page import page as reference
from tests.docs.author import page
from tests.end_to_end.program import ROOT

FOLDER = ROOT / "docs" / "plugins"
PAGES = sorted(FOLDER.glob("*.md"))
REFERENCE = page("reference.md")
HOOKS = {
    name: thing
    for name, thing in vars(hookspecs).items()
    if hasattr(thing, f"{hookspecs.PROJECT}_spec")
}
CLASSES = {
    name: thing
    for name, thing in vars(hookspecs).items()
    if inspect.isclass(thing) and thing.__module__ == "hookspecs"
}


def told_signature(function) -> str:
    signature = inspect.signature(function)
    if "self" in signature.parameters:
        rest = [one for name, one in signature.parameters.items() if name != "self"]
        signature = signature.replace(parameters=rest)
    # Annotations are kept as texts, which inspect shows between quotation marks.
    return re.sub(r"'([^']*)'", r"\1", f"{function.__name__}{signature}")


def plain(text: str) -> str:
    return text.replace('"', "'").replace(" = ", "=").replace("'", "")


# --- reference.md ----------------------------------------------------------------------------


def test_the_reference_is_what_the_contract_says() -> None:
    assert reference() == REFERENCE, "run: dev.py docs"


def test_every_hook_is_known() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    assert {name for name in vars(manager.hook) if not name.startswith("_")} == set(HOOKS)
    assert set(re.findall(r"^### `(sync_gui_\w+)\(", REFERENCE, re.MULTILINE)) == set(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_told_whole(name: str) -> None:
    heading = f"### `{told_signature(HOOKS[name])}`"
    section = REFERENCE[REFERENCE.index(heading) :].split("\n### ")[0]
    for word in ("Called", "Returns", "Raises", "Example of use"):
        assert section.count(f"- **{word}:** ") == 1


def test_every_member_of_the_context_is_told() -> None:
    fields = {one.name: one for one in dataclasses.fields(hookspecs.HostContext)}
    assert set(MEMBERS) == set(fields)
    rows = dict(re.findall(r"^\| `(\w+): (.*?)` \| \S", REFERENCE, re.MULTILINE))
    for name, field in fields.items():
        default = "" if field.default is dataclasses.MISSING else f" = {field.default}"
        assert rows.pop(name) == f"{field.type}{default}"
    assert rows == {}


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "HostContext"])
def test_a_class_of_the_contract_is_told_whole(name: str) -> None:
    section = re.split(r"^##+ ", REFERENCE.split(f"### `{name}`\n")[1], flags=re.MULTILINE)[0]
    thing = CLASSES[name]
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            told = str(field.type).replace("'", '"')
            assert f"\n{field.name}: {told}" in section
    methods = [item for item in vars(thing).items() if not item[0].startswith("_")]
    for method, function in methods:
        if inspect.isfunction(function):
            assert plain(f"- `{told_signature(function)}`") in plain(section)
        elif isinstance(function, property):
            assert f"- `{method}: " in section


def test_what_can_be_imported_for_annotations_is_told() -> None:
    tree = ast.parse(Path(hookspecs.__file__).read_text(encoding="utf-8"))
    handed_on = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    told = {one.__name__ for one in TYPES}
    # A function's type has no fields to tell of, and blueprints are flask-smorest's.
    assert handed_on - told == {"Resolve", "StrictBlueprint", "Settings", "TaskListener"}
    assert told - handed_on == {"Person", "Progress"}  # parts of others


# --- testing.md --------------------------------------------------------------------------------


def test_every_fixture_is_told() -> None:
    source = (ROOT / "sync_gui_testing" / "plugin.py").read_text(encoding="utf-8")
    fixtures = set(re.findall(r"@pytest\.fixture\ndef (\w+)\(", source))
    assert fixtures == set(re.findall(r"^## `(\w+)`$", page("testing.md"), re.MULTILINE))
    assert fixtures == {"sync_host", "sync_window", "sync_systems"}


@pytest.mark.parametrize(
    ("heading", "module", "name"),
    [
        ("of a `SyncHost`", "sync_gui_testing.host", "SyncHost"),
        ("of a `SyncWindow`", "sync_gui_testing.window", "SyncWindow"),
        ("of `sync_systems`", "sync_gui_testing.systems", "SimulatedSystems"),
    ],
)
def test_everything_of_a_fixture_is_told(heading: str, module: str, name: str) -> None:
    table = page("testing.md").split(f"| {heading} |")[1].split("\n\n")[0]
    told = {
        word
        for row in table.splitlines()[2:]
        for word in re.findall(r"`(\w+)(?:\(|`)", row.split(" | ")[0])
    }
    thing = getattr(importlib.import_module(module), name)
    # The base's own table is above; what both have is told there.
    base = set(vars(thing.__mro__[1])) if name == "SyncWindow" else set()
    public = {key for key in vars(thing) if not key.startswith("_")} - base
    source = textwrap.dedent(inspect.getsource(thing.__init__))
    public |= set(re.findall(r"self\.([a-z]\w*)(?:: [^=]+)? = ", source))
    assert told == public


# --- all pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (FOLDER / target).exists(), target


def test_every_page_is_in_the_index() -> None:
    index = page("README.md")
    for file in PAGES:
        assert file.name == "README.md" or f"]({file.name})" in index
    assert "docs/plugins/README.md" in (ROOT / "README.md").read_text(encoding="utf-8")
