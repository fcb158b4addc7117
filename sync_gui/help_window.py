"""The help: the pages for staff with a table of contents and a search, beside the main window."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QShortcut,
    QSplitter,
    QVBoxLayout,
)

from sync_gui.help_contents import HelpContents
from sync_gui.help_document import plain_text
from sync_gui.help_files import Book
from sync_gui.help_history import History, Spot
from sync_gui.help_pages import (
    HANDBOOK,
    Place,
    WebAddress,
    chapter_about,
    destination,
    headings,
)
from sync_gui.help_search import Match, find_matches, first_from, told
from sync_gui.help_search_bar import HelpSearchBar
from sync_gui.help_view import HelpView
from sync_gui.sizes import fit

_SIZE = (66, 46)
_READ_FROM = 3
"""A heading counts as read once it is that near to the upper edge, in heights of the font."""


class HelpWindow(QDialog):
    """Shows ``book``; addresses of the web are handed to ``open_web``.

    It has no parent: staff must be able to put it behind the main window or beside it.
    """

    def __init__(self, book: Book, open_web: Callable[[str], object]) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowCloseButtonHint)
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint)
        self._book = book
        self._open_web = open_web
        self._history = History()
        self._texts: dict[str, str] = {}
        self._matches: tuple[Match, ...] = ()
        self._current: int | None = None
        self.view = HelpView()
        self.view.followed.connect(self._follow)
        self.contents = HelpContents(book)
        self.contents.chosen.connect(self.go)
        self.bar = HelpSearchBar()
        self.bar.typed.connect(self._search)
        self.bar.next_wanted.connect(lambda: self._step(1))
        self.bar.previous_wanted.connect(lambda: self._step(-1))
        self.back = self._button("&Zurück", "Alt+Pfeil links: wo Sie vorher waren", self._go_back)
        self.forward = self._button("&Vor", "Alt+Pfeil rechts: wieder vor", self._go_forward)
        self._lay_out()
        for keys, call in (
            (QKeySequence("Ctrl+F"), self.bar.begin),
            (QKeySequence("F3"), lambda: self._step(1)),
            (QKeySequence("Shift+F3"), lambda: self._step(-1)),
            (QKeySequence("Alt+Left"), self._go_back),
            (QKeySequence("Alt+Right"), self._go_forward),
        ):
            QShortcut(keys, self).activated.connect(call)
        self._show_ways()
        self.view.setFocus()  # the keys that scroll are those that are needed first

    def go(self, place: Place) -> None:
        """Show a place; an anchor that the page does not have shows its beginning."""
        before = self._spot()
        if self.view.page != place.page:
            self._show_page(place.page)
        found = headings(self._book[place.page].text)
        number = next((n for n, one in enumerate(found) if one.anchor == place.anchor), 0)
        self.view.scroll_to(self.view.heading_position(number))
        self._arrived(before, number)

    def go_to_chapter(self, title: str) -> None:
        """Show the handbook's chapter of that title; without one, its beginning."""
        self.go(Place(HANDBOOK, chapter_about(title, headings(self._book[HANDBOOK].text))))

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        row = QHBoxLayout()
        row.setSpacing(em // 2)
        row.addWidget(self.back)
        row.addWidget(self.forward)
        row.addSpacing(em)
        row.addWidget(self.bar, 1)
        parts = QSplitter()
        parts.addWidget(self.contents)
        parts.addWidget(self.view)
        parts.setStretchFactor(1, 1)
        parts.setChildrenCollapsible(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(em * 2 // 3, em * 2 // 3, em * 2 // 3, em * 2 // 3)
        box.addLayout(row)
        box.addWidget(parts, 1)
        fit(self, *_SIZE)
        self.setMinimumHeight(em * 22)
        parts.setSizes([em * 17, self.width() - em * 17])
        bar = self.view.verticalScrollBar()
        if bar is not None:
            bar.valueChanged.connect(self._scrolled)

    def _button(self, words: str, tip: str, call: Callable[[], None]) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(call)
        return button

    def _show_page(self, name: str) -> None:
        page = self._book[name]
        self.setWindowTitle(f"{page.title} – Hilfe")
        self.view.show_page(page)

    def _spot(self) -> Spot | None:
        return Spot(self.view.page, self.view.top()) if self.view.page else None

    def _arrived(self, before: Spot | None, number: int) -> None:
        if before is not None and before != self._spot():
            self._history.leave(before)
        self.contents.show_place(self.view.page, number)
        self._show_ways()

    def _show_ways(self) -> None:
        self.back.setEnabled(self._history.can_go_back)
        self.forward.setEnabled(self._history.can_go_forward)

    def _go_back(self) -> None:
        here = self._spot()
        self._return_to(self._history.go_back(here) if here is not None else None)

    def _go_forward(self) -> None:
        here = self._spot()
        self._return_to(self._history.go_forward(here) if here is not None else None)

    def _return_to(self, spot: Spot | None) -> None:
        if spot is None:
            return
        if self.view.page != spot.page:
            self._show_page(spot.page)
        self.view.scroll_to(spot.position)
        self._scrolled()
        self._show_ways()

    def _scrolled(self) -> None:
        if self.view.page:
            near = self.view.position_at(self.fontMetrics().height() * _READ_FROM)
            self.contents.show_place(self.view.page, self.view.heading_at(near))

    def _follow(self, target: str) -> None:
        found = destination(self.view.page, target)
        if isinstance(found, WebAddress):
            self._open_web(found.url)
        elif found is not None:
            self.go(found)

    def _search(self, words: str) -> None:
        self._current = None
        self._matches = find_matches(self._plain_texts(), words)
        self.view.mark(self._matches, None)
        self._tell()

    def _step(self, step: int) -> None:
        if not self._matches:
            return
        if self._current is None:
            pages = list(self._book)
            number = first_from(self._matches, pages, self.view.page, self.view.top())
            number -= step < 0
        else:
            number = self._current + step
        self._current = number % len(self._matches)
        match, before = self._matches[self._current], self._spot()
        if match.page != self.view.page:
            self._show_page(match.page)
        self.view.mark(self._matches, match)
        self._arrived(before, self.view.heading_at(match.start))
        self._tell()

    def _tell(self) -> None:
        words = told(self.bar.field.text(), self._matches, self._current)
        self.bar.tell(words, found=bool(self._matches))

    def _plain_texts(self) -> dict[str, str]:
        if not self._texts:
            self._texts = {name: plain_text(page) for name, page in self._book.items()}
        return self._texts
