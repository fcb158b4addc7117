"""How a task's last picture is made: pure functions from the picture it had while running.

They decide what a status says about the outcome, so this is where the truth is kept: a commit
that was sent and not answered is never told as "nothing was written", and neither is a task that
writes step by step once a step was sent.
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
from sync_core.task_model import Progress, TaskStatus, TaskView, TaskWarning, Writing

_NOTHING = "Es wurde nichts geschrieben."
_STAYS = "Was bis dahin geschrieben wurde, bleibt; was davon bekannt ist, steht im Ergebnis."
_OPEN = "Ob der letzte Schritt noch ankam, ist offen."


def completed_view(view: TaskView, message: str) -> TaskView:
    """The task did what was asked; ``message`` says so in German."""
    return replace(
        view, status=TaskStatus.COMPLETED, progress=Progress("done", 100, message or "Fertig")
    )


def failed_view(
    view: TaskView, error: TaskError, commit: CommitState = CommitState.NOT_SENT
) -> TaskView:
    """The task failed for a reason that people can do something about.

    ``commit`` is how far its writing had come; it matters for tasks that write step by step.
    """
    message = error.message
    if view.writing is Writing.STEP_BY_STEP:
        entry = task_error(error.code)
        if message == entry.sentence_de:
            message = entry.stepwise_de or message
        message = f"{message} {_what_stays(commit)}"
    return replace(
        view,
        status=TaskStatus.FAILED,
        progress=replace(view.progress, message=message),
        error=message,
        error_code=error.code,
        safe_to_retry=task_error(error.code).safe_to_retry,
    )


def cancelled_view(view: TaskView, commit: CommitState = CommitState.NOT_SENT) -> TaskView:
    """Somebody cancelled the task before anything was committed, or between two steps."""
    message = "Abgebrochen; es wurde nichts geschrieben."
    if view.writing is Writing.STEP_BY_STEP:
        message = f"Abgebrochen. {_what_stays(commit)}"
    return replace(
        view,
        status=TaskStatus.CANCELLED,
        progress=replace(view.progress, message=message),
    )


def _what_stays(commit: CommitState) -> str:
    if commit is CommitState.NOT_SENT:
        return _NOTHING
    return f"{_STAYS} {_OPEN}" if commit is CommitState.SENT else _STAYS


def raised_view(view: TaskView, error: BaseException, commit: CommitState) -> TaskView:
    """The task's function raised ``error``; ``commit`` is how far its commit had come.

    The commit's state is the stronger witness: it decides what may be said about the data.
    """
    if commit is CommitState.NOT_SENT or view.writing is Writing.STEP_BY_STEP:
        if isinstance(error, TaskCancelledError):
            return cancelled_view(view, commit)
        if isinstance(error, TaskError):
            return failed_view(view, error, commit)
    return stopped_view(view, None, commit)


def stopped_view(view: TaskView, reason: StopReason | None, commit: CommitState) -> TaskView:
    """The task ended without a word of its own: stopped for ``reason``, or through our fault.

    ``commit`` is how far its commit had come.
    """
    if view.writing is Writing.AT_ONCE and commit is CommitState.SENT:
        return failed_view(view, OutcomeUnknownError())
    if view.writing is Writing.AT_ONCE and commit is CommitState.DONE:
        # What was committed stands; a fault of ours afterwards does not make it a failure.
        warning = TaskWarning(
            "incomplete_report",
            "Die Daten wurden geschrieben; das Ergebnis konnte nicht vollständig "
            "zusammengestellt werden.",
        )
        return completed_view(replace(view, warnings=(*view.warnings, warning)), "Geschrieben")
    if reason is StopReason.CANCELLED:
        return cancelled_view(view, commit)
    if reason is StopReason.SHUTDOWN:
        return failed_view(view, InterruptedTaskError(), commit)
    if reason is StopReason.DEADLINE:
        return failed_view(view, DeadlineExceededError(), commit)
    return failed_view(view, InternalTaskError(), commit)
