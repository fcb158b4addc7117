"""Shows one page of the help: scrolls to headings, marks what was found, tells of links."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, QPoint, Qt, QTimer, QUrl, pyqtSignal
from PyQt5.QtGui import QResizeEvent, QTextCharFormat, QTextCursor
from PyQt5.QtWidgets import QTextBrowser, QTextEdit, QWidget

from sync_gui.help_document import PageDocument, Sheet
from sync_gui.help_files import HelpPage
from sync_gui.help_search import Match
from sync_gui.style import colour

_REST_MS = 80
_LOOKS = (
    QEvent.Type.PaletteChange,
    QEvent.Type.StyleChange,
    QEvent.Type.FontChange,
)


class HelpView(QTextBrowser):
    """``followed`` comes with a link's target as the page has it; nothing is opened here."""

    followed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFrameShape(self.Shape.NoFrame)
        # A bar that comes and goes would change the width and have every page laid out twice.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page: HelpPage | None = None
        self._shown: PageDocument | None = None
        self._matches: Sequence[Match] = ()
        self._current: Match | None = None
        self._top = 0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._lay_out_again)
        self.anchorClicked.connect(lambda url: self.followed.emit(url.toString()))

    @property
    def page(self) -> str:
        """The name of the page that is shown; empty before the first."""
        return self._page.name if self._page is not None else ""

    def show_page(self, page: HelpPage) -> None:
        """Show the beginning of a page."""
        self._page = page
        self.setAccessibleName(page.title)
        self._lay_out()

    def top(self) -> int:
        """The position of the first letter in sight."""
        return self.position_at(1)

    def position_at(self, height: int) -> int:
        """The position of the letter that stands so many pixels below the upper edge."""
        return self.cursorForPosition(QPoint(1, height)).position()

    def scroll_to(self, position: int) -> None:
        """Bring the line of that letter to the upper edge, as far as the page allows."""
        cursor = self._cursor(position, position)
        bar = self.verticalScrollBar()
        if bar is not None and self._shown is not None:
            self._shown.size()  # lays the whole page out, so that the bar knows its length
            bar.setValue(bar.value() + self.cursorRect(cursor).top() if position else 0)
        self.setTextCursor(cursor)  # now in sight: before, Qt would scroll on its own account

    def heading_position(self, number: int) -> int:
        """Where a heading begins; ``number`` counts from 0."""
        blocks = self._shown.heading_blocks() if self._shown is not None else []
        return blocks[number].position() if number < len(blocks) else 0

    def heading_at(self, position: int) -> int:
        """The number of the heading under which that letter stands; 0 before the first."""
        blocks = self._shown.heading_blocks() if self._shown is not None else []
        before = [number for number, block in enumerate(blocks) if block.position() <= position]
        return before[-1] if before else 0

    def mark(self, matches: Sequence[Match], current: Match | None) -> None:
        """Mark what was found; the ``current`` one is chosen and brought into sight."""
        self._matches, self._current = matches, current
        self._mark()
        if current is not None and current.page == self.page:
            self._bring_into_sight(current)

    def loadResource(self, _kind: int, _name: QUrl) -> None:
        """Nothing: pages bring their pictures along."""
        return

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pictures to the new width, once it rests."""
        if self._shown is not None and self._sheet() != self._shown.sheet:
            # Before Qt lays out the page as it is: with that, other lines come to the top.
            self._soon(_REST_MS)
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take over another theme or font."""
        super().changeEvent(event)
        if event.type() in _LOOKS and self._shown is not None:
            self._soon(0)

    def _soon(self, milliseconds: int) -> None:
        if not self._again.isActive():
            self._top = self.top()
        self._again.start(milliseconds)

    def _bring_into_sight(self, match: Match) -> None:
        bar, viewport = self.verticalScrollBar(), self.viewport()
        cursor = self._cursor(match.start, match.end)
        if bar is not None and viewport is not None and self._shown is not None:
            self._shown.size()
            place, height = self.cursorRect(cursor), viewport.height()
            if place.top() < 0 or place.bottom() > height:
                bar.setValue(bar.value() + place.top() - height // 3)
        self.setTextCursor(cursor)

    def _lay_out_again(self) -> None:
        top, chosen = self._top, self.textCursor()
        self._lay_out()
        self.scroll_to(top)
        self.setTextCursor(self._cursor(chosen.anchor(), chosen.position()))

    def _lay_out(self) -> None:
        if self._page is None:
            return
        old, self._shown = self._shown, PageDocument(self._page, self._sheet(), self)
        self.setDocument(self._shown)
        if old is not None:
            old.deleteLater()
        self._mark()

    def _sheet(self) -> Sheet:
        viewport = self.viewport()
        width = viewport.width() if viewport is not None else self.width()
        return Sheet(self.font(), width, self.devicePixelRatioF())

    def _mark(self) -> None:
        found, chosen = _look("demo", "demo_text"), _look("accent", "on_accent")
        marks = []
        for match in self._matches:
            if match.page == self.page:
                mark = QTextEdit.ExtraSelection()
                mark.cursor = self._cursor(match.start, match.end)
                mark.format = chosen if match == self._current else found
                marks.append(mark)
        self.setExtraSelections(marks)

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        last = cursor.document().characterCount() - 1
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor


def _look(ground: str, text: str) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setBackground(colour(ground))
    look.setForeground(colour(text))
    return look
