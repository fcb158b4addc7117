"""How a task's last picture is made: pure functions from the picture it had while running.

They decide what a status says about the outcome, so this is where the truth is kept: a commit
that was sent and not answered is never told as "nothing was written".
"""

from __future__ import annotations

from dataclasses import replace

from sync_core.error_catalogue import task_error
from sync_core.errors import (
    DeadlineExceededError,
    InternalTaskError,
    InterruptedTaskError,
    OutcomeUnknownError,
    TaskCancelledError,
    TaskError,
)
from sync_core.run_control import CommitState, StopReason
from sync_core.task_model import Progress, TaskStatus, TaskView, TaskWarning


def completed_view(view: TaskView, message: str) -> TaskView:
    """The task did what was asked; ``message`` says so in German."""
    return replace(
        view, status=TaskStatus.COMPLETED, progress=Progress("done", 100, message or "Fertig")
    )


def failed_view(view: TaskView, error: TaskError) -> TaskView:
    """The task failed for a reason that people can do something about."""
    return replace(
        view,
        status=TaskStatus.FAILED,
        progress=replace(view.progress, message=error.message),
        error=error.message,
        error_code=error.code,
        safe_to_retry=task_error(error.code).safe_to_retry,
    )


def cancelled_view(view: TaskView) -> TaskView:
    """Somebody cancelled the task before anything was committed."""
    return replace(
        view,
        status=TaskStatus.CANCELLED,
        progress=replace(view.progress, message="Abgebrochen; es wurde nichts geschrieben."),
    )


def raised_view(view: TaskView, error: BaseException, commit: CommitState) -> TaskView:
    """The task's function raised ``error``; ``commit`` is how far its commit had come.

    The commit's state is the stronger witness: it decides what may be said about the data.
    """
    if commit is CommitState.NOT_SENT:
        if isinstance(error, TaskCancelledError):
            return cancelled_view(view)
        if isinstance(error, TaskError):
            return failed_view(view, error)
    return stopped_view(view, None, commit)


def stopped_view(view: TaskView, reason: StopReason | None, commit: CommitState) -> TaskView:
    """The task ended without a word of its own: stopped for ``reason``, or through our fault.

    ``commit`` is how far its commit had come.
    """
    if commit is CommitState.SENT:
        return failed_view(view, OutcomeUnknownError())
    if commit is CommitState.DONE:
        # What was committed stands; a fault of ours afterwards does not make it a failure.
        warning = TaskWarning(
            "incomplete_report",
            "Die Daten wurden geschrieben; das Ergebnis konnte nicht vollständig "
            "zusammengestellt werden.",
        )
        return completed_view(replace(view, warnings=(*view.warnings, warning)), "Geschrieben")
    if reason is StopReason.CANCELLED:
        return cancelled_view(view)
    if reason is StopReason.SHUTDOWN:
        return failed_view(view, InterruptedTaskError())
    if reason is StopReason.DEADLINE:
        return failed_view(view, DeadlineExceededError())
    return failed_view(view, InternalTaskError())
