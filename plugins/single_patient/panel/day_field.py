"""A field for a calendar day, with a German calendar."""

from __future__ import annotations

from datetime import date

from PyQt5.QtCore import QDate, QLocale, Qt
from PyQt5.QtGui import QKeyEvent, QTextCharFormat, QWheelEvent
from PyQt5.QtWidgets import QDateEdit


class DayField(QDateEdit):
    """A day that can be typed with and without dots, or chosen.

    Qt goes on to the next part by itself after two digits; a dot typed then would skip a part and
    leave another day than the one that was typed. The mouse wheel turns the day only while the
    field has the focus.
    """

    def __init__(self, day: date) -> None:
        super().__init__(QDate(day.year, day.month, day.day))
        self._went_on = False
        self.setDisplayFormat("dd.MM.yyyy")
        self.setCalendarPopup(True)
        german = QLocale(QLocale.Language.German, QLocale.Country.Germany)
        self.setLocale(german)
        calendar = self.calendarWidget()
        if calendar is not None:
            calendar.setLocale(german)
            for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
                # Qt's red cannot be read on a dark ground
                calendar.setWeekdayTextFormat(weekend, QTextCharFormat())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a dot for what it is when the next part was reached without it."""
        if event.text() == "." and self._went_on:
            self._went_on = False
            return
        before = self.currentSection()
        super().keyPressEvent(event)
        self._went_on = event.text().isdigit() and self.currentSection() != before

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the panel scroll instead of changing the day unnoticed."""
        if not self.hasFocus():
            event.ignore()
            return
        super().wheelEvent(event)
