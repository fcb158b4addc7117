"""SQLHK's password, put into the system's key store and never into the settings file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from hookspecs import Bridge
from sync_core.key_store import KeyStore, KeyStoreError, has_password, login_of, sqlhk_entry
from sync_gui.icons import icon
from sync_gui.key_store_words import no_store_words
from sync_gui.plain_text import plain_label
from sync_gui.settings_dialog.row import SettingRow
from sync_gui.sizes import fit

_WITHOUT_LOGIN = "Dafür muss die Adresse eine Anmeldung enthalten (…://ANMELDUNG@server/…)."
_IN_ADDRESS = "Die Adresse enthält selbst ein Passwort; es ginge dem Schlüsselspeicher vor."


def add_password_button(row: SettingRow, store: KeyStore, bridge: Bridge) -> None:
    """Offer below SQLHK's address to keep the password of its login."""
    button = QPushButton("&Passwort im Schlüsselspeicher …")
    row.add_below(button)

    def look() -> None:
        url = row.reading().value or ""
        usable = login_of(url) is not None and not has_password(url)
        button.setEnabled(usable)
        button.setToolTip("" if usable else _IN_ADDRESS if has_password(url) else _WITHOUT_LOGIN)

    def open_dialog() -> None:
        login = login_of(row.reading().value or "")
        if login is not None:
            dialog = PasswordDialog(login, store, bridge, row)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    row.changed.connect(look)
    button.clicked.connect(open_dialog)
    look()


class PasswordDialog(QDialog):
    """Keeps or forgets the password of one ``login``; it never shows the one that is kept."""

    def __init__(self, login: str, store: KeyStore, bridge: Bridge, parent: SettingRow) -> None:
        super().__init__(parent)
        self._store = store
        self._name = sqlhk_entry(login)
        self._bridge = bridge
        self.setWindowTitle("Passwort für SQLHK")
        self.state = plain_label("Der Schlüsselspeicher wird gefragt …", role="hint")
        self.state.setWordWrap(True)
        self.password = QLineEdit()
        self.keep = QPushButton("&Ablegen")
        self.forget = QPushButton("&Entfernen")
        self._lay_out(login)
        self._busy()
        self._ask(lambda: self._store.read(self._name) is not None, self._found)

    def _found(self, there: bool) -> None:
        self.state.setText(
            "Im Schlüsselspeicher ist ein Passwort abgelegt."
            if there
            else "Im Schlüsselspeicher ist kein Passwort abgelegt."
        )
        self.forget.setEnabled(there)
        self.password.setEnabled(True)
        self.password.setFocus()
        self._look()

    def _keep(self) -> None:
        password = self.password.text()
        self._busy()

        def work() -> bool:
            self._store.write(self._name, password)
            return True

        self._ask(work, self._kept)

    def _kept(self, there: bool) -> None:
        self.password.clear()
        self._found(there)
        self.state.setText("Das Passwort ist abgelegt. Es gilt ab dem nächsten Start.")

    def _forget(self) -> None:
        self._busy()

        def work() -> bool:
            self._store.remove(self._name)
            return False

        self._ask(work, self._found)

    def _ask(self, work: Callable[[], bool], receiver: Callable[[bool], None]) -> None:
        def guarded() -> Callable[[], None]:
            try:
                return partial(receiver, work())
            except KeyStoreError as error:
                return partial(self._failed, str(error))

        self._bridge.in_background(guarded, self._answered)

    def _answered(self, show: Callable[[], None]) -> None:
        show()

    def _failed(self, reason: str) -> None:
        self.state.setText(
            f"{no_store_words(reason)}\nStattdessen kann „Variable mit dem Passwort“ eine "
            "Umgebungsvariable nennen."
        )
        self.password.setEnabled(True)
        self._look()

    def _busy(self) -> None:
        for widget in (self.password, self.keep, self.forget):
            widget.setEnabled(False)

    def _look(self) -> None:
        self.keep.setEnabled(self.password.isEnabled() and bool(self.password.text()))

    def _lay_out(self, login: str) -> None:
        em = self.fontMetrics().height()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText("Passwort")
        self.password.setAccessibleName("Passwort")
        self.password.textChanged.connect(self._look)
        show = QAction(icon("eye"), "Anzeigen", self.password)
        show.setCheckable(True)
        show.toggled.connect(self._show)
        self.password.addAction(show, QLineEdit.ActionPosition.TrailingPosition)
        close = QPushButton("&Schließen")
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        self.keep.setProperty("role", "primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._keep)
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(self._forget)
        buttons = QHBoxLayout()
        buttons.setSpacing(em // 2)
        buttons.addWidget(self.forget)
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em * 2 // 3)
        box.addWidget(plain_label(f"Passwort der Anmeldung „{login}“", role="heading"))
        box.addWidget(self.state)
        box.addWidget(self.password)
        box.addStretch(1)
        box.addLayout(buttons)
        fit(self, 30, 12)

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.password.setEchoMode(mode)
