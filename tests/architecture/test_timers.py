"""A timer calls a method of what it belongs to, never a lambda.

Qt forgets a method of an object that it has deleted; a lambda it calls all the same, and what that
reaches for may be gone by then.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("sync_gui", "sync_program", "plugins", "contrib")


def lambdas_in(source: str) -> list[int]:
    """The lines in which a timer is given a lambda."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        called = ast.unparse(node.func)
        timed = called.endswith((".timeout.connect", ".singleShot"))
        if timed and any(isinstance(argument, ast.Lambda) for argument in node.args):
            found.append(node.lineno)
    return found


def test_no_timer_calls_a_lambda() -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    found = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := lambdas_in(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_such_a_lambda_would_be_seen() -> None:
    assert lambdas_in("self._timer.timeout.connect(lambda: x.hide())") == [1]
    assert lambdas_in("a = 1\nQTimer.singleShot(0, lambda: None)") == [2]
    assert lambdas_in("timer.timeout.connect(self._look)\nb.clicked.connect(lambda: 1)") == []
