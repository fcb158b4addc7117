"""A field for the day of a sync: a text that is read as a whole, and a calendar to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from PyQt5.QtCore import QDate, QLocale, QPoint, QSize, Qt
from PyQt5.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QTextCharFormat,
)
from PyQt5.QtWidgets import QCalendarWidget, QFrame, QLineEdit, QToolButton, QVBoxLayout

from sync_core.dates import german_day
from sync_core.typed_days import FIRST_DAY, LAST_DAY, TypedDay, read_sync_day

_STEPS: Mapping[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_CALENDAR_KEYS = ((Qt.Key.Key_F4, 0), (Qt.Key.Key_Down, int(Qt.KeyboardModifier.AltModifier)))
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OTHER_WINDOW = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class DayField(QLineEdit):
    """A day as text. What is no day is none: no earlier one is kept behind it.

    Entering the field, pasting and the keys that end typing choose the whole text, so that
    whatever comes next replaces it. Up and down go to the next and to the previous day; F4, Alt
    with the key down and the button open the calendar.
    """

    def __init__(self, day: date, today: Callable[[], date]) -> None:
        super().__init__(german_day(day))
        self._today = today
        self._was_left = True
        self._entered_by_mouse = False
        self.setPlaceholderText("TT.MM.JJJJ")
        self.setToolTip("Auch ohne Punkte; die Pfeiltasten gehen einen Tag weiter oder zurück")
        self.calendar_button = QToolButton(self)
        self.calendar_button.setProperty("role", "calendar")
        self.calendar_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.calendar_button.setCursor(Qt.CursorShape.ArrowCursor)
        self.calendar_button.setAccessibleName("Kalender öffnen")
        self.calendar_button.setToolTip("Kalender öffnen (F4)")
        self.calendar_button.clicked.connect(self.open_calendar)
        self.editingFinished.connect(self.tidy)

    def typed(self) -> TypedDay:
        """What the text says."""
        return read_sync_day(self.text())

    def show_day(self, day: date) -> None:
        """Write a day into the field."""
        self.setText(german_day(day))
        if self.hasFocus():
            self.selectAll()

    def tidy(self) -> None:
        """Write the day that was typed as it is written everywhere; leave anything else."""
        day = self.typed().day
        if day is not None:
            self.show_day(day)

    def open_calendar(self) -> None:
        """Let a day be chosen; the field takes it and has the focus again."""
        self.setFocus()
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # else the button opens it again
        popup.setFrameShape(QFrame.Shape.StyledPanel)
        calendar = _german_calendar(self.typed().day, self._today())

        def choose(chosen: QDate) -> None:
            popup.close()
            self.show_day(date(chosen.year(), chosen.month(), chosen.day()))
            self.selectAll()

        calendar.clicked.connect(choose)
        calendar.activated.connect(choose)  # by the keyboard
        column = QVBoxLayout(popup)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(calendar)
        popup.adjustSize()
        popup.move(self._place_for(popup.size()))
        popup.show()
        calendar.setFocus()

    def sizeHint(self) -> QSize:
        """Room for a day and the button."""
        hint = super().sizeHint()
        letters, em = (
            self.fontMetrics().horizontalAdvance("00.00.0000"),
            self.fontMetrics().height(),
        )
        return QSize(letters + hint.height() + round(em * 1.5), hint.height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from day to day, open the calendar, replace by pasting; else type."""
        key, held = event.key(), int(event.modifiers()) & ~Qt.KeyboardModifier.KeypadModifier
        if (key, held) in _CALENDAR_KEYS:
            self.open_calendar()
            return
        if key in _STEPS and not held:
            self._step(_STEPS[key])
            return
        if event.matches(QKeySequence.StandardKey.Paste):
            self.selectAll()
        super().keyPressEvent(event)
        if key in _ENDS:
            self.selectAll()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose the text, except on coming back from another window or the calendar."""
        super().focusInEvent(event)
        if self._was_left:
            self._was_left = False
            self.selectAll()
            self._entered_by_mouse = event.reason() == Qt.FocusReason.MouseFocusReason

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Know whether the field is left or only another window is in front."""
        super().focusOutEvent(event)
        self._was_left = event.reason() not in _OTHER_WINDOW

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the text again: the click that entered the field set the cursor."""
        super().mouseReleaseEvent(event)
        if self._entered_by_mouse and not self.hasSelectedText():
            self.selectAll()
        self._entered_by_mouse = False

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Choose the whole day, not one of its parts."""
        self.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at the right edge, inside the frame, and the text beside it."""
        super().resizeEvent(event)
        edge = self.height()
        self.calendar_button.setGeometry(self.width() - edge + 2, 2, edge - 4, edge - 4)
        self.setTextMargins(0, 0, edge - 8, 0)

    def _step(self, days: int) -> None:
        day = self.typed().day
        after = day + timedelta(days=days) if day is not None else None
        if after is not None and FIRST_DAY <= after <= LAST_DAY:
            self.show_day(after)

    def _place_for(self, size: QSize) -> QPoint:
        """Below the field, or above it where the screen ends; in the screen's coordinates."""
        place = self.mapToGlobal(self.rect().bottomLeft())
        screen = self.screen()
        if screen is None:
            return place
        room = screen.availableGeometry().adjusted(4, 4, -4, -4)
        if place.y() + size.height() > room.bottom():
            place.setY(self.mapToGlobal(QPoint(0, 0)).y() - size.height())
        return QPoint(max(room.left(), min(place.x(), room.right() - size.width())), place.y())


def _german_calendar(chosen: date | None, today: date) -> QCalendarWidget:
    """A calendar that shows the chosen day, else today, which is bold and underlined."""
    calendar = QCalendarWidget()
    calendar.setAccessibleName("Kalender")
    calendar.setLocale(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    calendar.setDateEditEnabled(False)
    calendar.setDateRange(_qt_day(FIRST_DAY), _qt_day(LAST_DAY))
    calendar.setSelectedDate(_qt_day(chosen or today))
    for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(weekend, QTextCharFormat())  # Qt's red is hard to read
    marked = QTextCharFormat()
    marked.setFontWeight(QFont.Weight.Bold)
    marked.setFontUnderline(True)
    marked.setToolTip("heute")
    calendar.setDateTextFormat(_qt_day(today), marked)
    return calendar


def _qt_day(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
