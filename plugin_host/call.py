"""Calls into plugins: on a thread of their own, with an end, and with a reason when they fail.

Nothing that a plugin does may end the program, so whatever it raises is caught here, and whatever
it does not finish in time is told to exit or left behind, on a daemon thread.
"""

from __future__ import annotations

import ctypes
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from plugin_host.blame import stack_of_fault
from sync_core.errors import SyncGuiError

T = TypeVar("T")

_FOLDERS = re.compile(
    r"(?<![\w.:/\\])(?:"
    r"(?:[A-Za-z]:|\\)\\(?:[^\\/'\"()<>|:\n]+\\)+"  # C:\Program Files\… and \\server\share\…
    r"|(?:[A-Za-z]:)?/(?:[^/\s'\"()<>|:]+/)+"
    r")"
)
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]+@")
_LONGEST_REASON = 300


class PluginError(SyncGuiError):
    """A plugin cannot be used; the message is the reason that people read."""


class PluginCall(Generic[T]):
    """Work of one plugin, begun on a daemon thread of its own.

    ``doing`` is what the work is as a whole (``start``), ``stage`` tells the step it has come to,
    ``seconds`` is the time it is given, counted from ``since`` (a monotonic time; None: from now).
    """

    def __init__(
        self,
        plugin: str,
        doing: str,
        work: Callable[[], T],
        *,
        seconds: float,
        stage: Callable[[], str],
        since: float | None = None,
    ) -> None:
        self.begun = time.monotonic() if since is None else since
        self._doing = doing
        self._work = work
        self._seconds = seconds
        self._stage = stage
        self._outcome: Future[T] = Future()
        self._deadline = self.begun + seconds
        name = f"plugin {plugin} {doing}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def future(self) -> Future[T]:
        """Done once the work has ended, well or not."""
        return self._outcome

    def seconds_left(self) -> float:
        """What is left of its time."""
        return max(0.0, self._deadline - time.monotonic())

    def is_over_within(self, seconds: float) -> bool:
        """Wait for at most ``seconds``; whether the work has ended or used up its time."""
        left = self.seconds_left()
        return bool(wait([self._outcome], timeout=min(seconds, left)).done) or left <= seconds

    def outcome(self) -> T:
        """Wait for what the work returns, until its time is over.

        Raises ``PluginError`` with the reason when the work raised anything, and when the time is
        over: then Python code is told to exit, and whatever does not is left behind.
        """
        if not wait([self._outcome], timeout=self.seconds_left()).done:
            _tell_to_exit(self._thread)
            raise PluginError(
                f"{self._doing} took longer than {self._seconds:g} s (in {self._stage()})"
            )
        error = self._outcome.exception()
        if error is not None:
            raise PluginError(reason_of(self._stage(), error)) from error
        return self._outcome.result()

    def _run(self) -> None:
        try:
            self._outcome.set_result(self._work())
        except BaseException as error:  # noqa: BLE001 - foreign code may even call sys.exit
            self._outcome.set_exception(error)


def _tell_to_exit(thread: threading.Thread) -> None:
    """Raise ``SystemExit`` in a thread as soon as it runs Python code again.

    A loop that never ends would otherwise slow everything else down until the program ends.
    """
    if thread.ident is not None and thread.is_alive():
        number = ctypes.c_ulong(thread.ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(SystemExit))


def fault_of(doing: str, error: BaseException) -> str:
    """One line that says what failed while ``doing`` and where, without the exception's message.

    For faults while the program is at work: such a message may hold a patient's data.
    """
    if isinstance(error, PluginError):
        return str(error)
    calls = stack_of_fault(error.__traceback__)
    return f"{doing}: {type(error).__name__}" + (f" in {calls[0]}" if calls else "")


def reason_of(doing: str, error: BaseException) -> str:
    """One line that says what failed while ``doing``: the exception's type and its message.

    The API shows it, so folders are cut off paths, credentials off addresses, and it is not
    longer than a few lines of a dialog. A :class:`PluginError` is such a line already.
    """
    if isinstance(error, PluginError):
        return str(error)
    try:
        message = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - the exception's class is the plugin's, and so are its faults
        message = ""
    message = _CREDENTIALS.sub("***@", _FOLDERS.sub("", message))
    text = f"{doing}: {type(error).__name__}" + (f": {message}" if message else "")
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
