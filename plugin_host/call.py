"""Calls into plugins: on a thread of their own, with an end, and with a reason when they fail.

Nothing that a plugin does may end the program, so whatever it raises is caught here, and whatever
it never finishes is left behind on a daemon thread.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

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
    ``seconds`` is the time it is given, counted from now.
    """

    def __init__(
        self,
        plugin: str,
        doing: str,
        work: Callable[[], T],
        *,
        seconds: float,
        stage: Callable[[], str],
    ) -> None:
        self._doing = doing
        self._work = work
        self._seconds = seconds
        self._stage = stage
        self._outcome: Future[T] = Future()
        self._deadline = time.monotonic() + seconds
        threading.Thread(target=self._run, name=f"plugin {plugin} {doing}", daemon=True).start()

    def outcome(self) -> T:
        """Wait for what the work returns, until its time is over.

        Raises ``PluginError`` with the reason when the work raised anything, and when the time is
        over: then the thread is left behind.
        """
        left = max(0.0, self._deadline - time.monotonic())
        if not wait([self._outcome], timeout=left).done:
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
