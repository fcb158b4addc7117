"""*Hilfe → Über*: version, licence, the licences of the parts, and where the source is."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from PyQt5.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, Qt
from PyQt5.QtGui import QFontDatabase
from PyQt5.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from sync_gui.icons import Picture
from sync_gui.parts import Part, installed_parts
from sync_gui.plain_text import plain_label
from sync_gui.read_only_table import Cell, ReadOnlyTable
from sync_gui.sizes import fit
from sync_gui.style import DATA


class AboutDialog(QDialog):
    """``source`` says where the program's source code is."""

    def __init__(
        self, title: str, version: str, source: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Über dieses Programm")
        em = self.fontMetrics().height()
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.setAccessibleName("Über dieses Programm")
        tabs.addTab(_facts(title, version, source), "&Programm")
        licence = (DATA / "gpl-3.0.txt").read_text(encoding="utf-8")
        tabs.addTab(_padded(_text("Lizenztext", licence)), "&Lizenz")
        tabs.addTab(_padded(_parts(installed_parts())), "&Bestandteile")
        close = QPushButton("&Schließen")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em // 2, em, em)
        box.addWidget(tabs, 1)
        box.addLayout(buttons)
        fit(self, 44, 30)


def _facts(title: str, version: str, source: str) -> QWidget:
    page = QWidget()
    em = page.fontMetrics().height()
    picture = Picture("program", em * 4)
    words = QVBoxLayout()
    words.setSpacing(em // 2)
    words.addWidget(plain_label(title, role="big"))
    words.addWidget(plain_label(f"Version {version}"))
    for text in (
        "Überträgt Termine aus CallDoc in die Datenbank SQLHK.",
        "Dieses Programm ist freie Software: Sie dürfen es unter den Bedingungen der GNU General "
        "Public License, Version 3 oder später, nutzen, weitergeben und verändern. Es wird ohne "
        "jede Gewährleistung bereitgestellt. Der vollständige Text steht unter „Lizenz“.",
        f"Quelltext: {source}",
    ):
        label = plain_label(text)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.addWidget(label)
    words.addWidget(
        plain_label(
            f"Python {platform.python_version()} · PyQt {PYQT_VERSION_STR} · Qt {QT_VERSION_STR}",
            role="hint",
        )
    )
    words.addStretch(1)
    row = QHBoxLayout(page)
    row.setContentsMargins(em, em, em, em)
    row.setSpacing(em * 3 // 2)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return page


def _parts(parts: Sequence[Part]) -> QWidget:
    table = ReadOnlyTable("Bestandteile", ("Name", "Version", "Lizenz"), wide=2)
    text = _text("Lizenztext des gewählten Bestandteils", "")

    def show_text() -> None:
        row = table.currentRow()
        if 0 <= row < len(parts):
            text.setPlainText(parts[row].text or f"Lizenz: {parts[row].licence}")

    table.currentCellChanged.connect(show_text)
    table.fill([[Cell(part.name), Cell(part.version), Cell(part.licence)] for part in parts])
    splitter = QSplitter(Qt.Orientation.Vertical)
    splitter.addWidget(table)
    splitter.addWidget(text)
    return splitter


def _text(name: str, content: str) -> QPlainTextEdit:
    text = QPlainTextEdit(content)
    text.setReadOnly(True)
    text.setTabChangesFocus(True)
    text.setAccessibleName(name)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(text.font().pointSizeF() * 0.9)
    text.setFont(font)
    return text


def _padded(content: QWidget) -> QWidget:
    page = QWidget()
    em = page.fontMetrics().height()
    box = QVBoxLayout(page)
    box.setContentsMargins(0, em // 2, 0, em // 2)
    box.addWidget(content)
    return page
