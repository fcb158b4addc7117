"""Finds out what became of commits that were sent and never answered.

That happens when the connection breaks during a commit, when a commit hangs beyond the deadline,
and when the program is killed in between. The intent was written to the journal before; its kind
of task compares it with SQLHK. While SQLHK cannot be asked, it is asked again and again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from sync_core.errors import InterruptedTaskError, OutcomeUnknownError, SyncGuiError
from sync_core.journal import Journal
from sync_core.log_scope import log_scope
from sync_core.receipts import OpenIntent
from sync_core.run_control import RunControl
from sync_core.task_end import completed_view, failed_view
from sync_core.task_model import (
    Resolution,
    TaskOutcome,
    TaskStatus,
    TaskView,
    TaskWarning,
)

Later = Callable[[], Sequence[Mapping[str, Any]]]

Resolve = Callable[[Mapping[str, Any], RunControl, Later], Resolution]
"""How a kind of task compares its intent with SQLHK; raises ``TaskError`` if it cannot ask."""

ASK_SECONDS = 10.0
"""How long one question may take."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds until the next round, by the number of rounds that left something open."""


def intent_body(
    view: TaskView, intent: Mapping[str, Any], if_written: TaskOutcome
) -> dict[str, Any]:
    """An intent as its receipt keeps it: what, who asked, and what the status tells if written."""
    return {
        "kind": view.kind,
        "request": dict(view.request),
        "request_id": view.request_id,
        "source": {"channel": view.source.channel, "client": view.source.client},
        "intent": dict(intent),
        "if_written": {
            "message": if_written.message,
            "body": dict(if_written.body),
            "warnings": [asdict(warning) for warning in if_written.warnings],
        },
    }


class OutcomeResolver:
    """Settles open intents on a thread of its own, from :meth:`start` to :meth:`stop`.

    ``active`` are the ids of tasks that still run here: they settle their own intents.
    ``resolvers`` are the kinds' comparisons by name; ``settled`` is told each task's new picture.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        active: Callable[[], frozenset[str]],
        resolvers: Callable[[], Mapping[str, Resolve]],
        settled: Callable[[TaskView], None],
        logger: logging.Logger,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._journal = journal
        self._receipts = journal.receipts
        self._active = active
        self._resolvers = resolvers
        self._settled = settled
        self._log = logger
        self._now = now
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outcome-resolver", daemon=True)

    def start(self) -> None:
        """Begin; what the last run left open is asked for at once."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End the thread; a question under way is broken off where that is possible."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is None:
            return  # the start broke off before its turn
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._log.error("thread %s hangs in a question and is left", self._thread.name)

    def wake(self) -> None:
        """A task has ended with an unknown outcome: ask for it now."""
        self._wake.set()

    def settle(self) -> int:
        """Ask once for each open intent; returns how many stay open."""
        # In this order: a task that began meanwhile is not among the first, and one that ended
        # meanwhile has closed its intent before it ceased to be active.
        before = {item.task_id for item in self._receipts.open_intents()}
        orphaned = before - self._active()
        waiting = [item for item in self._receipts.open_intents() if item.task_id in orphaned]
        return sum(not self._settle_one(item) for item in waiting if not self._stopping.is_set())

    def _run(self) -> None:
        rounds = 0
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                still_open = self.settle()
            except Exception:  # noqa: BLE001 - the edge: a plugin's fault must not end the asking
                self._log.exception("open outcomes could not be looked up")
                still_open = 1
            pause = PAUSES[min(rounds, len(PAUSES) - 1)] if still_open else None
            rounds = rounds + 1 if still_open else 0
            self._wake.wait(pause)

    def _settle_one(self, item: OpenIntent) -> bool:
        view = self._journal.task(item.task_id)
        if view is None:
            self._log.warning("nobody can tell what became of task %s", item.task_id)
            return False
        with log_scope(task_id=item.task_id, request_id=view.request_id):
            resolve = self._resolvers().get(item.body.get("kind", ""))
            if resolve is None:  # its plugin is not loaded, or the intent cannot be read
                self._log.warning("nobody can tell what became of the task")
                self._tell_unknown(view)
                return False
            try:
                resolution = resolve(
                    item.body["intent"], RunControl(ASK_SECONDS), partial(self._later, item)
                )
            except SyncGuiError as error:
                self._log.warning("the outcome cannot be asked for now: %s", error)
                self._tell_unknown(view)
                return False
            self._log.info("the outcome is known: %s", resolution.outcome)
            # The receipt comes last: killed in between, the open intent is asked for once more,
            # while a closed one of an unfinished task would be taken for nothing written.
            self._tell(self._resolved(view, resolution, item.body["if_written"]))
            self._receipts.record(item.task_id, resolution.outcome, {"asked": True})
            return True

    def _later(self, item: OpenIntent) -> list[Mapping[str, Any]]:
        """What tasks of the same kind intended since."""
        bodies = self._receipts.intents_after(item.number)
        return [body["intent"] for body in bodies if body.get("kind") == item.body["kind"]]

    def _tell_unknown(self, view: TaskView) -> None:
        if not view.status.ended:
            self._tell(self._ended(view, failed_view(view, OutcomeUnknownError())))

    def _resolved(
        self, view: TaskView, resolution: Resolution, if_written: Mapping[str, Any]
    ) -> TaskView:
        if not view.status.ended:
            return self._ended(view, self._ending(view, resolution, if_written))
        if view.error_code != OutcomeUnknownError.code or resolution.outcome == "undecided":
            return view
        return replace(
            view,
            resolution=resolution.outcome,
            resolved_at=self._now(),
            warnings=(*view.warnings, *resolution.warnings),
        )

    def _ending(
        self, view: TaskView, resolution: Resolution, if_written: Mapping[str, Any]
    ) -> TaskView:
        if resolution.outcome == "undecided":
            return failed_view(view, OutcomeUnknownError())
        if resolution.outcome == "not_written":
            return failed_view(view, InterruptedTaskError())
        warnings = [TaskWarning(**item) for item in if_written["warnings"]]
        known = replace(view, body=if_written["body"], warnings=(*warnings, *resolution.warnings))
        return completed_view(known, if_written["message"])

    def _ended(self, view: TaskView, ending: TaskView) -> TaskView:
        now = self._now()
        whole = max(0, round((now - view.created_at).total_seconds() * 1000))
        return replace(
            ending,
            finished_at=now,
            execution_time_ms=whole,
            timing_ms={"queue": 0, "calldoc": 0, "sqlhk": 0, "other": whole},
        )

    def _tell(self, view: TaskView) -> None:
        if view.status is TaskStatus.FAILED or view.status is TaskStatus.COMPLETED:
            self._journal.end(view)
            self._settled(view)
