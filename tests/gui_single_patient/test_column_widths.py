"""How the columns of the table of syncs share its width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt5.QtCore import QEvent, QPoint, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication

from plugins.single_patient.panel.column_widths import ColumnWidth, fitted
from plugins.single_patient.panel.task_columns import Column
from plugins.single_patient.panel.task_table import TaskTable
from plugins.single_patient.panel.task_table_model import TaskTableModel
from tests.gui_single_patient.samples import NOW, completed, pending

FIXED, ELASTIC = ColumnWidth(40, 60), ColumnWidth(100, 200, share=1)
SOME = st.lists(
    st.builds(ColumnWidth, st.integers(1, 300), st.integers(1, 600), st.integers(0, 3)),
    min_size=1,
    max_size=9,
)


def test_with_room_everybody_has_what_it_wants_and_the_elastic_one_the_rest() -> None:
    assert fitted([FIXED, ELASTIC, FIXED], 400) == [60, 280, 60]


def test_with_little_room_the_elastic_one_gives_last() -> None:
    assert fitted([FIXED, ELASTIC, FIXED], 300) == [50, 200, 50]
    assert fitted([FIXED, ELASTIC, FIXED], 230) == [40, 150, 40]


def test_none_goes_below_its_least() -> None:
    assert fitted([FIXED, ELASTIC, FIXED], 10) == [40, 100, 40]


@given(columns=SOME, available=st.integers(0, 4000))
def test_the_sum_fits_where_it_can(columns: list[ColumnWidth], available: int) -> None:
    widths = fitted(columns, available)
    least = sum(min(column.least, column.wanted) for column in columns)
    assert sum(widths) <= max(available, least)
    for column, width in zip(columns, widths, strict=True):
        assert width >= min(column.least, column.wanted)
        assert width <= column.wanted or column.share


@pytest.fixture
def table(qtbot) -> TaskTable:
    model = TaskTableModel(names_hidden=False, now=lambda: NOW)
    model.put(completed(pending()))
    widget = TaskTable(model)
    qtbot.addWidget(widget)
    widget.resize(enough(widget), 400)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def enough(table: TaskTable) -> int:
    """A width at which every column has what it wants."""
    return table.fontMetrics().height() * 100


def widths(table: TaskTable) -> list[int]:
    return [table.view.columnWidth(column) for column in Column]


def scrolls(table: TaskTable) -> bool:
    return table.view.horizontalScrollBar().maximum() > 0


def test_the_table_fills_its_width_and_scrolls_only_where_it_is_much_too_narrow(table, qtbot):
    assert not scrolls(table)
    assert sum(widths(table)) == pytest.approx(table.view.viewport().width(), abs=2)
    wide = widths(table)
    table.resize(enough(table) * 6 // 10, 400)
    qtbot.waitUntil(lambda: widths(table) != wide and not scrolls(table))
    assert all(now <= before for now, before in zip(widths(table), wide, strict=True))
    table.resize(enough(table) // 4, 400)
    qtbot.waitUntil(lambda: scrolls(table))


def test_a_number_and_a_day_are_never_cut(table, qtbot) -> None:
    table.resize(enough(table) // 4, 400)
    qtbot.waitUntil(lambda: scrolls(table))
    for column, text in ((Column.PIZ, "999999999"), (Column.DAY, "06.10.2025")):
        assert table.view.columnWidth(column) > table.fontMetrics().horizontalAdvance(text)


def test_a_width_from_an_earlier_run_counts_and_still_everything_fits(table, qtbot) -> None:
    """As the window does it: it hands back the widths that it remembered."""
    usual = widths(table)
    table.view.horizontalHeader().resizeSection(Column.SOURCE, 400)
    qtbot.waitUntil(lambda: sum(widths(table)) <= table.view.viewport().width())
    assert table.view.columnWidth(Column.SOURCE) > usual[Column.SOURCE] * 1.5
    assert not scrolls(table)
    table.view.horizontalHeader().resizeSection(Column.SOURCE, usual[Column.SOURCE])
    qtbot.waitUntil(lambda: widths(table) == usual)


def test_the_widths_of_a_narrow_table_are_nobodys_wish(table, qtbot) -> None:
    """As *Anordnung zurücksetzen* does it: it hands back what it saw in the first moment."""
    usual = widths(table)
    table.resize(enough(table) // 4, 400)
    qtbot.waitUntil(lambda: scrolls(table))
    narrow = widths(table)
    table.resize(enough(table), 400)
    qtbot.waitUntil(lambda: widths(table) == usual)
    for column, width in zip(Column, narrow, strict=True):
        table.view.horizontalHeader().resizeSection(column, width)
    qtbot.waitUntil(lambda: widths(table) == usual)


def test_an_edge_that_is_dragged_stays_under_the_mouse(table, qtbot) -> None:
    header = table.view.horizontalHeader()
    before = table.view.columnWidth(Column.SOURCE)
    edge = header.sectionViewportPosition(Column.SOURCE) + before - 1
    bar, place = header.viewport(), QPoint(edge, header.height() // 2)
    there = place + QPoint(60, 0)
    QTest.mousePress(bar, Qt.LeftButton, Qt.NoModifier, place)
    for at in (place + QPoint(10, 0), there):  # with the button down, which QTest does not say
        move = QMouseEvent(QEvent.MouseMove, at, Qt.NoButton, Qt.LeftButton, Qt.NoModifier)
        QApplication.sendEvent(bar, move)
        qtbot.wait(20)
    assert table.view.columnWidth(Column.SOURCE) == before + 60
    QTest.mouseRelease(bar, Qt.LeftButton, Qt.NoModifier, there)
    table.resize(enough(table) * 12 // 10, 400)
    qtbot.waitUntil(lambda: not scrolls(table))
    assert table.view.columnWidth(Column.SOURCE) > before + 30
