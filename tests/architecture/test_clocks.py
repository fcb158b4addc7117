"""No test asks for a quickness that a busy machine cannot promise (``tests/clock.py``)."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

from tests.clock import AT_ONCE

ROOT = Path(__file__).parents[2]
FOLDERS = ("tests", "contrib", "plugin_template")
CLOCKS = ("monotonic()", "perf_counter()")


def narrow_bounds_in(source: str) -> list[int]:
    """The lines that claim a clock's difference to be below a plain number under ``AT_ONCE``."""
    found = []
    for claim in ast.walk(ast.parse(source)):
        if isinstance(claim, ast.Assert):
            compared = [node for node in ast.walk(claim) if isinstance(node, ast.Compare)]
            found += [node.lineno for node in compared if _is_narrow_bound(node)]
    return found


def _is_narrow_bound(node: ast.Compare) -> bool:
    sides = pairwise([node.left, *node.comparators])
    return any(
        isinstance(operator, (ast.Lt, ast.LtE)) and _is_clock(left) and _is_narrow(right)
        for (left, right), operator in zip(sides, node.ops, strict=True)
    )


def _is_clock(side: ast.expr) -> bool:
    return isinstance(side, ast.BinOp) and any(clock in ast.unparse(side) for clock in CLOCKS)


def _is_narrow(side: ast.expr) -> bool:
    return (
        isinstance(side, ast.Constant)
        and isinstance(side.value, (int, float))
        and side.value < AT_ONCE
    )


def test_no_upper_bound_is_narrow() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 200
    found = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := narrow_bounds_in(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_such_a_bound_would_be_seen() -> None:
    assert narrow_bounds_in("assert time.monotonic() - begin < 0.5") == [1]
    assert narrow_bounds_in("x = 1\nassert 0.3 <= perf_counter() - begin <= 2") == [2]
    assert narrow_bounds_in("assert 0.3 <= time.monotonic() - begin") == []
    assert narrow_bounds_in("assert time.monotonic() - begin < AT_ONCE") == []
    assert narrow_bounds_in("while time.monotonic() - begin < 2: pass") == []
