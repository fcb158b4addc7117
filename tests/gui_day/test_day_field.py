"""The field for a day, of both panels: what is typed is read as a whole, or it is no day."""

from __future__ import annotations

import inspect
from datetime import date

import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QTextCharFormat, QWheelEvent
from PyQt5.QtWidgets import QApplication, QCalendarWidget, QLineEdit, QVBoxLayout, QWidget

from plugins.single_patient.panel import day_field as of_the_patient
from sync_core.typed_days import FIRST_DAY, LAST_DAY
from sync_gui.day_panel import day_field as of_the_day

TODAY = date(2025, 10, 9)


class Window(QWidget):
    """A field for a day and one before it."""

    def __init__(self, kind) -> None:
        super().__init__()
        self.before = QLineEdit()
        self.field = kind(date(2025, 10, 6), lambda: TODAY)
        column = QVBoxLayout(self)
        column.addWidget(self.before)
        column.addWidget(self.field)


@pytest.fixture(params=[of_the_patient.DayField, of_the_day.DayField])
def window(request, qtbot):
    widget = Window(request.param)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    widget.before.setFocus()
    qtbot.waitUntil(widget.before.hasFocus)
    return widget


@pytest.fixture
def field(window):
    return window.field


def by_tab(window, qtbot) -> None:
    qtbot.keyClick(window.before, Qt.Key_Tab)


def by_click(window, qtbot) -> None:
    qtbot.mouseClick(window.field, Qt.LeftButton, pos=QPoint(30, window.field.height() // 2))


def by_double_click(window, qtbot) -> None:
    by_click(window, qtbot)
    qtbot.mouseDClick(window.field, Qt.LeftButton, pos=QPoint(30, window.field.height() // 2))


def by_shortcut(window, _qtbot) -> None:
    window.field.setFocus(Qt.ShortcutFocusReason)


def all_again(window, qtbot) -> None:
    by_tab(window, qtbot)
    qtbot.keyClicks(window.field, "7")
    qtbot.keyClick(window.field, Qt.Key_A, Qt.ControlModifier)


@pytest.mark.parametrize("enter", [by_tab, by_click, by_double_click, by_shortcut, all_again])
@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("3.12.2026", date(2026, 12, 3)),
        ("9.10.2025", date(2025, 10, 9)),
        ("1.1.2026", date(2026, 1, 1)),
        ("5.12.2026", date(2026, 12, 5)),
        ("24122025", date(2025, 12, 24)),
        ("3.12.26", date(2026, 12, 3)),
        ("2026-12-03", date(2026, 12, 3)),
    ],
)
def test_typing_replaces_the_day_however_the_field_was_entered(
    window, qtbot, enter, typed, day
) -> None:
    enter(window, qtbot)
    assert window.field.hasFocus()
    qtbot.keyClicks(window.field, typed)
    assert window.field.text() == typed
    assert window.field.typed().day == day


def test_the_first_field_of_a_window_is_chosen_and_one_come_back_to_is_not(window, qtbot) -> None:
    window.before.setEnabled(False)
    assert window.field.hasFocus()
    assert window.field.selectedText() == "06.10.2025"
    qtbot.keyClicks(window.field, "3.1")
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.field.hasFocus())
    window.activateWindow()
    qtbot.waitUntil(window.field.hasFocus)
    qtbot.keyClicks(window.field, "2.2026")
    assert window.field.typed().day == date(2026, 12, 3)


def test_leaving_writes_the_day_as_everywhere(window, qtbot) -> None:
    by_tab(window, qtbot)
    qtbot.keyClicks(window.field, " 3. 12. 26 ")
    qtbot.keyClick(window.field, Qt.Key_Backtab)
    assert window.before.hasFocus()
    assert window.field.text() == "03.12.2026"


def test_no_day_stays_as_it_was_typed_and_keeps_no_other(window, qtbot) -> None:
    by_tab(window, qtbot)
    qtbot.keyClicks(window.field, "31.02.2026")
    window.before.setFocus()
    assert window.field.text() == "31.02.2026"
    assert window.field.typed().day is None
    assert "gibt es nicht" in window.field.typed().reason


def test_after_enter_the_next_day_replaces_this_one(window, qtbot) -> None:
    by_tab(window, qtbot)
    qtbot.keyClicks(window.field, "9.10.25")
    qtbot.keyClick(window.field, Qt.Key_Return)
    assert window.field.text() == "09.10.2025"
    qtbot.keyClicks(window.field, "5.12.2026")
    assert window.field.typed().day == date(2026, 12, 5)


def test_pasting_replaces_even_what_was_begun(window, qtbot) -> None:
    QApplication.clipboard().setText(" 3.12.2026\n")
    by_tab(window, qtbot)
    qtbot.keyClicks(window.field, "1.1")
    qtbot.keyClick(window.field, Qt.Key_V, Qt.ControlModifier)
    assert window.field.typed().day == date(2026, 12, 3)


def test_one_stop_for_the_tab_key(window, qtbot) -> None:
    by_tab(window, qtbot)
    qtbot.keyClick(window.field, Qt.Key_Tab)
    assert window.before.hasFocus()
    assert window.field.calendar_button.focusPolicy() == Qt.NoFocus
    assert window.field.calendar_button.accessibleName() == "Kalender öffnen"


def test_arrows_go_from_day_to_day(field, qtbot) -> None:
    field.setText("31.12.2025")
    qtbot.keyClick(field, Qt.Key_Up)
    assert field.text() == "01.01.2026"
    qtbot.keyClick(field, Qt.Key_Down)
    qtbot.keyClick(field, Qt.Key_Down)
    assert field.text() == "30.12.2025"
    for text in ("31.02.2025", "", "3.1"):
        field.setText(text)
        qtbot.keyClick(field, Qt.Key_Up)
        assert field.text() == text


@pytest.mark.parametrize(("end", "key"), [(FIRST_DAY, Qt.Key_Down), (LAST_DAY, Qt.Key_Up)])
def test_arrows_stop_where_the_days_end(field, qtbot, end, key) -> None:
    field.show_day(end)
    qtbot.keyClick(field, key)
    assert field.typed().day == end


def test_the_mouse_wheel_scrolls_the_panel_and_never_changes_the_day(window, qtbot) -> None:
    by_tab(window, qtbot)
    middle = QPointF(window.field.rect().center())
    turn = QWheelEvent(
        *(middle, middle, QPoint(), QPoint(0, 120), Qt.NoButton, Qt.NoModifier),
        *(Qt.NoScrollPhase, False),
    )
    QApplication.sendEvent(window.field, turn)
    assert window.field.text() == "06.10.2025"
    assert not turn.isAccepted()


def by_f4(field, qtbot) -> None:
    qtbot.keyClick(field, Qt.Key_F4)


def by_alt_down(field, qtbot) -> None:
    qtbot.keyClick(field, Qt.Key_Down, Qt.AltModifier)


def by_button(field, qtbot) -> None:
    qtbot.mouseClick(field.calendar_button, Qt.LeftButton)


def opened_calendar(field, qtbot, open_it=by_f4) -> QCalendarWidget:
    open_it(field, qtbot)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    popup = QApplication.activePopupWidget()
    assert popup.parentWidget() is field
    return popup.findChild(QCalendarWidget)


def gone(field) -> bool:
    QApplication.sendPostedEvents(None, QEvent.DeferredDelete)
    return not field.findChildren(QCalendarWidget)


@pytest.mark.parametrize("open_it", [by_f4, by_alt_down, by_button])
def test_the_calendar_opens_and_gives_its_day(window, field, qtbot, open_it) -> None:
    calendar = opened_calendar(field, qtbot, open_it)
    assert calendar.selectedDate().toPyDate() == date(2025, 10, 6)
    days = calendar.window().focusWidget()  # the part that has the keyboard
    qtbot.keyClick(days, Qt.Key_Right)
    qtbot.keyClick(days, Qt.Key_Return)
    assert field.text() == "07.10.2025"
    qtbot.waitUntil(lambda: gone(field))
    qtbot.waitUntil(field.hasFocus)
    assert field.selectedText() == "07.10.2025"
    qtbot.keyClicks(field, "1.1.2026")
    assert field.typed().day == date(2026, 1, 1)


def test_a_click_in_the_calendar_chooses_its_day(field, qtbot) -> None:
    calendar = opened_calendar(field, qtbot)
    view = calendar.findChild(QWidget, "qt_calendar_calendarview")
    model, found = view.model(), None
    for row in range(1, model.rowCount()):
        for column in range(model.columnCount()):
            if model.index(row, column).data() == 16:
                found = model.index(row, column)
    qtbot.mouseClick(view.viewport(), Qt.LeftButton, pos=view.visualRect(found).center())
    assert field.text() == "16.10.2025"


def test_escape_leaves_the_day_alone(field, qtbot) -> None:
    field.setText("3.1")
    calendar = opened_calendar(field, qtbot)
    assert calendar.selectedDate().toPyDate() == TODAY  # the text says none
    qtbot.keyClick(calendar.window().focusWidget(), Qt.Key_Escape)
    qtbot.waitUntil(lambda: gone(field))
    assert field.text() == "3.1"


def test_the_calendar_is_german_and_marks_today(field, qtbot) -> None:
    calendar = opened_calendar(field, qtbot)
    assert calendar.locale().dayName(1) == "Montag"
    assert calendar.firstDayOfWeek() == Qt.Monday
    assert calendar.accessibleName() == "Kalender"
    assert calendar.dateTextFormat(calendar.selectedDate()) == QTextCharFormat()
    today = calendar.dateTextFormat(calendar.selectedDate().addDays(3))
    assert today.fontUnderline()
    assert (calendar.minimumDate(), calendar.maximumDate()) == (FIRST_DAY, LAST_DAY)
    calendar.window().close()


def test_the_calendar_stays_on_the_screen(window, field, qtbot) -> None:
    room = field.screen().availableGeometry()
    window.move(room.right() - window.width() // 2, room.bottom() - window.height())
    calendar = opened_calendar(field, qtbot)
    assert room.contains(calendar.window().frameGeometry())
    calendar.window().close()


def test_there_is_room_for_the_whole_day(field) -> None:
    assert field.width() >= field.minimumSizeHint().width()
    text = field.fontMetrics().horizontalAdvance("30.09.2025")
    assert field.minimumSizeHint().width() > text + field.calendar_button.width()


def test_both_panels_have_the_same_field() -> None:
    """Neither may import the other's; they must not drift apart."""
    assert inspect.getsource(of_the_patient) == inspect.getsource(of_the_day)
