"""The threat model names a test for each threat, and each test is somebody's threat."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "security.md"


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if "test_" in row[-1]]


def names_in_the_folder() -> list[str]:
    found = []
    for file in HERE.glob("test_*.py"):
        if file != Path(__file__):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    found.append(f"{file.stem.removeprefix('test_')}: {node.name}")
    return found


def test_every_line_names_one_test_and_every_test_has_its_line() -> None:
    named = [row[-1].replace("`", "") for row in rows()]
    assert all(re.fullmatch(r"\w+: test_\w+", name) for name in named)
    assert sorted(named) == sorted(names_in_the_folder())


def test_every_line_says_who_what_and_what_stops_them() -> None:
    for row in rows():
        assert len(row) == 4
        assert all(row), row
