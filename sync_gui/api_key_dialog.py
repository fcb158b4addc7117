"""*API → API-Schlüssel*: whether calls need a key, the key itself, a new one, none."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import (
    QAction,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hookspecs import Bridge
from sync_core.api_key import ApiKey
from sync_core.errors import SyncGuiError
from sync_core.key_store import KeyStoreError
from sync_gui.api_key_words import (
    FILE_INSTEAD,
    HOW_TO_USE,
    ONLY_IN_DEMO,
    OPEN_TO_OTHERS,
    key_words,
)
from sync_gui.icons import icon, pixmap
from sync_gui.key_store_words import no_store_words
from sync_gui.plain_text import plain_label
from sync_gui.sizes import fit

LOGGER = logging.getLogger("sync_gui.window")


class ApiKeyDialog(QDialog):
    """Shows and changes the key in force. A change counts at once, for running calls too."""

    def __init__(
        self, api_key: ApiKey, bridge: Bridge, *, demo: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._api_key = api_key
        self._bridge = bridge
        self._demo = demo
        self.setWindowTitle("API-Schlüssel")
        self._picture = QLabel()
        self.heading = plain_label(role="heading")
        self.sentence = _wrapped("")
        self.key = QLineEdit()
        self.copy = QPushButton("&Kopieren")
        self.warning = _wrapped(OPEN_TO_OTHERS)
        self.hint = _wrapped("", "hint")
        self.message = _wrapped("")
        self.make = QPushButton("&Neuen Schlüssel erzeugen")
        self.remove = QPushButton("&Entfernen")
        self.read_again = QPushButton("Erneut &lesen")
        self._lay_out()
        self._show()

    def _show(self) -> None:
        state = self._api_key.state()
        words = key_words(state)
        em = self.fontMetrics().height()
        self._picture.setPixmap(pixmap(words.picture, 2 * em, self.devicePixelRatioF()))
        self.heading.setText(words.heading)
        self.sentence.setText(words.sentence)
        has_key = state.source in ("settings", "key_store")
        self._show_key.setChecked(False)
        self.key.setText((state.key or "") if has_key else "")
        self._key_row.setVisible(has_key)
        self._warning_row.setVisible(state.open_to_others)
        hints = [HOW_TO_USE] if has_key else []
        hints += [ONLY_IN_DEMO] if self._demo else []
        self.hint.setText("\n".join(hints))
        self.hint.setVisible(bool(hints))
        self.make.setEnabled(words.may_create)
        self.remove.setEnabled(words.may_remove)
        self.read_again.setVisible(words.may_read_again)
        self.read_again.setEnabled(words.may_read_again)

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.key.text())
            self._say("Der Schlüssel ist in der Zwischenablage.")

    def _create(self) -> None:
        def create() -> None:
            self._work(self._api_key.create, "Der neue Schlüssel gilt ab sofort.")

        if self._api_key.state().source == "none":
            create()
        else:
            self._ask(
                "Neuen Schlüssel erzeugen?",
                "Programme mit dem bisherigen Schlüssel werden ab sofort abgewiesen.",
                "&Erzeugen",
                create,
            )

    def _remove(self) -> None:
        self._ask(
            "Schlüssel entfernen?",
            "Jedes Programm auf diesem Computer darf die API dann benutzen.",
            "&Entfernen",
            lambda: self._work(
                self._api_key.remove, "Die API verlangt ab sofort keinen Schlüssel."
            ),
        )

    def _read_again(self) -> None:
        self._work(self._api_key.read_again, "Der Schlüsselspeicher wurde gefragt.")

    def _work(self, change: Callable[[], None], done: str) -> None:
        for button in (self.make, self.remove, self.read_again):
            button.setEnabled(False)
        self._say("Der Schlüsselspeicher wird gefragt …")

        def work() -> tuple[str, bool]:
            try:
                change()
            except KeyStoreError as error:
                return f"{no_store_words(str(error))}\n{FILE_INSTEAD}", False
            except SyncGuiError as error:
                return f"Es wurde nichts geändert. Technischer Grund: {error}", False
            except Exception:  # the edge: without an answer the buttons would stay grey
                LOGGER.exception("the API key could not be changed")
                return "Es ist ein Fehler aufgetreten; er steht im Protokoll.", False
            return done, True

        self._bridge.in_background(work, self._worked)

    def _worked(self, told: tuple[str, bool]) -> None:
        self._show()
        sentence, went_well = told
        self._say(sentence, wrong=not went_well)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.message.setProperty("role", "error" if wrong else "hint")
        style = self.message.style()
        if style is not None:
            style.unpolish(self.message)
            style.polish(self.message)
        self.message.setText(text)

    def _ask(self, text: str, further: str, yes: str, do: Callable[[], None]) -> None:
        box = QMessageBox(self)
        box.setWindowTitle("API-Schlüssel")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.setInformativeText(further)
        agree = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton("&Abbrechen", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: do() if button is agree else None)
        box.open()

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        self.key.setReadOnly(True)
        self.key.setAccessibleName("API-Schlüssel")
        self._show_key = QAction("Anzeigen", self.key)
        self._show_key.setCheckable(True)
        self._show_key.toggled.connect(self._uncover)
        self.key.addAction(self._show_key, QLineEdit.ActionPosition.TrailingPosition)
        self._uncover(False)
        self._key_row = _row(self.key, self.copy)
        sign = QLabel()
        sign.setPixmap(pixmap("warning", round(1.4 * em), self.devicePixelRatioF()))
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._warning_row = _row(self.warning, sign, first=sign)
        close = QPushButton("&Schließen")
        close.setDefault(True)
        self.copy.clicked.connect(self._copy)
        self.make.clicked.connect(self._create)
        self.remove.clicked.connect(self._remove)
        self.read_again.clicked.connect(self._read_again)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(em // 2)
        for button in (self.make, self.remove, self.read_again):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        words = QVBoxLayout()
        words.setSpacing(em // 4)
        words.addWidget(self.heading)
        words.addWidget(self.sentence)
        head = QHBoxLayout()
        head.setSpacing(em)
        head.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em * 2 // 3)
        box.addLayout(head)
        box.addWidget(self._key_row)
        box.addWidget(self._warning_row)
        box.addWidget(self.hint)
        box.addStretch(1)
        box.addWidget(self.message)
        box.addLayout(buttons)
        close.setFocus()  # not the first in the row, which replaces the key
        fit(self, 40, 16)

    def _uncover(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.key.setEchoMode(mode)
        self._show_key.setIcon(icon("eye_off" if shown else "eye"))
        self._show_key.setToolTip("Verbergen" if shown else "Anzeigen")


def _wrapped(text: str, role: str = "") -> QLabel:
    label = plain_label(text, role=role)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _row(wide: QWidget, other: QWidget, *, first: QWidget | None = None) -> QFrame:
    frame = QFrame()
    row = QHBoxLayout(frame)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(frame.fontMetrics().height() // 2)
    for widget in (other, wide) if first is other else (wide, other):
        row.addWidget(widget, 1 if widget is wide else 0)
    return frame
