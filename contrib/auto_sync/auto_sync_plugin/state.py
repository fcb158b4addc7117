"""What the panel shows: one immutable value, sent from the worker's thread to the window's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from auto_sync_plugin.memory import Run

TOPIC = "auto_sync"


@dataclass(frozen=True)
class WatchState:
    """``left_out`` tells in German what the last look could not use; empty for nothing."""

    last_look: datetime | None = None
    next_look: datetime | None = None
    patients: int | None = None
    changes: int = 0
    waiting: int = 0
    running: int = 0
    left_out: str = ""
    problem: str = ""


@dataclass(frozen=True)
class AutoState:
    """``daily`` and ``watch`` are None where the settings switch that part off.

    ``by_switch``: the panel's switch decides, not the setting. ``missing`` are the German names of
    task kinds that no loaded plugin brings.
    """

    on: bool
    by_switch: bool
    next_daily: datetime | None
    daily_running: bool
    watch: WatchState | None
    missing: tuple[str, ...]
    fault: bool
    runs: tuple[Run, ...]
