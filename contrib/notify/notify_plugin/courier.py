"""The thread that brings news to the chat: collects, sends, waits, gives up; never in the way."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notify_plugin.address import Address
from notify_plugin.message import body_of, compose
from notify_plugin.news import News
from notify_plugin.post import CALL_SECONDS, Answer, Post

if TYPE_CHECKING:
    import logging

    from notify_plugin.settings import NotifySettings

QUEUE_LIMIT = 1000
MOST_ATTEMPTS = 5
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
_SHORTEST_LAST_TRY, _TO_COUNT = 0.2, 0.2
"""A last call is not worth less time; and what is left after it to note what became of it."""


@dataclass(frozen=True)
class Deliveries:
    """How it went so far. ``problem`` is English, empty while the last delivery went well.

    ``lost`` counts the news that never arrived.
    """

    messages: int = 0
    lost: int = 0
    problem: str = ""


def wait_before(attempt: int, answer: Answer) -> float:
    """Seconds to wait after the failed ``attempt`` (from 1); what the chat asks for is honoured."""
    own = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
    return own if answer.retry_after is None else max(answer.retry_after, 1.0)


class Courier:
    """Made, started and stopped once. :meth:`take` returns at once, from any thread.

    The first news of a batch waits ``settings.interval`` seconds for more. A batch that cannot be
    delivered in ``MOST_ATTEMPTS`` attempts is given up and counted. ``wait_after`` is handed in by
    tests.
    """

    def __init__(
        self,
        address: Address,
        settings: NotifySettings,
        logger: logging.Logger,
        wait_after: Callable[[int, Answer], float] = wait_before,
    ) -> None:
        self._address = address
        self._settings = settings
        self._log = logger
        self._wait_after = wait_after
        self._changed = threading.Condition()
        self._queue: deque[News] = deque()
        self._lost_since = 0
        self._ending_at: float | None = None
        self._post: Post | None = None
        self._state = Deliveries()
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self, news: News) -> None:
        """Take news on its way; when too much waits, the oldest is given up and counted."""
        with self._changed:
            if self._ending_at is not None:
                return
            if len(self._queue) >= QUEUE_LIMIT:
                self._queue.popleft()
                self._count_lost(1)
            self._queue.append(news)
            self._changed.notify_all()

    def state(self) -> Deliveries:
        """How it went so far."""
        with self._changed:
            return self._state

    def stop(self, seconds: float) -> None:
        """Send what waits, once, and end within ``seconds``; what is not sent then is counted."""
        with self._changed:
            self._ending_at = time.monotonic() + seconds
            post = self._post
            self._changed.notify_all()
        if post is not None:  # half of the time for a call under way, the rest for the last one
            self._thread.join(seconds / 2)
            post.break_off()
        self._thread.join(max(0.0, self._ending_at - time.monotonic()))
        with self._changed:
            waiting = len(self._queue)
            if waiting:
                self._queue.clear()
                self._count_lost(waiting)
            lost = self._state.lost
        if lost:
            self._log.warning("%d pieces of news for the chat were not delivered", lost)

    def _run(self) -> None:
        while self._wait_for_a_batch():
            with self._changed:
                batch, lost = list(self._queue), self._lost_since
                self._queue.clear()
                self._lost_since = 0
            self._deliver(batch, lost)

    def _wait_for_a_batch(self) -> bool:
        """Wait until something waits and the interval is over; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_ending)
            if not self._is_ending:
                self._changed.wait_for(lambda: self._is_ending, self._settings.interval)
            return bool(self._queue)

    @property
    def _is_ending(self) -> bool:
        return self._ending_at is not None

    def _deliver(self, batch: list[News], lost: int) -> None:
        text = compose(batch, self._settings.most, lost)
        body = body_of(text, self._settings.form)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            was_ending = self._is_ending
            answer = self._send(body)
            if answer.ok:
                with self._changed:
                    self._state = Deliveries(self._state.messages + 1, self._state.lost)
                return
            with self._changed:
                self._state = Deliveries(self._state.messages, self._state.lost, answer.problem)
            if not answer.worth_retrying or was_ending or attempt == MOST_ATTEMPTS:
                break
            self._log.info("the chat did not take a message (%s); trying again", answer.problem)
            with self._changed:
                self._changed.wait_for(lambda: self._is_ending, self._wait_after(attempt, answer))
        with self._changed:
            self._count_lost(len(batch) + lost, counted=lost)
        self._log.warning(
            "the chat did not take a message of %d lines (%s); given up", len(batch), answer.problem
        )

    def _send(self, body: bytes) -> Answer:
        with self._changed:
            seconds = CALL_SECONDS
            if self._ending_at is not None:
                seconds = self._ending_at - time.monotonic() - _TO_COUNT
            if seconds < _SHORTEST_LAST_TRY:
                return Answer(0, "the program ended")
            self._post = post = Post(self._address)
        try:
            return post.send(body, seconds)
        finally:
            with self._changed:
                self._post = None

    def _count_lost(self, count: int, *, counted: int = 0) -> None:
        """Note lost news, ``counted`` of which were noted before."""
        self._lost_since += count
        self._state = Deliveries(
            self._state.messages, self._state.lost + count - counted, self._state.problem
        )
