"""The shapes of the program's own answers, for the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import OneOf

from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS, HttpErrorEntry, TaskErrorEntry
from sync_core.task_model import STAGES, TaskStatus


def _described(description: str, **further: Any) -> dict[str, Any]:
    return {"description": description, **further}


def _known(entries: Iterable[HttpErrorEntry | TaskErrorEntry]) -> dict[str, Any]:
    """The codes that there are now. Not an ``enum``: more may come, and what was generated from
    an ``enum`` would refuse them."""
    return {"x-extensible-enum": [entry.code for entry in entries]}


class AnswerSchema(Schema):
    """Base of the shapes of answers: clients must expect fields that are added later."""

    class Meta:
        """What the documentation says about further fields: nothing."""

        unknown = EXCLUDE


class ProblemSchema(AnswerSchema):
    """Every error answer (RFC 9457)."""

    type = fields.String(required=True, metadata=_described("Where the code is explained."))
    title = fields.String(required=True)
    status = fields.Integer(required=True, metadata=_described("The HTTP status."))
    detail = fields.String(required=True, metadata=_described("What is wrong, in one sentence."))
    code = fields.String(
        required=True,
        metadata=_described("What is wrong, for machines.", **_known(HTTP_ERRORS)),
    )
    error = fields.String(required=True, metadata=_described("The same as `detail`."))
    request_id = fields.String(required=True, metadata=_described("The same as `X-Request-ID`."))
    errors = fields.Dict(
        metadata=_described(
            "For `invalid_request`: messages by place and field.",
            example={"json": {"date": ["Not a valid date."]}},
        )
    )
    task_id = fields.String(metadata=_described("For `already_running`: the task in the way."))
    status_url = fields.String(metadata=_described("For `already_running`: its status."))


class AcceptedSchema(AnswerSchema):
    """A task was accepted, or asked to stop."""

    message = fields.String(required=True)
    task_id = fields.String(required=True)
    status_url = fields.String(required=True, metadata=_described("Path of the status call."))
    deadline_at = fields.DateTime(
        required=True, metadata=_described("When the task has ended at the latest.")
    )


class ProgressSchema(AnswerSchema):
    """How far a task is."""

    stage = fields.String(required=True, validate=OneOf(STAGES))
    percent = fields.Integer(required=True)
    message = fields.String(required=True, metadata=_described("German, for people."))


class WarningSchema(AnswerSchema):
    """Something people should know about a task that went well."""

    code = fields.String(required=True)
    message = fields.String(required=True, metadata=_described("German, for people."))


class CommonStatusSchema(AnswerSchema):
    """The status fields that tasks of every kind have."""

    task_id = fields.String(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True, validate=OneOf([status.value for status in TaskStatus]))
    progress = fields.Nested(ProgressSchema, required=True)
    created_at = fields.DateTime(required=True)
    started_at = fields.DateTime(required=True, allow_none=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    deadline_at = fields.DateTime(required=True)
    execution_time_ms = fields.Integer(required=True, allow_none=True)
    timing_ms = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=_described("Milliseconds by part; they add up to `execution_time_ms`."),
    )
    warnings = fields.List(fields.Nested(WarningSchema), required=True)
    error = fields.String(
        required=True, allow_none=True, metadata=_described("German, for people.")
    )
    error_code = fields.String(
        required=True,
        allow_none=True,
        metadata=_described("Why a task failed, for machines.", **_known(TASK_ERRORS)),
    )
    safe_to_retry = fields.Boolean(required=True, allow_none=True)
    resolution = fields.String(
        required=True,
        allow_none=True,
        validate=OneOf(["written", "not_written", None]),
        metadata=_described("What became of an `outcome_unknown`, once known."),
    )
    resolved_at = fields.DateTime(required=True, allow_none=True)


class HealthSchema(AnswerSchema):
    """The program is alive."""

    status = fields.String(required=True, validate=OneOf(["healthy"]))
    timestamp = fields.DateTime(required=True)
    active_syncs = fields.Integer(required=True)
    version = fields.String(required=True)


class CheckSchema(AnswerSchema):
    """What one health check found."""

    ok = fields.Boolean(required=True)
    message = fields.String(required=True)
    ms = fields.Integer(required=True)


class ReadySchema(AnswerSchema):
    """Whether everything foreign is there; what is not configured is left out."""

    status = fields.String(required=True, validate=OneOf(["ready", "not_ready"]))
    checks = fields.Dict(keys=fields.String(), values=fields.Nested(CheckSchema), required=True)


class PluginSchema(AnswerSchema):
    """One plugin and what became of it."""

    name = fields.String(required=True)
    version = fields.String(required=True, allow_none=True)
    state = fields.String(
        required=True, validate=OneOf(["loaded", "disabled", "failed", "starting"])
    )
    reason = fields.String(required=True, allow_none=True)
    panels = fields.List(fields.String(), required=True)
    routes = fields.List(fields.String(), required=True)
    contract = fields.Integer(required=True, allow_none=True)
    distribution = fields.String(required=True)
    set_aside = fields.Boolean(required=True)
    start_ms = fields.Integer(required=True, allow_none=True)


class PluginsSchema(AnswerSchema):
    """Every plugin that was found."""

    count = fields.Integer(required=True)
    plugins = fields.List(fields.Nested(PluginSchema), required=True)
