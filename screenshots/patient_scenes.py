"""Single patients: wrong input, previews, results of every sort."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QComboBox, QLineEdit, QPushButton

from screenshots.shot import Shot
from screenshots.stage import Stage

_SYNCED = ("9999999", "1300001", "1300002", "1300030", "1300008", "1300005", "1300003")


def wrong_input(stage: Stage) -> Iterator[Shot]:
    """Fields marked, with the reasons in words."""
    stage.tab("Einzelner Patient")
    stage.find(QLineEdit, "PIZ").setText("12a4")
    stage.find(QLineEdit, "Geburtsdatum").setText("31.02.1950")
    day = stage.find(QLineEdit, "Datum")
    before = day.text()
    day.setText("31.02.2026")
    stage.settle()
    yield Shot("wrong-input", (stage.window,))
    day.setText(before)
    for name in ("PIZ", "Geburtsdatum"):
        stage.find(QLineEdit, name).clear()


def lists(stage: Stage) -> Iterator[Shot]:
    """What opens from the form: the calendar and the list of types."""
    day = stage.find(QLineEdit, "Datum")
    QTest.keyClick(day, Qt.Key.Key_F4)
    stage.settle(0.2)
    calendar = stage.app.activePopupWidget()
    if calendar is not None:
        yield Shot("calendar", (stage.window, calendar))
        calendar.close()
    kinds = stage.find(QComboBox, "Terminart")
    kinds.showPopup()
    stage.settle(0.2)
    view = kinds.view()
    if view is not None:
        yield Shot("types", (stage.window, view.window()))
    kinds.hidePopup()


def preview(stage: Stage) -> Iterator[Shot]:
    """Syncs with different outcomes in the table, and a preview waiting to be carried out."""
    for piz in _SYNCED:
        stage.sync_to_the_end(piz)
    stage.find(QLineEdit, "PIZ").setText("1234567")
    stage.find(QPushButton, "Vorschau").click()
    stage.wait(lambda: _there(stage, "Übernehmen"), "the preview")
    stage.settle()
    stage.find(QLineEdit, "PIZ").setFocus()
    stage.settle(0.8)
    yield Shot("preview", (stage.window,))
    stage.action("Namen verbergen").trigger()
    stage.settle()
    yield Shot("names-hidden", (stage.window,))
    stage.action("Namen verbergen").trigger()
    stage.find(QPushButton, "Übernehmen").click()
    stage.wait(lambda: not _there(stage, "Übernehmen"), "the plan to be carried out")
    stage.settle(1.0)
    yield Shot("applied", (stage.window,))


def mismatch(stage: Stage) -> Iterator[Shot]:
    """The birth dates differ: what happened, and what to do."""
    stage.find(QPushButton, "Schließen").click()
    _choose(stage, "1300008")
    yield Shot("mismatch", (stage.window,))
    for title in ("Änderungen", "Termine", "Zeiten"):
        _choose(stage, "1300005")
        stage.tab(title)
        stage.settle(0.2)
        yield Shot(f"details-{title.lower().replace('ä', 'ae')}", (stage.window,))
    stage.tab("Überblick")


def failures(stage: Stage) -> Iterator[Shot]:
    """The list of failed syncs."""
    stage.tab("Fehlerliste")
    stage.settle(0.2)
    yield Shot("failures", (stage.window,))
    stage.tab("Abgleiche")


def filtered(stage: Stage) -> Iterator[Shot]:
    """A filter that nothing passes."""
    field = stage.find(QLineEdit, "Suche")
    field.setText("gibt es nicht")
    stage.settle(0.2)
    yield Shot("filtered", (stage.window,))
    field.clear()


def _choose(stage: Stage, piz: str) -> None:
    stage.choose_row("Abgleiche einzelner Patienten", piz)


def _there(stage: Stage, button: str) -> bool:
    return any(
        one.text().replace("&", "") == button and one.isVisible()
        for one in stage.window.findChildren(QPushButton)
    )


SCENES = (wrong_input, lists, preview, mismatch, failures, filtered)
