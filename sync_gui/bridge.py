"""The one way from worker threads to the window."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from PyQt5 import sip
from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

from sync_gui.background import BackgroundPool

Receiver = Callable[[Any], None]

_TURN_SECONDS = 0.010
_PAUSE_MS = 5


@dataclass
class _Subscription:
    receiver: Receiver
    failed: bool = False


@dataclass(frozen=True)
class _Value:
    topic: str
    value: object


@dataclass(frozen=True)
class _Result:
    receiver: Receiver
    value: Any


class QtBridge(QObject):
    """Fulfils ``hookspecs.Bridge`` with a queue that the GUI thread is woken for.

    What waits is delivered together, in turns short enough for the window to paint in between. Were
    each value an event of its own, Qt would serve all of them before anything else, and the thread
    would have to win Python's lock from the senders anew for each.

    Create it on the GUI thread and keep it until the process ends. ``workers`` bounds the threads
    of :meth:`in_background`. A receiver that raises is logged once for its subscription (a
    failing receiver of log lines would feed itself otherwise) and goes on receiving. Attributes:
    ``on_fault``, set by whoever wants to hear of each such fault: where it was, and the fault.
    """

    on_fault: Callable[[str, BaseException], object]
    _woken = pyqtSignal()

    def __init__(self, logger: logging.Logger, *, workers: int = 4) -> None:
        super().__init__()
        self.on_fault = lambda _doing, _error: None
        self._logger = logger
        self._lock = threading.Lock()
        self._topics: dict[str, list[_Subscription]] = {}
        self._pool = BackgroundPool("window-io", workers=workers, limit=500, logger=logger)
        self._waiting: deque[_Value | _Result] = deque()
        self._awake = False
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.timeout.connect(self._deliver)
        self._woken.connect(  # type: ignore[call-arg]  # the stubs know no connection type
            self._deliver, Qt.ConnectionType.QueuedConnection
        )

    def emit(self, topic: str, value: object) -> None:
        """Send an immutable value to the topic's receivers. From any thread."""
        self._send(_Value(topic, value))

    def subscribe(self, topic: str, receiver: Receiver) -> Callable[[], None]:
        """Call ``receiver`` on the GUI thread for each value; returns how to stop that.

        A bound method of a Qt object is dropped by itself once the object is deleted.
        """
        subscription = _Subscription(receiver)
        with self._lock:
            self._topics.setdefault(topic, []).append(subscription)

        def unsubscribe() -> None:
            self._drop(topic, subscription)

        return unsubscribe

    def in_background(self, work: Callable[[], Any], receiver: Receiver) -> None:
        """Run ``work`` on a worker thread, then ``receiver(result)`` on the GUI thread.

        What ``work`` raises is logged and not delivered; so is work that comes after
        :meth:`close` or while hundreds of others wait.
        """

        def run() -> None:
            try:
                result = work()
            except Exception as error:
                self.on_fault("background work", error)
                raise
            self._send(_Result(receiver, result))

        if not self._pool.submit(run):
            self._logger.warning("background work of the window was not accepted")

    def close(self, seconds: float = 1.0) -> bool:
        """End the worker threads and deliver nothing more; whether all threads ended in time."""
        with self._lock:
            self._topics.clear()
        self._waiting.clear()
        return self._pool.close(seconds)

    def _send(self, item: _Value | _Result) -> None:
        # Without a lock: log lines are sent by signal handlers, too, which interrupt anything. Two
        # threads that both find nobody awake wake twice, which does no harm.
        self._waiting.append(item)
        if not self._awake:
            self._awake = True
            self._woken.emit()

    def _deliver(self) -> None:
        """Deliver what waits until the turn is over, and see to the next turn."""
        self._next_turn.start(_PAUSE_MS)  # now: a receiver may run an event loop of its own
        end = monotonic() + _TURN_SECONDS
        while self._waiting and monotonic() < end:
            item = self._waiting.popleft()
            if isinstance(item, _Result):
                self._call(_Subscription(item.receiver), "background result", item.value)
            else:
                self._deliver_value(item.topic, item.value)
        self._awake = False
        if self._waiting:  # also what came between the two
            self._awake = True
        else:
            self._next_turn.stop()

    def _deliver_value(self, topic: str, value: object) -> None:
        with self._lock:
            subscriptions = list(self._topics.get(topic, ()))
        for subscription in subscriptions:
            if _is_gone(subscription.receiver):
                self._drop(topic, subscription)
            else:
                self._call(subscription, topic, value)

    def _call(self, subscription: _Subscription, topic: str, value: object) -> None:
        if _is_gone(subscription.receiver):
            return
        try:
            subscription.receiver(value)
        except Exception as error:  # the edge: one panel's fault must not cost others their news
            self.on_fault("window", error)
            if not subscription.failed:
                subscription.failed = True
                self._logger.exception("a receiver of %r failed", topic)

    def _drop(self, topic: str, subscription: _Subscription) -> None:
        with self._lock:
            subscriptions = self._topics.get(topic, [])
            if subscription in subscriptions:
                subscriptions.remove(subscription)


def _is_gone(receiver: Receiver) -> bool:
    owner = getattr(receiver, "__self__", None)
    return isinstance(owner, sip.simplewrapper) and sip.isdeleted(owner)
