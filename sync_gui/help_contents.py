"""The table of contents beside a page of the help."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from sync_gui.help_files import Book
from sync_gui.help_pages import Heading, Place, headings

_PLACE = Qt.ItemDataRole.UserRole
_ROW = 1.5
"""Height of a row, in heights of the font."""


class HelpContents(QTreeWidget):
    """All pages and their headings; ``chosen`` comes with the ``Place`` somebody wants to read."""

    chosen = pyqtSignal(object)

    def __init__(self, book: Book, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Inhalt")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setFrameShape(self.Shape.NoFrame)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._items: dict[str, list[QTreeWidgetItem]] = {}
        for name, page in book.items():
            top = self._item(page.title, Place(name))
            self.addTopLevelItem(top)
            self._items[name] = [top]
            self._add_headings(name, top, headings(page.text))
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def show_place(self, page: str, number: int) -> None:
        """Mark where somebody is: below the heading of that number on that page."""
        items = self._items[page]
        item = items[min(number, len(items) - 1)]
        if item is self.currentItem():
            return
        for name, others in self._items.items():
            others[0].setExpanded(name == page)
        self.setCurrentItem(item)

    def _add_headings(self, page: str, top: QTreeWidgetItem, found: tuple[Heading, ...]) -> None:
        above = {1: top}
        for number, heading in enumerate(found):
            if number == 0 and heading.level == 1:
                continue  # the page's title
            item = self._item(heading.text, Place(page, heading.anchor))
            parent = next(
                above[level] for level in range(heading.level - 1, -1, -1) if level in above
            )
            parent.addChild(item)
            above = {level: kept for level, kept in above.items() if level < heading.level}
            above[heading.level] = item
            self._items[page].append(item)

    def _item(self, text: str, place: Place) -> QTreeWidgetItem:
        item = QTreeWidgetItem([text])
        item.setData(0, _PLACE, place)
        item.setToolTip(0, text)
        item.setSizeHint(0, QSize(0, round(self.fontMetrics().height() * _ROW)))
        return item

    def _choose(self, item: QTreeWidgetItem) -> None:
        self.chosen.emit(item.data(0, _PLACE))
