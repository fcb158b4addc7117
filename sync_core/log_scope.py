"""Which task and which request the current thread works for, as every log line tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TASK_ID: ContextVar[str] = ContextVar("task_id", default="-")
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")


@contextmanager
def log_scope(*, task_id: str | None = None, request_id: str | None = None) -> Iterator[None]:
    """Within the block, log lines of this thread carry these ids."""
    task_token = TASK_ID.set(task_id) if task_id is not None else None
    request_token = REQUEST_ID.set(request_id) if request_id is not None else None
    try:
        yield
    finally:
        if task_token is not None:
            TASK_ID.reset(task_token)
        if request_token is not None:
            REQUEST_ID.reset(request_token)
