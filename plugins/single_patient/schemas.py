"""The plugin's marshmallow schemas: what a request may hold, and what a status shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from plugins.single_patient.ledger import SKIP_REASONS
from plugins.single_patient.request import DEFAULT_TYPE, SyncRequest
from sync_core.strict_fields import LARGEST_INTEGER, DayField, StrictBoolean, StrictInteger

_PIZ = re.compile(r"[0-9]{1,9}")
_NAME = (
    "What people call the lab, examiner or kind of examination whose key is `{}`; null for every "
    "other column and where SQLHK has no name. Tasks of earlier versions, and tasks settled from a "
    "receipt after a crash, have no such field."
)


class PizField(fields.Field[int]):
    """A patient's number: 1 to 9 digits, not all zero, as text or as an integer."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValidationError("Not a valid number: 1 to 9 digits, as a string or an integer.")
        text = str(value).strip()
        if not _PIZ.fullmatch(text):
            raise ValidationError("Must have 1 to 9 digits.")
        if int(text) == 0:
            raise ValidationError("Must not be zero.")
        return int(text)


class SyncRequestSchema(Schema):
    """The body of ``POST /api/sync/patient``; loading gives a :class:`SyncRequest`."""

    class Meta:
        """What the documentation says about fields that do not go together."""

        json_schema: ClassVar[Mapping[str, Any]] = {
            "not": {
                "required": ["dry_run", "plan_token"],
                "properties": {"dry_run": {"enum": [True]}},
            }
        }

    piz = PizField(
        required=True,
        metadata={
            "description": "The patient's number: 1 to 9 digits, not all zero; outer blanks and "
            "leading zeros mean nothing. A JSON integer means the same.",
            "oneOf": [
                {"type": "string", "pattern": r"^\s*(?!0+\s*$)[0-9]{1,9}\s*$"},
                {"type": "integer", "minimum": 1, "maximum": 999999999},
            ],
            "example": "1234567",
        },
    )
    date = DayField(
        required=True,
        metadata={
            "description": "The day.",
            "type": "string",
            "format": "date",
            "example": "2025-10-06",
        },
    )
    appointment_type_id = StrictInteger(
        load_default=DEFAULT_TYPE,
        validate=validate.Range(min=1, max=LARGEST_INTEGER),
        metadata={"description": "CallDoc's appointment type.", "example": 24},
    )
    dry_run = StrictBoolean(
        load_default=False,
        metadata={"description": "Work out and report everything, write nothing."},
    )
    plan_token = fields.String(
        validate=validate.Regexp(r"^[0-9a-f]{64}\Z", error="Not a plan token."),
        metadata={
            "description": "From a dry run: carry out exactly that plan, or nothing.",
            "pattern": "^[0-9a-f]{64}$",
        },
    )
    expected_birth_date = DayField(
        metadata={
            "description": "Refuse unless the patient was born on that day.",
            "type": "string",
            "format": "date",
            "example": "1950-01-31",
        },
    )

    @validates_schema
    def token_or_dry_run(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A plan is either made or carried out."""
        if data.get("dry_run") and data.get("plan_token") is not None:
            raise ValidationError("Not together with dry_run.", "plan_token")

    @post_load
    def make_request(self, data: dict[str, Any], **_kwargs: Any) -> SyncRequest:
        """The request as one value."""
        return SyncRequest(
            piz=data["piz"],
            day=data["date"],
            appointment_type_id=data["appointment_type_id"],
            dry_run=data["dry_run"],
            plan_token=data.get("plan_token"),
            expected_birth_date=data.get("expected_birth_date"),
        )


class StatusPartSchema(Schema):
    """Base of what a status shows: clients must expect fields that are added later."""

    class Meta:
        """What the documentation says about further fields: nothing."""

        unknown = EXCLUDE


class PatientSchema(StatusPartSchema):
    """The patient a task is about; the names are CallDoc's."""

    piz = fields.String(required=True)
    found = fields.Boolean(
        required=True, metadata={"description": "Whether CallDoc or SQLHK knows the patient."}
    )
    name = fields.String(required=True, allow_none=True, metadata={"description": "Family name."})
    vorname = fields.String(required=True, allow_none=True, metadata={"description": "Given name."})
    birth_date = fields.Date(required=True, allow_none=True)


class AppointmentLineSchema(StatusPartSchema):
    """What became of one appointment."""

    appointment_id = fields.Integer(required=True, allow_none=True)
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(
            ["created", "updated", "unchanged", "would_create", "would_update", "skipped"]
        ),
    )
    untersuchung_id = fields.Integer(required=True, allow_none=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Why it was skipped: "
            + ", ".join(f"`{reason}`" for reason in SKIP_REASONS)
            + ", or an `error_code`."
        },
    )


class AppointmentsSchema(StatusPartSchema):
    """The ledger: one line for each of the patient's appointments of the day."""

    found = fields.Integer(required=True)
    processed = fields.Integer(required=True)
    items = fields.List(fields.Nested(AppointmentLineSchema), required=True)


class ChangeSchema(StatusPartSchema):
    """One column of one row written, or to be written."""

    table = fields.String(required=True)
    key = fields.Integer(required=True, allow_none=True)
    column = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    before_name = fields.String(allow_none=True, metadata={"description": _NAME.format("before")})
    after = fields.Raw(required=True, allow_none=True)
    after_name = fields.String(allow_none=True, metadata={"description": _NAME.format("after")})


class SqlhkSyncSchema(StatusPartSchema):
    """What happened in SQLHK; null before anything is known."""

    action = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(
            ["created", "updated", "unchanged", "would_create", "would_update"]
        ),
    )
    untersuchung_id = fields.Integer(required=True, allow_none=True)
    patient_action = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["found", "created", "linked", "would_create", "would_link"]),
    )
    patient_id = fields.Integer(required=True, allow_none=True)
    rows_outside_scope = fields.Integer(required=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class BirthDatesSchema(StatusPartSchema):
    """The birth dates that should have been the same; unknown ones are null."""

    appointment = fields.Date(required=True, allow_none=True)
    calldoc = fields.Date(required=True, allow_none=True)
    sqlhk = fields.Date(required=True, allow_none=True)
    expected = fields.Date(required=True, allow_none=True)


class MismatchSchema(StatusPartSchema):
    """What did not agree; only with ``patient_mismatch``."""

    birth_date = fields.Nested(BirthDatesSchema, required=True)


class SinglePatientStatusSchema(StatusPartSchema):
    """The fields that a single-patient sync adds to a task's status."""

    dry_run = fields.Boolean(required=True)
    plan_token = fields.String(required=True, allow_none=True)
    patient = fields.Nested(PatientSchema, required=True)
    appointments = fields.Nested(AppointmentsSchema, required=True)
    sqlhk_sync = fields.Nested(SqlhkSyncSchema, required=True)
    mismatch = fields.Nested(MismatchSchema)
