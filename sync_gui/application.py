"""The Qt application: made before the first window, ended by signals of the system."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType

from PyQt5.QtCore import (
    QCoreApplication,
    QLibraryInfo,
    QLocale,
    QObject,
    QSocketNotifier,
    Qt,
    QTimer,
    QTranslator,
)
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QApplication

from sync_gui.icons import icon

LOGGER = logging.getLogger("sync_gui.window")


def create_application(title: str, arguments: Sequence[str] = ()) -> QApplication:
    """Make the application: sharp on every screen, German; faults are logged.

    Call it once, on the main thread, before anything else of Qt. ``arguments`` are Qt's own. The
    style comes with :class:`sync_gui.appearance.AppearanceSwitch`.
    """
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_UseHighDpiPixmaps)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    install_exception_hooks()
    app = QApplication(["sync_gui_qt", *arguments])
    app.setApplicationName("sync_gui")
    app.setApplicationDisplayName(title)
    app.setWindowIcon(icon("program"))
    speak_german(app)
    return app


def speak_german(app: QApplication) -> None:
    """German dates, numbers and words of Qt's own, whatever the system speaks."""
    german = QLocale(QLocale.Language.German, QLocale.Country.Germany)
    QLocale.setDefault(german)
    folder = QLibraryInfo.location(QLibraryInfo.LibraryLocation.TranslationsPath)
    translator = QTranslator(app)
    if translator.load("qtbase_de", folder):
        app.installTranslator(translator)


def install_exception_hooks(
    on_fault: Callable[[str, BaseException], object] = lambda _doing, _error: None,
) -> None:
    """Log what nobody caught instead of aborting, which PyQt would do for a fault in a slot.

    ``on_fault`` is told where it was in English, and the fault, on any thread.
    """

    def log_fault(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        LOGGER.critical("unexpected fault in the window", exc_info=(kind, error, trace))
        on_fault("window", error)

    def log_thread_fault(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
            name = told.thread.name if told.thread is not None else "?"
            LOGGER.critical(
                "unexpected fault in thread %s",
                name,
                exc_info=(told.exc_type, told.exc_value, told.exc_traceback),
            )
            on_fault(f"thread {name}", told.exc_value)

    sys.excepthook = log_fault
    threading.excepthook = log_thread_fault


def install_termination(app: QCoreApplication, end: Callable[[], object]) -> Callable[[], None]:
    """Call ``end`` on the GUI thread when the system asks us to end; returns how to undo that.

    Python runs a signal's handler only once the interpreter gets a turn, which Qt's loop does not
    give it. So the signal also writes to a socket that wakes Qt's loop; this works on Windows for
    Ctrl-C and Ctrl-Break as well. Call it on the main thread. A signal that comes before the loop
    runs counts too: ``end`` is called as the loop's first step, for it could end nothing earlier.
    """
    waker = _Waker(app)
    wanted = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        wanted.append(signal.SIGBREAK)

    def handle(number: int, _frame: FrameType | None) -> None:
        LOGGER.info("the system asks to end (signal %d)", number)
        QTimer.singleShot(0, end)

    before = {number: signal.signal(number, handle) for number in wanted}

    def undo() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        waker.close()

    return undo


class _Waker(QObject):
    """Wakes Qt's loop whenever a signal arrives."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(
            self._reader.fileno(),  # type: ignore[arg-type]  # the stubs want a pointer
            QSocketNotifier.Type.Read,
            self,
        )
        self._notifier.activated.connect(self._drain)

    def close(self) -> None:
        """Wake no more."""
        signal.set_wakeup_fd(self._before)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _drain(self) -> None:
        try:
            while self._reader.recv(64):
                pass
        except BlockingIOError:
            return
