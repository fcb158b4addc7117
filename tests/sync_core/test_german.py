from __future__ import annotations

import ast
import re
from pathlib import Path

from sync_core.german import by_number, counted, listed

ROOT = Path(__file__).parents[2]
FOLDERS = ("sync_core", "sync_gui", "sync_program", "day_task", "api_blueprints", "plugins")
FOLDERS += ("plugin_host", "contrib", "demo", "docs")
BRACKETED = re.compile(r"[a-zäöüß]\((?:e|en|n|s|er|innen|in)\)(?![\w(\[.])")


def test_one_and_many() -> None:
    assert [counted(number, "Termin", "Termine") for number in (0, 1, 2, 11)] == [
        "0 Termine",
        "1 Termin",
        "2 Termine",
        "11 Termine",
    ]
    assert by_number(1, "ist", "sind") == "ist"
    assert by_number(0, "ist", "sind") == "sind"


def test_things_stand_one_after_the_other() -> None:
    assert [listed(("A", "B", "C")[:number]) for number in range(4)] == [
        *("", "A", "A und B", "A, B und C"),
    ]


def test_nobody_has_to_read_an_ending_in_brackets() -> None:
    """Neither on the screen nor in the pages; texts in code are those that stand in quotes."""
    found = []
    for folder in FOLDERS:
        for page in (ROOT / folder).rglob("*.md"):
            found += BRACKETED.findall(page.read_text(encoding="utf-8").replace("http(s)", ""))
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    files += list(ROOT.glob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found += BRACKETED.findall(node.value.replace("http(s)", ""))
    assert found == []
    assert BRACKETED.search("2 Untersuchung(en) sind da")
