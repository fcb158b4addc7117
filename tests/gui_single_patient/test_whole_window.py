"""The panel in the real window of the demo, as large and with a font as on a usual screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt5.QtCore import QSize
from PyQt5.QtWidgets import QLineEdit, QPushButton, QTableView, QTableWidget, QTabWidget

from plugins.single_patient.panel.result_texts import MASK
from screenshots.stage import Stage, opened_stage
from tests.usual_screen import usual_screen

USUAL = QSize(1360, 860)
COLUMNS = ["Zeit", "PIZ", "Patient", "Tag", "Art", "Fortschritt", "Ergebnis", "Quelle", "Dauer"]


@pytest.fixture(scope="module")
def stage(qapp, tmp_path_factory) -> Iterator[Stage]:
    with usual_screen(qapp), opened_stage(qapp, tmp_path_factory.mktemp("demo")) as opened:
        for piz in ("1300008", "1300003", "1300005"):
            opened.sync_to_the_end(piz)
        yield opened


def preview(stage: Stage, piz: str) -> None:
    tasks = stage.running.program.tasks
    ended = len(tasks.ended())
    stage.find(QLineEdit, "PIZ").setText(piz)
    stage.find(QPushButton, "Vorschau").click()
    stage.wait(lambda: len(tasks.ended()) == ended + 1, "the preview")
    stage.settle()


def values(stage: Stage, table: str) -> dict[str, str]:
    """What stands after, by field."""
    shown = stage.find(QTableWidget, table)
    cells = [[shown.item(row, column) for column in (0, 2)] for row in range(shown.rowCount())]
    return {name.text(): value.text() for name, value in cells}


def test_all_columns_are_seen_without_scrolling(stage) -> None:
    stage.window.resize(USUAL)
    stage.settle()
    assert stage.window.size() == USUAL
    view = stage.find(QTableView, "Abgleiche einzelner Patienten")
    model = view.model()
    assert [model.headerData(column, 1) for column in range(model.columnCount())] == COLUMNS
    assert view.horizontalScrollBar().maximum() == 0
    ends = [view.columnViewportPosition(n) + view.columnWidth(n) for n in range(len(COLUMNS))]
    assert max(ends) <= view.viewport().width()
    assert min(view.columnWidth(n) for n in range(len(COLUMNS))) > 0


def test_preview_and_details_name_what_the_keys_mean(stage) -> None:
    preview(stage, "1234567")
    expected = {
        "Patient": "Mustermann, Max (815)",
        "Untersuchungsart": "Herzkatheteruntersuchung (1)",
        "Herzkatheterlabor": "Labor 3 (3)",
        "Untersucher": "Prof. Dr. Jörg Weißhaupt (2)",
    }
    shown = values(stage, "Was geschrieben wird, Feld für Feld")
    assert {name: shown[name] for name in expected} == expected
    stage.choose_row("Abgleiche einzelner Patienten", "1234567")
    tabs = next(
        one
        for one in stage.window.findChildren(QTabWidget)
        if one.isVisible() and one.tabText(0) == "Überblick"
    )
    tabs.setCurrentIndex(1)
    stage.settle(0.1)
    assert values(stage, "Änderungen, Feld für Feld") == shown
    stage.action("Namen verbergen").trigger()
    stage.settle(0.1)
    masked = {**shown, "Patient": f"{MASK} (815)"}
    assert values(stage, "Was geschrieben wird, Feld für Feld") == masked
    assert values(stage, "Änderungen, Feld für Feld") == masked
    stage.action("Namen verbergen").trigger()
    stage.settle(0.1)


def test_values_before_and_after_share_the_room(stage) -> None:
    """A long name before leaves room for one after."""
    preview(stage, "1300002")
    table = stage.find(QTableWidget, "Was geschrieben wird, Feld für Feld")
    texts = [table.item(1, column).text() for column in range(3)]
    assert texts == ["Untersucher", "Prof. Dr. Jörg Weißhaupt (2)", "Dr. Mária Szőke-Brandt (12)"]
    assert table.horizontalScrollBar().maximum() == 0
    assert table.columnWidth(2) >= table.columnWidth(1) - 1


def test_a_preview_that_failed_before_ones_eyes_is_not_unread(stage) -> None:
    tabs = next(
        one
        for one in stage.window.findChildren(QTabWidget)
        if one.isVisible() and one.tabText(0) == "Abgleiche"
    )
    before = tabs.tabText(1)
    preview(stage, "1300008")
    assert tabs.tabText(1) == before == "Fehlerliste (1)"
