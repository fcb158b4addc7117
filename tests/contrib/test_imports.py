"""The two plugins know of the program what any stranger's plugin may know: the contract."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.test_imports import TABLE, imports_of

CONTRIB = Path(__file__).parents[2] / "contrib"
OURS = {name.partition(".")[0] for name in TABLE}
ALLOWED = {
    "auto_sync": {"auto_sync_plugin", "hookspecs", "marshmallow", "PyQt5"},
    "notify": {"notify_plugin", "hookspecs", "marshmallow"},
}
MODULES = sorted(CONTRIB.glob("*/*_plugin/*.py"))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: f"{file.parent.name}.{file.stem}")
def test_a_module_imports_the_contract_and_nothing_else_of_ours(file: Path) -> None:
    distribution = file.parents[1].name
    for one in imports_of(f"{file.parent.name}.{file.stem}", file.read_text("utf-8")):
        top = one.name.partition(".")[0]
        if top == "PyQt5":
            assert one.types_only or file.stem == "panel", f"line {one.line}: Qt"
        assert top in sys.stdlib_module_names or top in ALLOWED[distribution], one
        assert top == "hookspecs" or top not in OURS, one


def test_the_walk_is_over_something() -> None:
    assert len(MODULES) > 15
    assert {"hookspecs", "sync_core", "calldoc_interface"} <= OURS


@pytest.mark.parametrize("name", ALLOWED)
def test_the_contract_number_and_the_licence(name: str) -> None:
    source = (CONTRIB / name / f"{name}_plugin" / "plugin.py").read_text("utf-8")
    numbers = [
        node.value.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "sync_gui_contract"
        and isinstance(node.value, ast.Constant)
    ]
    assert numbers == [1]
    assert 'license = "GPL-3.0-or-later"' in (CONTRIB / name / "pyproject.toml").read_text("utf-8")
