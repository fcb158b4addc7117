from __future__ import annotations

from datetime import date

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QPushButton

from plugins.single_patient.panel.form import SyncForm
from plugins.single_patient.panel.form_rules import FormInput

TODAY = date(2025, 10, 9)


@pytest.fixture
def form(qtbot) -> SyncForm:
    widget = SyncForm(demo=False, today=lambda: TODAY)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_the_defaults(form, qtbot) -> None:
    form.piz.setText("1")
    assert form.current() == FormInput("1", TODAY, 24)
    demo = SyncForm(demo=True, today=lambda: TODAY)
    qtbot.addWidget(demo)
    demo.piz.setText("1")
    assert demo.current() == FormInput("1", date(2025, 10, 6), 24)


def test_a_wrong_number_is_marked_while_typing_and_unmarked_again(form, qtbot) -> None:
    qtbot.keyClicks(form.piz, "12a")
    assert form.piz.property("invalid") is True
    assert "nur Ziffern" in form.reason_of(form.piz)
    assert form.piz.accessibleDescription()
    qtbot.keyClick(form.piz, Qt.Key_Backspace)
    assert form.piz.property("invalid") is False
    assert form.reason_of(form.piz) == ""


def test_a_birth_date_is_not_scolded_while_it_is_being_typed(form, qtbot) -> None:
    qtbot.keyClicks(form.birth_date, "31.1")
    assert form.reason_of(form.birth_date) == ""
    qtbot.keyClicks(form.birth_date, "3.1950")
    assert "gibt es nicht" in form.reason_of(form.birth_date)


def test_a_typed_type_is_taken_as_it_is_typed(form, qtbot) -> None:
    form.piz.setText("1")
    form.appointment_type.lineEdit().selectAll()
    qtbot.keyClicks(form.appointment_type.lineEdit(), "2")
    assert form.current().appointment_type_id == 2
    qtbot.keyClicks(form.appointment_type.lineEdit(), "x")
    assert form.current() is None
    assert form.appointment_type.property("invalid") is True
    assert form.appointment_type.lineEdit().property("invalid") is True


@pytest.mark.parametrize("name", ["piz", "birth_date", "day", "appointment_type", "sync_button"])
@pytest.mark.parametrize("key", [Qt.Key_Return, Qt.Key_Enter])
def test_enter_anywhere_asks_for_the_preview_and_for_nothing_else(form, qtbot, name, key) -> None:
    synced = []
    form.sync_wanted.connect(synced.append)
    form.piz.setText(" 123 4567")
    target = getattr(form, name)
    target.setFocus()
    with qtbot.waitSignal(form.preview_wanted) as asked:
        qtbot.keyClick(target, key)
    assert asked.args == [FormInput("1234567", TODAY, 24)]
    assert synced == []


def test_enter_on_an_unfinished_form_marks_what_is_missing(form, qtbot) -> None:
    form.birth_date.setText("31.0")
    with qtbot.assertNotEmitted(form.preview_wanted):
        qtbot.keyClick(form.day, Qt.Key_Return)
    assert "PIZ fehlt" in form.reason_of(form.piz)
    assert "TT.MM.JJJJ" in form.reason_of(form.birth_date)


def test_synchronise_is_no_default_of_any_kind(form) -> None:
    assert not form.sync_button.isDefault()
    assert not form.sync_button.autoDefault()
    assert not form.sync_button.hasFocus()
    assert not any(button.autoDefault() for button in form.findChildren(QPushButton))


def test_synchronise_by_keyboard(form, qtbot) -> None:
    form.piz.setText("42")
    form.birth_date.setText("31.1.1950")
    form.day.show_day(date(2025, 10, 6))
    with qtbot.waitSignal(form.sync_wanted) as asked:
        qtbot.keyClick(form.sync_button, Qt.Key_Space)
    assert asked.args == [FormInput("42", date(2025, 10, 6), 24, date(1950, 1, 31))]


def test_tab_goes_through_the_fields_in_order(form, qtbot) -> None:
    order = [form.piz, form.birth_date, form.day, form.appointment_type, form.preview_button]
    form.activateWindow()
    form.piz.setFocus()
    for after in order[1:]:
        qtbot.keyClick(form.focusWidget(), Qt.Key_Tab)
        assert form.focusWidget() in (after, after.focusProxy())


def test_a_number_is_tidied_when_the_field_is_left(form, qtbot) -> None:
    qtbot.keyClicks(form.piz, " 0012 34 ")
    form.piz.editingFinished.emit()
    assert form.piz.text() == "1234"


def test_a_request_fills_the_form(form) -> None:
    form.fill(
        {
            "piz": "77",
            "date": "2025-10-06",
            "appointment_type_id": 31,
            "expected_birth_date": "1950-01-31",
        }
    )
    assert form.current() == FormInput("77", date(2025, 10, 6), 31, date(1950, 1, 31))


def test_refused_fields_are_marked_until_something_is_typed(form, qtbot) -> None:
    form.piz.setText("42")
    form.mark({"piz": "Diese PIZ wurde nicht angenommen.", "date": "Nein.", "plan_token": "x"})
    assert form.piz.property("invalid") is True
    assert form.reason_of(form.day)
    qtbot.keyClicks(form.piz, "1")
    assert form.reason_of(form.piz) == form.reason_of(form.day) == ""
