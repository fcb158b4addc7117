"""*Datei → Einstellungen*: every setting of the host and of the plugins."""

from __future__ import annotations

import logging

from PyQt5.QtCore import QModelIndex, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QIcon, QKeySequence, QResizeEvent
from PyQt5.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QShortcut,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from hookspecs import Bridge
from sync_core.errors import SettingsError
from sync_core.settings_writer import SettingsFile, SettingsFileChangedError
from sync_gui.icons import icon
from sync_gui.plain_text import plain_label
from sync_gui.settings_dialog.access import SettingsAccess
from sync_gui.settings_dialog.entries import host_pages
from sync_gui.settings_dialog.page import SettingsPage
from sync_gui.settings_dialog.password_dialog import add_password_button
from sync_gui.settings_dialog.plugin_entries import plugin_page
from sync_gui.settings_dialog.save_words import changes_words, problems_words, save_failure_words
from sync_gui.sizes import fit, set_least

LOGGER = logging.getLogger("sync_gui.window")

_LIST_WIDTH = 14
"""Of the list of sections, in heights of the font, where there is room."""
_LIST_SHARE = 0.34
"""The part of the dialog that it takes at most."""


class SettingsDialog(QDialog):
    """Edits the settings in the file ``seen``. ``saved`` comes when it has been written.

    A file that was changed by somebody else meanwhile is read again, and what was entered stays.
    """

    saved = pyqtSignal()

    def __init__(
        self,
        access: SettingsAccess,
        seen: SettingsFile,
        bridge: Bridge,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._access = access
        self._seen = seen
        self._bridge = bridge
        self._saving = False
        self.setWindowTitle("Einstellungen")
        self.search = QLineEdit()
        self.list = QListWidget()
        self.save = QPushButton("&Speichern")
        self.cancel = QPushButton("&Abbrechen")
        self.summary = plain_label()
        self.pages = self._make_pages()
        self._lay_out()
        self._load(seen, keep_changes=False)
        for page in self.pages:
            page.changed.connect(self._look)
        self.list.setCurrentRow(0)
        self._look()
        self.search.setFocus()

    def show_setting(self, name: str) -> None:
        """Bring the setting of this full name to the front; does nothing where there is none."""
        for number, page in enumerate(self.pages):
            if name in page.rows:
                self.list.setCurrentRow(number)
                page.rows[name].editor.field.setFocus()

    def reject(self) -> None:
        """Close; what was entered is thrown away only after asking."""
        if self._saving:
            return
        if not any(page.is_changed for page in self.pages):
            super().reject()
            return
        box = QMessageBox(self)
        box.setWindowTitle("Einstellungen")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText("Änderungen verwerfen?")
        box.setInformativeText("Was Sie geändert haben, wird nicht gespeichert.")
        throw_away = box.addButton("&Verwerfen", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("&Weiter bearbeiten", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        close = super().reject
        box.buttonClicked.connect(lambda button: close() if button is throw_away else None)
        box.open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave most of a narrow dialog to the settings."""
        super().resizeEvent(event)
        wanted = self.fontMetrics().height() * _LIST_WIDTH
        self._left.setFixedWidth(min(wanted, round(self.width() * _LIST_SHARE)))

    def _make_pages(self) -> list[SettingsPage]:
        access = self._access
        plugins = [
            plugin_page(name, access.plugin_titles.get(name, ""), schema)
            for name, schema in sorted(access.schemas().items())
        ]
        pages = [SettingsPage(page, access.place.fixed) for page in [*host_pages(), *plugins]]
        for page in pages:
            url = page.rows.get("sqlhk.url")
            if url is not None:
                add_password_button(url, access.key_store, self._bridge)
        return pages

    def _load(self, seen: SettingsFile, *, keep_changes: bool) -> None:
        self._seen = seen
        document = seen.document()
        for page in self.pages:
            page.load(document, keep_changes=keep_changes)

    def _look(self) -> None:
        """Check everything and say below what may be done."""
        wrong: list[str] = []
        for number, page in enumerate(self.pages):
            found = page.check()
            # What is wrong in a plugin's table since before must not stop other changes.
            wrong += found if page.is_changed or not page.is_plugins else []
            item = self.list.item(number)
            if item is not None:
                item.setIcon(icon("error") if found else QIcon())
                item.setToolTip("Hier ist etwas noch nicht richtig." if found else "")
        changes = sum(len(page.changes()) for page in self.pages)
        self.summary.setProperty("role", "error" if wrong else "hint")
        style = self.summary.style()
        if style is not None:
            style.unpolish(self.summary)
            style.polish(self.summary)
        self.summary.setText(problems_words(wrong) if wrong else changes_words(changes))
        keeps = self._access.place.file is not None
        self.save.setEnabled(keeps and changes > 0 and not wrong and not self._saving)

    def _save(self) -> None:
        changes = {name: value for page in self.pages for name, value in page.changes().items()}
        place, seen = self._access.place, self._seen

        def work() -> Exception | None:
            try:
                place.change(changes, seen=seen)
            except SettingsError as error:
                return error
            except Exception as error:  # the edge: without an answer the dialog would wait on
                LOGGER.exception("the settings could not be saved")
                return error
            return None

        self._saving = True
        self.save.setEnabled(False)
        self.cancel.setEnabled(False)
        self._bridge.in_background(work, self._saved)

    def _saved(self, error: Exception | None) -> None:
        self._saving = False
        self.cancel.setEnabled(True)
        if error is None:
            self.saved.emit()
            self.accept()
            return
        self._look()
        again = isinstance(error, SettingsFileChangedError) and self._read_again()
        self._tell(save_failure_words(error, read_again=again), str(error))

    def _read_again(self) -> bool:
        try:
            self._load(self._access.place.read(), keep_changes=True)
        except SettingsError:
            return False
        self._look()
        return True

    def _tell(self, sentence: str, technical: str) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Einstellungen")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(sentence)
        box.setInformativeText(f"Technischer Grund: {technical}")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def _search(self, text: str) -> None:
        words = text.strip().casefold()
        for number, page in enumerate(self.pages):
            found = page.search(words)
            item = self.list.item(number)
            if item is not None:
                item.setHidden(not found)
            page.setVisible(found if words else number == self.list.currentRow())
        self._nothing.setVisible(bool(words) and all(page.isHidden() for page in self.pages))
        self._scroll_up()

    def _choose(self, number: int) -> None:
        if self.search.text().strip():
            if 0 <= number < len(self.pages):
                self._area.ensureWidgetVisible(self.pages[number], 0, 0)
            return
        for index, page in enumerate(self.pages):
            page.setVisible(index == number)
        self._scroll_up()

    def _scroll_up(self) -> None:
        bar = self._area.verticalScrollBar()
        if bar is not None:
            bar.setValue(0)

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em * 2 // 3)
        self.search.setPlaceholderText("Suche")
        self.search.setAccessibleName("Suche nach einer Einstellung")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._search)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        self.list.setAccessibleName("Abschnitte")
        self.list.setIconSize(QSize(em, em))
        self.list.setSpacing(em // 8)
        self.list.setItemDelegate(_MarkBehind(self.list))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.addItems([page.page.title for page in self.pages])
        self.list.currentRowChanged.connect(self._choose)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(em // 2)
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        middle = QHBoxLayout()
        middle.setSpacing(em)
        middle.addWidget(self._left)
        middle.addWidget(self._scrolling(), 1)
        box.addLayout(middle, 1)
        box.addWidget(_wrapped(_file_words(self._access)))
        self.summary.setWordWrap(True)
        foot = QHBoxLayout()
        foot.setSpacing(em // 2)
        foot.addWidget(self.summary, 1)
        foot.addWidget(self.save)
        foot.addWidget(self.cancel)
        box.addLayout(foot)
        self.save.setProperty("role", "primary")
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        # Enter is for the fields and the search: it must not write a file that is half done.
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        set_least(self, 40, 22)
        fit(self, 72, 46)

    def _scrolling(self) -> QScrollArea:
        content = QFrame()
        em = self.fontMetrics().height()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, em, 0)
        # As wide as there is room, whatever stands in it: nobody scrolls sideways to read.
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._nothing = plain_label("Keine Einstellung passt dazu.", role="hint")
        self._nothing.hide()
        column.addWidget(self._nothing)
        for page in self.pages:
            column.addWidget(page)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(content)
        return self._area


class _MarkBehind(QStyledItemDelegate):
    """Draws an entry's mark behind its words, so that those stand where they do without one."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        option.decorationPosition = QStyleOptionViewItem.Position.Right


def _wrapped(text: str) -> QWidget:
    label = plain_label(text, role="hint")
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _file_words(access: SettingsAccess) -> str:
    if access.place.file is None:
        return "Die Demo liest keine Einstellungsdatei. Ausprobieren geht, gespeichert wird nichts."
    return f"Datei: {access.place.file}"
