"""The real program in the demo with its window, and what a scene may do with it."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from PyQt5.QtCore import (
    QEvent,
    QEventLoop,
    QMessageLogContext,
    QObject,
    QPoint,
    QSize,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PyQt5.QtGui import QImage, QPainter
from PyQt5.QtWidgets import QAction, QApplication, QDialog, QMenu, QTableView, QTabWidget, QWidget

from sync_core.key_store import KeyStoreInMemory
from sync_core.settings import ApiSettings, Settings
from sync_core.settings_loader import FILE_NAME
from sync_core.settings_place import SettingsPlace
from sync_gui.appearance import Appearance
from sync_gui.application import create_application
from sync_gui.demo_switches import SYSTEMS, DemoSwitches
from sync_gui.main_window import MainWindow
from sync_program.command_line import parse_command_line
from sync_program.run import Running, RunPlan, plan_run
from sync_program.window import TITLE, opened_program

DAY = "2025-10-06"
SIZE = QSize(1360, 860)
_POINTS = 10.0
"""As large as on Windows; the offscreen display has no size of its own."""
_USUAL_PORT = 5555
_WAIT_SECONDS = 60.0
_TURN_MS = 10
_Widget = TypeVar("_Widget", bound=QObject)


class StageError(Exception):
    """The program did not do what a scene waits for; the text says what."""


@dataclass(frozen=True)
class Stage:
    """``window`` and ``running`` are the program's; ``switches`` disturb the simulated systems."""

    app: QApplication
    window: MainWindow
    running: Running
    switches: DemoSwitches

    def wait(self, done: Callable[[], object], what: str) -> None:
        """Let the window work until ``done``; raises ``StageError`` after a minute."""
        end = time.monotonic() + _WAIT_SECONDS
        while not done():
            if time.monotonic() > end:
                raise StageError(f"waited in vain: {what}")
            _let_qt_work()

    def settle(self, seconds: float = 0.35) -> None:
        """Let the window come to rest: gathered events, layouts, what answers in background."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, "time")

    def find(self, kind: type[_Widget], name: str, inside: QWidget | None = None) -> _Widget:
        """The visible widget that screen readers call ``name``."""
        for widget in (inside or self.window).findChildren(kind):
            if isinstance(widget, QWidget) and _called(widget) == name and widget.isVisible():
                return widget
        raise StageError(f"no {kind.__name__} is called {name!r}")

    def action(self, words: str) -> QAction:
        """The menu entry with these words."""
        for action in self.window.findChildren(QAction):
            if action.text().replace("&", "") == words:
                return action
        raise StageError(f"no menu has {words!r}")

    def menu(self, words: str) -> QMenu:
        """The menu of that title."""
        for menu in self.window.findChildren(QMenu):
            if menu.title().replace("&", "") == words:
                return menu
        raise StageError(f"there is no menu {words!r}")

    def tab(self, words: str) -> None:
        """Bring a visible tab to the front whose title begins so."""
        for tabs in self.window.findChildren(QTabWidget):
            for number in range(tabs.count()):
                if tabs.isVisible() and tabs.tabText(number).startswith(words):
                    tabs.setCurrentIndex(number)
                    return
        raise StageError(f"there is no tab {words!r}")

    def dialogs(self) -> list[QDialog]:
        """The dialogs that are open."""
        return [one for one in self.window.findChildren(QDialog) if one.isVisible()]

    def choose_row(self, table: str, text: str) -> None:
        """Choose the first row of a table that has this text in a cell."""
        view = self.find(QTableView, table)
        model = view.model()
        if model is None:
            raise StageError(f"{table} has no model")
        for row in range(model.rowCount()):
            if any(model.index(row, at).data() == text for at in range(model.columnCount())):
                view.setCurrentIndex(model.index(row, 0))
                self.settle(0.3)
                return
        raise StageError(f"{table} has no row with {text!r}")

    def disturb(self, system: str, words: str) -> None:
        """Switch a fault of a simulated system on."""
        found = next(one for one in SYSTEMS if one.name == system)
        number = [choice.words for choice in found.choices].index(words)
        self.switches.choose(found, number)

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """A call to the program's own API; the decoded answer."""
        parts = urlsplit(self.running.api.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_WAIT_SECONDS)
        try:
            body = None if document is None else json.dumps(document)
            connection.request(method, path, body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def sync(self, piz: str, **more: Any) -> str:
        """Start one patient's sync over the API; its task id."""
        document = {"piz": piz, "date": DAY, **more}
        return str(self.ask("POST", "/api/sync/patient", document)["task_id"])

    def sync_to_the_end(self, piz: str, **more: Any) -> None:
        """The same, until it has ended and the window knows."""
        task_id = self.sync(piz, **more)
        self.wait(lambda: self.has_ended(task_id), f"the end of {piz}")
        self.settle(0.2)

    def has_ended(self, task_id: str) -> bool:
        """Whether a task has ended."""
        view = self.running.program.tasks.get(task_id)
        return view is not None and view.status.ended

    def show_theme(self, appearance: Appearance) -> None:
        """Show the window light or dark."""
        self.action(appearance_label(appearance)).trigger()
        self.settle(0.1)


def appearance_label(appearance: Appearance) -> str:
    """The menu's words for a theme."""
    return {Appearance.LIGHT: "Hell", Appearance.DARK: "Dunkel"}[appearance]


def grab(*widgets: QWidget) -> QImage:
    """A picture of the first widget with the others, which lie above it, in their places."""
    first, *above = widgets
    image = first.grab().toImage()
    painter = QPainter(image)
    for widget in above:
        place = widget.mapToGlobal(QPoint(0, 0)) - first.mapToGlobal(QPoint(0, 0))
        painter.drawPixmap(place, widget.grab())
    painter.end()
    return image


def stage_application() -> QApplication:
    """The application for an offscreen display, with a font as large as on Windows."""
    qInstallMessageHandler(_say)
    app = create_application(TITLE)
    font = app.font()
    font.setPointSizeF(_POINTS)
    app.setFont(font)
    return app


@contextmanager
def opened_stage(app: QApplication, folder: Path, port: int = 0) -> Iterator[Stage]:
    """The demo with its window, everything in ``folder``; the API listens on ``port``."""
    plan = plan_run(parse_command_line(["--demo", "--data-dir", str(folder)], ""), "1.0.0")
    plan = replace(plan, settings=replace(plan.settings, api=ApiSettings(port=port)))
    with _played(app, plan) as stage:
        try:
            yield stage
        finally:
            stage.switches.clear()


@contextmanager
def opened_unconfigured(app: QApplication, folder: Path, port: int = 0) -> Iterator[Stage]:
    """The program as it starts where nobody has set anything up; its settings go to ``folder``,
    too, and it has nothing to disturb."""
    plan = RunPlan(
        version="1.0.0",
        settings=Settings(api=ApiSettings(port=port)),
        data_dir=folder,
        base_folder=folder,
        demo=False,
        safe_mode=False,
        place=SettingsPlace(folder / FILE_NAME),
        key_store=KeyStoreInMemory(),
    )
    with _played(app, plan) as stage:
        yield stage


@contextmanager
def _played(app: QApplication, plan: RunPlan) -> Iterator[Stage]:
    with plan.claim_folder(), _opened(app, plan) as (window, running):
        running.api.start()
        stage = Stage(app, window, running, DemoSwitches(running.demo_control or ""))
        window.resize(SIZE)
        window.show()
        stage.wait(lambda: all(frame.built for frame in window.panels.frames), "the panels")
        stage.settle(1.0)
        try:
            yield stage
        finally:
            window.close_without_asking()
            window.deleteLater()
            app.sendPostedEvents(window, QEvent.Type.DeferredDelete)


def _opened(app: QApplication, plan: RunPlan) -> AbstractContextManager[tuple[MainWindow, Running]]:
    """The program, whose window ends no loop: a loop of Qt that was ended never runs again."""
    return opened_program(app, plan, closed=lambda: None)


def _let_qt_work() -> None:
    loop = QEventLoop()
    QTimer.singleShot(_TURN_MS, loop.quit)
    loop.exec_()


def usual_port() -> int:
    """The port that the documentation names, if nobody has it; else any."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", _USUAL_PORT)) == 0 else _USUAL_PORT


def _say(_kind: QtMsgType, _context: QMessageLogContext, words: str | None) -> None:
    """Pass on what Qt says, except that the offscreen display lacks what nobody here needs."""
    if words and not words.startswith("This plugin does not support"):
        print(words, file=sys.stderr)


def _called(widget: QWidget) -> str:
    return widget.accessibleName() or str(widget.property("text") or "").replace("&", "")
