"""The patients that changed and are not synced yet: pure bookkeeping, nothing is started here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from auto_sync_plugin.picture import Unit
from auto_sync_plugin.schedule import sooner, wait_after


@dataclass(frozen=True)
class Waiting:
    """A unit, how often it failed, and when it may be tried (None: now)."""

    unit: Unit
    failures: int = 0
    not_before: datetime | None = None


class WaitingList:
    """Units by key, first come first served. ``interval`` is the least wait after a failure."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval
        self._entries: dict[str, Waiting] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def seen(self) -> dict[str, str]:
        """What was seen of each, by key."""
        return {key: entry.unit.seen for key, entry in self._entries.items()}

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def replace_by(self, changed: Iterable[Unit], running: Collection[str]) -> None:
        """Take what a look found: who is no longer different leaves, who is, stays in turn.

        A unit that changed once more begins anew. What is running (keys) is left to its end.
        """
        entries = {}
        for unit in changed:
            if unit.key in running:
                continue
            known = self._entries.get(unit.key)
            same = known is not None and known.unit.seen == unit.seen
            entries[unit.key] = known if known is not None and same else Waiting(unit)
        self._entries = entries

    def take(self, now: datetime) -> Waiting | None:
        """The first that may be tried now, taken off the list."""
        for key, entry in self._entries.items():
            if self._may(entry, now):
                return self._entries.pop(key)
        return None

    def is_idle(self, now: datetime) -> bool:
        """Whether nobody on the list may be tried now."""
        return not any(self._may(entry, now) for entry in self._entries.values())

    def failed(self, entry: Waiting, now: datetime) -> None:
        """Put a failed one back: later each time."""
        failures = entry.failures + 1
        later = now + wait_after(failures, self._interval)
        self._entries[entry.unit.key] = replace(entry, failures=failures, not_before=later)

    def busy(self, entry: Waiting, now: datetime) -> None:
        """Put one back that somebody else is syncing: no failure, looked at after an interval."""
        self._entries[entry.unit.key] = replace(entry, not_before=now + self._interval)

    def _may(self, entry: Waiting, now: datetime) -> bool:
        if entry.not_before is None:
            return True
        wait = wait_after(entry.failures, self._interval)
        return sooner(now, entry.not_before, wait) <= now
