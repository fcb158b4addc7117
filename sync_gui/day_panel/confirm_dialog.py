"""The question whether so many examinations shall really be deleted."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from sync_core.german import counted
from sync_gui.day_panel.day_facts import Deletion
from sync_gui.day_panel.form_rules import long_day
from sync_gui.day_panel.widgets import push_button, text_label
from sync_gui.icons import Picture

_WIDTH_IN_EMS = 30
_MOST_ROWS = 8


class ConfirmDialog(QDialog):
    """Asks about one deletion; ``accepted`` means that exactly that number was agreed to.

    Enter and Escape answer *no*: only the button that names the number deletes.
    """

    def __init__(self, deletion: Deletion, parent: QWidget) -> None:
        super().__init__(parent)
        self.deletion = deletion
        self.setWindowTitle("Löschen bestätigen")
        self.setModal(True)
        em = self.fontMetrics().height()
        self.setMinimumWidth(em * _WIDTH_IN_EMS)
        self.heading = text_label(_heading(deletion), "heading")
        self.words = text_label(
            "Es ist mehr als die Hälfte des Tages, oder es sind andere als zuletzt bestätigt; "
            "deshalb wurde noch nichts gelöscht. Gelöscht werden nur genau diese Untersuchungen, "
            "zu denen CallDoc keinen Termin mehr zeigt. Gelöschtes lässt sich im Programm nicht "
            "zurückholen; jede Zeile wird vorher ganz im Journal festgehalten."
        )
        self.rows = QPlainTextEdit("\n".join(_row_words(*row) for row in deletion.rows))
        self.rows.setReadOnly(True)
        self.rows.setTabChangesFocus(True)
        self.rows.setAccessibleName("Untersuchungen, die gelöscht würden")
        self.rows.setFixedHeight(em * (min(len(deletion.rows), _MOST_ROWS) + 1) + em // 2)
        self.rows.setVisible(bool(deletion.rows))
        self.keep_button = push_button("&Nicht löschen", self.reject)
        self.delete_button = push_button(_delete_words(deletion.count), self.accept, "danger")
        self.keep_button.setAutoDefault(True)
        self.keep_button.setDefault(True)
        self._build(em)
        self.keep_button.setFocus()

    def _build(self, em: int) -> None:
        words = QVBoxLayout()
        words.setSpacing(em // 2)
        for widget in (self.heading, self.words, self.rows):
            words.addWidget(widget)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(em)
        top.addWidget(Picture("warning", 2 * em), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(em // 2)
        buttons.addStretch(1)
        buttons.addWidget(self.delete_button)
        buttons.addWidget(self.keep_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em)
        box.addLayout(top)
        box.addLayout(buttons)


def _heading(deletion: Deletion) -> str:
    day = long_day(deletion.day.isoformat())
    return f"{deletion.count} von {deletion.known} Untersuchungen löschen? ({day})"


def _delete_words(count: int) -> str:
    return f"{counted(count, 'Untersuchung', 'Untersuchungen')} &löschen"


def _row_words(untersuchung_id: int, piz: str) -> str:
    return f"Untersuchung {untersuchung_id}" + (f", PIZ {piz}" if piz else "")
