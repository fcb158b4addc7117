from __future__ import annotations

from datetime import date

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAbstractButton, QPushButton, QToolButton

from sync_gui.day_panel.form import DEMO_DAY, DayForm
from sync_gui.day_panel.form_rules import NO_TYPES, FormInput

TODAY = date(2025, 10, 9)


@pytest.fixture
def form(qtbot) -> DayForm:
    widget = DayForm(demo=False, today=lambda: TODAY)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def press(form, qtbot, key, done) -> None:
    """Press a mnemonic; Qt clicks the button a tenth of a second later."""
    qtbot.keyClick(form, key, Qt.AltModifier)
    qtbot.waitUntil(done)


def test_the_defaults(form, qtbot) -> None:
    assert form.current() == FormInput(TODAY, (24, 25))
    demo = DayForm(demo=True, today=lambda: TODAY)
    qtbot.addWidget(demo)
    assert demo.day.typed().day == DEMO_DAY


@pytest.mark.parametrize(
    ("name", "key", "day"),
    [
        ("yesterday_button", Qt.Key_G, date(2025, 10, 8)),
        ("today_button", Qt.Key_U, TODAY),
        ("tomorrow_button", Qt.Key_M, date(2025, 10, 10)),
    ],
)
def test_the_day_by_button_and_by_key(form, qtbot, name, key, day) -> None:
    form.day.show_day(date(2020, 1, 1))
    qtbot.mouseClick(getattr(form, name), Qt.LeftButton)
    assert form.day.typed().day == day
    form.day.show_day(date(2020, 1, 1))
    press(form, qtbot, key, lambda: form.day.typed().day == day)


@pytest.mark.parametrize("typed", ["24122025", "24.12.2025", "3.12.2025"])
def test_the_day_can_be_typed_with_and_without_dots(form, qtbot, typed) -> None:
    form.more_types.setFocus()
    form.day.setFocus(Qt.TabFocusReason)
    qtbot.keyClicks(form.day, typed)
    assert form.day.typed().day == date(2025, 12, 3 if typed.startswith("3") else 24)
    assert form.day_hint.text() == "Mittwoch, künftiger Tag"
    assert form.day.accessibleDescription() == form.day_hint.text()


def test_types_by_box_and_by_number(form, qtbot) -> None:
    press(form, qtbot, Qt.Key_5, lambda: form.current().types == (24,))
    qtbot.keyClicks(form.more_types, "31, 7")
    assert form.current().types == (7, 24, 31)
    press(form, qtbot, Qt.Key_2, lambda: form.current().types == (7, 31))


def test_all_types_leave_nothing_else_to_choose(form, qtbot) -> None:
    form.more_types.setText("x")
    press(form, qtbot, Qt.Key_Z, form.all_types.isChecked)
    assert form.current().types == "all"
    assert not form.more_types.isEnabled()
    assert form.more_types.property("invalid") is False
    assert not any(box.isEnabled() for box in form.types.values())
    press(form, qtbot, Qt.Key_Z, lambda: not form.all_types.isChecked())
    assert form.current() is None
    assert form.more_types.isEnabled()


def test_wrong_numbers_are_marked_while_typing_and_unmarked_again(form, qtbot) -> None:
    qtbot.keyClicks(form.more_types, "31x")
    assert form.more_types.property("invalid") is True
    assert "Nur Nummern" in form.types_reason.text()
    assert form.more_types.accessibleDescription()
    assert form.current() is None
    qtbot.keyClick(form.more_types, Qt.Key_Backspace)
    assert form.more_types.property("invalid") is False
    assert form.types_reason.text() == ""
    assert form.current().types == (24, 25, 31)


def test_without_any_type_nothing_starts_and_the_reason_is_shown(form, qtbot) -> None:
    for box in form.types.values():
        box.setChecked(False)
    assert form.types_reason.text() == ""  # nobody is scolded before the end
    with qtbot.assertNotEmitted(form.start_wanted):
        qtbot.mouseClick(form.start_button, Qt.LeftButton)
    assert NO_TYPES in form.types_reason.text()
    qtbot.waitUntil(form.more_types.hasFocus)


def test_deleting_only_for_future_days_with_the_reason_as_text(form, qtbot) -> None:
    assert not form.delete_obsolete.isEnabled()
    assert form.delete_reason.text() == "Nur für künftige Tage möglich."
    assert form.delete_obsolete.accessibleDescription() == form.delete_reason.text()
    qtbot.mouseClick(form.tomorrow_button, Qt.LeftButton)
    assert form.delete_obsolete.isEnabled()
    press(form, qtbot, Qt.Key_L, form.delete_obsolete.isChecked)
    assert form.current().delete_obsolete
    qtbot.mouseClick(form.today_button, Qt.LeftButton)
    assert not form.current().delete_obsolete
    qtbot.mouseClick(form.tomorrow_button, Qt.LeftButton)
    assert not form.current().delete_obsolete  # it does not come back unnoticed


def test_midnight_takes_the_permission_to_delete_away(qtbot) -> None:
    days = [TODAY]
    form = DayForm(demo=False, today=lambda: days[0])
    qtbot.addWidget(form)
    qtbot.mouseClick(form.tomorrow_button, Qt.LeftButton)
    form.delete_obsolete.setChecked(True)
    days[0] = date(2025, 10, 10)
    with qtbot.waitSignal(form.start_wanted) as asked:
        qtbot.mouseClick(form.start_button, Qt.LeftButton)
    assert asked.args == [FormInput(date(2025, 10, 10), (24, 25))]


def test_start_and_stop_by_key(form, qtbot) -> None:
    press(form, qtbot, Qt.Key_V, lambda: not form.smart_filter.isChecked())
    with qtbot.waitSignal(form.start_wanted) as asked:
        qtbot.keyClick(form, Qt.Key_S, Qt.AltModifier)
    assert asked.args == [FormInput(TODAY, (24, 25), smart_status_filter=False)]
    assert not form.stop_button.isEnabled()
    form.show_stoppable("09.10.2025")
    assert "09.10.2025" in form.stop_button.toolTip()
    with qtbot.waitSignal(form.stop_wanted):
        qtbot.keyClick(form, Qt.Key_O, Qt.AltModifier)


def test_enter_starts_nothing(form, qtbot) -> None:
    with qtbot.assertNotEmitted(form.start_wanted):
        for field in (form.day, form.more_types, form.types[24], form.start_button):
            qtbot.keyClick(field, Qt.Key_Return)
    assert not any(button.autoDefault() for button in form.findChildren(QPushButton))


def test_what_the_program_refused_is_marked_until_it_is_changed(form) -> None:
    form.mark({"date": "Dieses Datum nicht.", "appointment_type_id": "Diese Arten nicht."})
    assert "Dieses Datum nicht." in form.day_hint.text()
    assert form.day.property("invalid") is True
    assert form.more_types.property("invalid") is True
    form.day.show_day(date(2025, 10, 10))
    form.more_types.setText("31")
    assert form.day.property("invalid") is False
    assert form.more_types.property("invalid") is False


def test_tab_goes_through_the_form_in_order(form, qtbot) -> None:
    form.day.show_day(date(2025, 10, 10))
    form.show_stoppable("10.10.2025")
    order = [
        *(form.day, form.yesterday_button, form.today_button, form.tomorrow_button),
        *(*form.types.values(), form.all_types, form.more_types, form.smart_filter),
        *(form.delete_obsolete, form.start_button, form.stop_button),
    ]
    form.day.setFocus()
    for after in order[1:]:
        qtbot.keyClick(form.focusWidget(), Qt.Key_Tab)
        assert form.focusWidget() is after


def test_every_control_has_a_name_and_every_button_its_key(form) -> None:
    buttons = form.findChildren(QAbstractButton)
    assert all(one.accessibleName() for one in (form.day, form.more_types, *buttons))
    with_words = [one.text() for one in buttons if not isinstance(one, QToolButton)]
    keys = [words[words.index("&") + 1].casefold() for words in with_words]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set("dapehi")  # the menus' and the ribbon's
