"""The world's errors: typed, and told to the user with what to do about them.

A fault of our own is any other exception. The edges (task runner, API, window) log it under a
request id and report it as ``internal_error``; nothing in between catches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sync_core.error_catalogue import HttpErrorEntry, TaskErrorEntry, http_error, task_error


class SyncGuiError(Exception):
    """Base of every error that the program foresees."""


class SettingsError(SyncGuiError):
    """The configuration cannot be used; the message names the place and the allowed values."""


class DataFolderInUseError(SyncGuiError):
    """Another process of the program owns the data folder."""


class JournalError(SyncGuiError):
    """The journal could not be read or written."""


class BackupError(SyncGuiError):
    """The data folder could not be copied; the message says why, in English."""


class Refusal(SyncGuiError):  # noqa: N818 - a refusal is the API's word for it
    """A request that is not carried out, told as the problem document of ``code``.

    ``detail`` is one English sentence without personal data. ``members`` are further members of
    the document (``task_id`` …). ``retry_after`` are seconds for the header of that name.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        members: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.entry: HttpErrorEntry = http_error(code)
        self.code = code
        self.detail = detail
        self.members = dict(members or {})
        self.retry_after = retry_after


class TaskError(SyncGuiError):
    """Why a task failed. One subclass for each ``error_code``.

    ``message`` is a German sentence for people. It never holds a patient's name, birth date or
    contact data, because it is logged and shown everywhere; without one the catalogue's sentence
    is used.
    """

    code: ClassVar[str]

    def __init__(self, message: str | None = None) -> None:
        self.message = message or task_error(self.code).sentence_de
        super().__init__(self.message)

    @property
    def entry(self) -> TaskErrorEntry:
        """What the catalogue says about this error."""
        return task_error(self.code)


class PatientNotFoundError(TaskError):
    """CallDoc knows neither a patient nor an appointment with the number."""

    code = "patient_not_found"


class NoAppointmentsError(TaskError):
    """Nothing of the asked type that is neither cancelled nor a no-show."""

    code = "no_appointments"


class PatientIncompleteError(TaskError):
    """CallDoc's data do not suffice to create the patient."""

    code = "patient_incomplete"


class PatientMismatchError(TaskError):
    """Birth dates that should be the same differ."""

    code = "patient_mismatch"


class AmbiguousPatientError(TaskError):
    """Several SQLHK patients could be meant."""

    code = "ambiguous_patient"


class AmbiguousExaminationError(TaskError):
    """Existing examinations cannot be assigned with certainty."""

    code = "ambiguous_examination"


class MappingMissingError(TaskError):
    """A type, room or doctor has no counterpart in SQLHK, or more than one."""

    code = "mapping_missing"


class PlanChangedError(TaskError):
    """The plan of a dry run no longer holds."""

    code = "plan_changed"


class CallDocUnavailableError(TaskError):
    """CallDoc cannot be reached or stays silent."""

    code = "calldoc_unavailable"


class CallDocError(TaskError):
    """CallDoc answered with an error or with nonsense."""

    code = "calldoc_error"


class SqlhkUnavailableError(TaskError):
    """SQLHK cannot be reached."""

    code = "sqlhk_unavailable"


class SqlhkError(TaskError):
    """SQLHK refused a statement."""

    code = "sqlhk_error"


class ConflictError(TaskError):
    """Somebody changed the same row meanwhile."""

    code = "conflict"


class ScopeViolationError(TaskError):
    """A statement would have touched, or did touch, rows outside its scope: so many."""

    code = "scope_violation"

    def __init__(self, message: str | None = None, *, rows_outside: int = 0) -> None:
        super().__init__(message)
        self.rows_outside = rows_outside


class DeadlineExceededError(TaskError):
    """The task's time is over."""

    code = "timeout"


class InterruptedTaskError(TaskError):
    """The program is ending."""

    code = "interrupted"


class OutcomeUnknownError(TaskError):
    """A commit was sent and its answer never came."""

    code = "outcome_unknown"


class JournalUnavailableError(TaskError):
    """The journal could not be written before the commit."""

    code = "journal_unavailable"


class InternalTaskError(TaskError):
    """A fault of our own, as the task's status tells it."""

    code = "internal_error"


class TaskCancelledError(SyncGuiError):
    """Somebody cancelled the task; not a failure, so it has no error code."""


def task_failure(code: str, message: str | None = None) -> TaskError:
    """The error of ``code``, for whoever knows codes and not classes.

    Raises ``KeyError`` for a code that no task error has.
    """
    return {error.code: error for error in TaskError.__subclasses__()}[code](message)
