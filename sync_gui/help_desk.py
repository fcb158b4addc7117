"""Opens the help: one window, filled from files that a worker reads."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QObject, Qt, QUrl
from PyQt5.QtGui import QDesktopServices

from hookspecs import Bridge
from sync_gui.arrangement import Arrangement
from sync_gui.help_files import Book, carried_folder, read_book
from sync_gui.help_pages import Place
from sync_gui.help_window import HelpWindow

_NAME = "help"


class HelpDesk(QObject):
    """Keeps the one help window; its size is remembered in ``arrangement``.

    ``folder`` has the pages; without it, the carried ones. Attributes: ``window``, the help window
    while it is open.
    """

    def __init__(
        self,
        parent: QObject,
        bridge: Bridge,
        arrangement: Arrangement,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._arrangement = arrangement
        self._folder = folder or carried_folder()
        self._wanted: Place | str | None = None
        self._kept: set[HelpWindow] = set()
        self.window: HelpWindow | None = None

    def show_page(self, name: str) -> None:
        """Show the beginning of a page."""
        self._show(Place(name))

    def show_chapter(self, title: str) -> None:
        """Show the handbook's chapter of that title; without one, its beginning."""
        self._show(title)

    def close(self) -> None:
        """Close the window, and open none that is still being read."""
        self._wanted = None
        if self.window is not None:
            self.window.close()

    def _show(self, wanted: Place | str) -> None:
        self._wanted = wanted
        if self.window is not None:
            self._bring(self.window)
            return
        folder = self._folder
        self._bridge.in_background(lambda: read_book(folder), self._has_read)

    def _has_read(self, book: Book) -> None:
        if self._wanted is None:
            return  # shown already, or the program is being closed
        if self.window is None:
            self.window = self._make(book)
        self._bring(self.window)

    def _bring(self, window: HelpWindow) -> None:
        wanted, self._wanted = self._wanted, None
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        if isinstance(wanted, str):
            window.go_to_chapter(wanted)
        elif wanted is not None:
            window.go(wanted)
        window.raise_()
        window.activateWindow()

    def _make(self, book: Book) -> HelpWindow:
        window = HelpWindow(book, lambda url: QDesktopServices.openUrl(QUrl(url)))
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._arrangement.follow_dialog(window)
        self._arrangement.restore_parts(window, _NAME)
        window.finished.connect(self._closed)
        # Until Qt has taken it down it may still be laying out a page, so it must not be garbage.
        self._kept.add(window)
        window.destroyed.connect(lambda: self._kept.discard(window))
        return window

    def _closed(self) -> None:
        if self.window is not None:
            self._arrangement.save_parts(self.window, _NAME)
            self.window = None
