"""Nothing in the real window moves because of a message, at any size; and the message is seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from PyQt5.QtCore import QPoint, QRect, QSize, QTimer
from PyQt5.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from screenshots.stage import Stage, opened_stage
from tests.usual_screen import usual_screen

SIZES = {
    "usual": QSize(1360, 860),
    "small": QSize(1024, 768),
    "200 %": QSize(680, 430),  # what is left of 1360 x 860 when everything is twice as large
}


@pytest.fixture(scope="module")
def stage(qapp, tmp_path_factory) -> Iterator[Stage]:
    with usual_screen(qapp), opened_stage(qapp, tmp_path_factory.mktemp("demo")) as opened:
        for piz in ("1300008", "1300005"):
            opened.sync_to_the_end(piz)
        opened.tab("Tagesabgleich")
        opened.find(QPushButton, "Start").click()
        opened.wait(opened.running.program.tasks.active, "the day's start")
        opened.wait(lambda: not opened.running.program.tasks.active(), "the day's end")
        yield opened


def message(stage: Stage) -> QFrame:
    return stage.find(QFrame, "Meldung")


def told(stage: Stage) -> str:
    return " ".join(label.text() for label in message(stage).findChildren(QLabel)).strip()


def places(stage: Stage) -> list[tuple[str, QRect]]:
    """Where everything in the window is that can be seen, but for the message's own parts."""
    own = message(stage).findChildren(QWidget)
    return [
        (described(widget), QRect(widget.mapTo(stage.window, QPoint()), widget.size()))
        for widget in stage.window.centralWidget().findChildren(QWidget)
        if widget.isVisible() and widget not in own
    ]


def moved(before: list[tuple[str, QRect]], after: list[tuple[str, QRect]]) -> list[str]:
    """What stands elsewhere, or came or went."""
    return [f"{old} -> {new}" for old, new in zip_longest(before, after) if old != new]


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName()}".strip()


def bars(stage: Stage) -> list[tuple[int, int]]:
    """How far each part that scrolls can be scrolled."""
    areas = stage.window.centralWidget().findChildren(QScrollArea)
    return [
        (area.verticalScrollBar().maximum(), area.horizontalScrollBar().maximum())
        for area in areas
        if area.isVisible()
    ]


def is_wholly_seen(stage: Stage) -> bool:
    line = message(stage)
    return bool(line.visibleRegion().boundingRect() == line.rect())


def show_at(stage: Stage, panel: str, size: str) -> None:
    stage.tab(panel)
    stage.window.resize(SIZES[size])
    stage.settle()
    assert stage.window.size() == SIZES[size]


def save_as(stage: Stage, path: Path) -> None:
    """Press the button, and answer the system's question with this path."""
    timer = QTimer()

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog):
            timer.stop()
            dialog.findChild(QLineEdit).setText(str(path))
            dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.Save).click()

    timer.timeout.connect(answer)
    timer.start(20)
    stage.find(QPushButton, "Als JSON speichern").click()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_when_a_file_was_saved_or_refused(stage, tmp_path, size) -> None:
    show_at(stage, "Einzelner Patient", size)
    stage.choose_row("Abgleiche einzelner Patienten", "1300008")
    before, ranges = places(stage), bars(stage)
    assert all(sideways == 0 for _, sideways in ranges)

    stage.find(QPushButton, "Status-Adresse kopieren").click()
    stage.settle(0.1)
    assert told(stage).startswith("Kopiert: http://")
    assert is_wholly_seen(stage)
    assert (moved(before, places(stage)), bars(stage)) == ([], ranges)

    save_as(stage, tmp_path / "x.json")
    stage.wait(lambda: told(stage).startswith("Gespeichert: x.json"), "the file")
    stage.settle(0.1)
    good = message(stage).grab().toImage()
    assert (moved(before, places(stage)), bars(stage)) == ([], ranges)

    save_as(stage, Path("/dev/null/x.json"))
    stage.wait(lambda: told(stage).startswith("Nicht gespeichert: "), "the refusal")
    stage.settle(0.1)
    assert is_wholly_seen(stage)
    assert message(stage).grab().toImage() != good
    assert (moved(before, places(stage)), bars(stage)) == ([], ranges)

    stage.choose_row("Abgleiche einzelner Patienten", "1300005")
    assert told(stage) == ""


@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_when_a_line_of_a_day_is_chosen(stage, size) -> None:
    show_at(stage, "Tagesabgleich", size)
    table = next(
        view
        for view in stage.window.findChildren(QWidget)
        if view.accessibleName() == "Untersuchungen des Tages"
    )
    table.clearSelection()
    stage.settle(0.1)
    before, ranges = places(stage), bars(stage)
    assert is_wholly_seen(stage)
    if size == "usual":
        assert set(ranges) == {(0, 0)}
    for row in (0, 1, 5):
        table.selectRow(row)
        stage.settle(0.1)
        assert (moved(before, places(stage)), bars(stage)) == ([], ranges)
