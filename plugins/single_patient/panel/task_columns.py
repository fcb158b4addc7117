"""The columns of the table of syncs and what stands in them. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum

from plugins.single_patient.panel.result_texts import (
    duration_words,
    full_moment_words,
    minute_words,
)
from plugins.single_patient.panel.task_facts import (
    brief_result_of,
    day_of,
    patient_of,
    piz_of,
    progress_words,
    result_of,
    short_type_of,
    source_of,
    stage_words,
    type_of,
)
from sync_core.task_model import TaskView


class Column(IntEnum):
    """The table's columns, from left to right."""

    TIME = 0
    PIZ = 1
    PATIENT = 2
    DAY = 3
    TYPE = 4
    PROGRESS = 5
    RESULT = 6
    SOURCE = 7
    DURATION = 8


HEADINGS = (
    "Zeit",
    "PIZ",
    "Patient",
    "Tag",
    "Art",
    "Fortschritt",
    "Ergebnis",
    "Quelle",
    "Dauer",
)


def cell_text(view: TaskView, column: int, *, names_hidden: bool, now: datetime) -> str:
    """What stands in a cell; ``now`` decides whether a time needs its date."""
    if column == Column.TIME:
        return minute_words(view.created_at, now)
    if column == Column.PATIENT:
        return patient_of(view, names_hidden=names_hidden)
    return _PLAIN_TEXTS[column](view)


def tooltip_text(view: TaskView, column: int, *, now: datetime) -> str:
    """What a cell has no room for; empty when it says everything."""
    if column == Column.RESULT:
        return "\n".join(filter(None, (result_of(view).words, view.error)))
    if column == Column.PROGRESS:
        return f"{progress_words(view)}\n{view.progress.message}"
    if column == Column.TIME:
        return full_moment_words(view.created_at, now)
    if column == Column.TYPE:
        return type_of(view)
    return ""


_PLAIN_TEXTS: dict[int, Callable[[TaskView], str]] = {
    Column.PIZ: piz_of,
    Column.DAY: day_of,
    Column.TYPE: short_type_of,
    Column.PROGRESS: stage_words,
    Column.RESULT: brief_result_of,
    Column.SOURCE: source_of,
    Column.DURATION: lambda view: duration_words(view.execution_time_ms),
}
