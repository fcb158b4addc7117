"""The program's own classes that plugins are handed: the same for all, whoever hosts them."""

from __future__ import annotations

from hookspecs import ErrorTypes, TaskShapes
from sync_core.error_catalogue import advice_de
from sync_core.errors import Refusal, TaskError, task_failure
from sync_core.listed_appointments import read_list
from sync_core.run_control import RunControl, StopReason
from sync_core.task_model import (
    DayLock,
    Resolution,
    TaskOrder,
    TaskOutcome,
    TaskStatus,
    TaskWarning,
    Writing,
)

ERROR_TYPES = ErrorTypes(Refusal, TaskError, advice_de)

TASK_SHAPES = TaskShapes(
    order=TaskOrder,
    outcome=TaskOutcome,
    warning=TaskWarning,
    day_lock=DayLock,
    writing=Writing,
    resolution=Resolution,
    status=TaskStatus,
    failure=task_failure,
    listed=read_list,
    control=RunControl,
    stop_reason=StopReason,
)
