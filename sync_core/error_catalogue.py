"""Every error code that the program tells anybody, as data.

The API's problem documents, a failed task's ``error_code``, the advice in the window and the
page ``docs/errors.md`` are all made from these two tables, so that they cannot disagree.
Codes are only ever added: clients rely on them.
"""

from __future__ import annotations

from sync_core.error_entries import HttpErrorEntry, TaskErrorEntry
from sync_core.http_errors import HTTP_ERRORS
from sync_core.task_errors import TASK_ERRORS

__all__ = [
    "HTTP_ERRORS",
    "TASK_ERRORS",
    "HttpErrorEntry",
    "TaskErrorEntry",
    "advice_de",
    "http_error",
    "task_error",
]

_TASK_ERRORS_BY_CODE = {entry.code: entry for entry in TASK_ERRORS}
_HTTP_ERRORS_BY_CODE = {entry.code: entry for entry in HTTP_ERRORS}


def task_error(code: str) -> TaskErrorEntry:
    """The catalogue's entry for a failed task's ``error_code``; ``KeyError`` when there is none."""
    return _TASK_ERRORS_BY_CODE[code]


def advice_de(code: str) -> str:
    """What to do about a failed task's ``error_code``, in German; empty for an unknown one."""
    entry = _TASK_ERRORS_BY_CODE.get(code)
    return entry.advice_de if entry is not None else ""


def http_error(code: str) -> HttpErrorEntry:
    """The catalogue's entry for a problem document's ``code``; ``KeyError`` when there is none."""
    return _HTTP_ERRORS_BY_CODE[code]
