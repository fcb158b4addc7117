"""The patient panel sends the day that is read in its field, or nothing."""

from __future__ import annotations

from datetime import date

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication

from plugins.single_patient.panel.form import SyncForm
from plugins.single_patient.panel.panel import SinglePatientPanel

TODAY = date(2025, 10, 9)


def enter(panel: SinglePatientPanel, qtbot, text: str) -> None:
    panel.form.piz.setFocus()
    panel.form.day.setFocus(Qt.TabFocusReason)
    qtbot.keyClicks(panel.form.day, text)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("3.12.2026", date(2026, 12, 3)),
        ("9.10.2025", date(2025, 10, 9)),
        ("1.1.2026", date(2026, 1, 1)),
        ("5.12.26", date(2026, 12, 5)),
        ("24122025", date(2025, 12, 24)),
        ("2026-01-02", date(2026, 1, 2)),
    ],
)
@pytest.mark.parametrize("order", ["preview", "sync"])
def test_the_day_that_is_sent_is_the_day_that_is_read(
    house, panel, qtbot, typed, day, order
) -> None:
    panel.form.piz.setText("42")
    enter(panel, qtbot, typed)
    with qtbot.waitSignal(panel.controller.starting):
        if order == "preview":
            qtbot.keyClick(panel.form.day, Qt.Key_Return)
        else:
            qtbot.keyClick(panel.form.sync_button, Qt.Key_Space)
    qtbot.waitUntil(lambda: len(house.requests) == 1)
    assert house.requests[0]["date"] == day.isoformat()
    assert panel.form.day.text() == f"{day:%d.%m.%Y}"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("31.02.2026", "Diesen Tag gibt es nicht."),
        ("1.1.1900", "Nur Jahre 2000 bis 2099."),
        ("3.12.", "Bitte als TT.MM.JJJJ."),
        ("gestern", "Bitte als TT.MM.JJJJ."),
    ],
)
@pytest.mark.parametrize("order", ["preview_button", "sync_button"])
def test_no_day_sends_nothing_and_says_why(house, panel, qtbot, typed, reason, order) -> None:
    form = panel.form
    form.piz.setText("42")
    enter(panel, qtbot, typed)
    with qtbot.assertNotEmitted(panel.controller.starting):
        qtbot.mouseClick(getattr(form, order), Qt.LeftButton)
    assert form.current() is None
    assert form.reason_of(form.day) == f"⚠ {reason}"
    assert form.day.property("invalid") is True
    assert form.day.accessibleDescription() == reason
    assert house.requests == []
    qtbot.waitUntil(form.day.hasFocus)
    qtbot.keyClicks(form.day, "7.10.2025")
    assert form.reason_of(form.day) == ""
    assert form.current().day == date(2025, 10, 7)


@pytest.fixture
def form(qtbot) -> SyncForm:
    widget = SyncForm(demo=False, today=lambda: TODAY)
    qtbot.addWidget(widget)
    widget.resize(widget.fontMetrics().height() * 24, widget.sizeHint().height())
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("09.10.2025", "Donnerstag, heute"),
        ("8.10.25", "Mittwoch, vergangen"),
        ("10.10.2025", "Freitag, künftig"),
        ("10.10", ""),
    ],
)
def test_the_weekday_stands_below_the_field(form, day, words) -> None:
    form.day.setText(day)
    assert form._reasons[form.day].text() == words
    assert form.day.accessibleDescription() == words
    assert form.reason_of(form.day) == ""


def test_midnight_changes_the_words_and_not_the_day(qtbot) -> None:
    days = [TODAY]
    form = SyncForm(demo=False, today=lambda: days[0])
    qtbot.addWidget(form)
    days[0] = date(2025, 10, 10)
    form._clock.timeout.emit()
    assert form.day.text() == "09.10.2025"
    assert form._reasons[form.day].text() == "Donnerstag, vergangen"


@pytest.mark.parametrize(("typed", "text"), [("31011950", "31.01.1950"), ("1.1.50", "01.01.1950")])
def test_a_birth_date_as_people_type_it(form, qtbot, typed, text) -> None:
    form.piz.setText("42")
    qtbot.keyClicks(form.birth_date, typed)
    form.day.setFocus()
    form.birth_date.editingFinished.emit()
    assert form.birth_date.text() == text
    assert f"{form.current().birth_date:%d.%m.%Y}" == text


@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", "\N{LINE SEPARATOR}"])
def test_two_pasted_numbers_are_not_joined(form, qtbot, between) -> None:
    QApplication.clipboard().setText(f"1234{between}567")
    form.piz.setFocus()
    qtbot.keyClick(form.piz, Qt.Key_V, Qt.ControlModifier)
    form.piz.editingFinished.emit()
    assert form.current() is None
    assert "Nur eine Nummer" in form.reason_of(form.piz)
    with qtbot.assertNotEmitted(form.preview_wanted):
        qtbot.keyClick(form.piz, Qt.Key_Return)


def test_one_pasted_number_may_have_blanks_and_an_end_of_line(form, qtbot) -> None:
    QApplication.clipboard().setText(" 123 45\N{NO-BREAK SPACE}67\r\n")
    form.piz.setFocus()
    qtbot.keyClick(form.piz, Qt.Key_V, Qt.ControlModifier)
    assert form.current().piz == "1234567"


def test_no_reason_moves_the_form(form) -> None:
    def places() -> list[object]:
        QApplication.processEvents()
        corner = form.rect().topLeft()
        fields = (*form._reasons, form.preview_button)
        return [form.heightForWidth(form.width()), *(one.mapTo(form, corner) for one in fields)]

    still = places()
    for field, text in (
        (form.piz, "12a"),
        (form.piz, "1234567890"),
        (form.piz, "000"),
        (form.piz, "1\n2"),
        (form.birth_date, "1.1.2050"),
        (form.birth_date, "x"),
        (form.birth_date, "31.2.1950"),
        (form.day, "31.02.2026"),
        (form.day, "1.1.1900"),
        (form.day, "x"),
    ):
        field.setText(text)
        assert form.reason_of(field)
        assert (text, places()) == (text, still)
    form.piz.clear()
    form.appointment_type.setEditText("x")
    form.preview_button.click()
    assert form.reason_of(form.piz)
    assert form.reason_of(form.appointment_type)
    assert places() == still
