"""The fields that a day sync adds to a task's status. No names stand in any of them."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class _AnswerSchema(Schema):
    class Meta:
        """Clients must expect fields that are added later."""

        unknown = EXCLUDE


class DayPatientCountsSchema(_AnswerSchema):
    """How many patients came to what; `updated` ones were given their number."""

    total = fields.Integer(required=True)
    success = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    inserted = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)


class DayExaminationCountsSchema(_AnswerSchema):
    """How many appointments and examinations came to what."""

    inserted = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    deleted = fields.Integer(required=True)
    skipped = fields.Integer(
        required=True, metadata={"description": "Appointments that a rule refused."}
    )
    errors = fields.Integer(
        required=True, metadata={"description": "Appointments and deletions that failed."}
    )


class DayResultSchema(_AnswerSchema):
    """The counts; filled as far as known for a task that failed or was stopped, too."""

    appointments = fields.Integer(
        required=True, metadata={"description": "Appointments of CallDoc that were taken."}
    )
    patients = fields.Nested(DayPatientCountsSchema, required=True)
    untersuchungen = fields.Nested(DayExaminationCountsSchema, required=True)
    obsolete = fields.Integer(
        required=True,
        metadata={
            "description": "Examinations without an appointment that was taken, deleted ones "
            "included."
        },
    )


class DayPatientLineSchema(_AnswerSchema):
    """What became of one patient, or of an appointment without a number."""

    piz = fields.String(required=True, allow_none=True)
    appointment_ids = fields.List(fields.Integer(), required=True)
    outcome = fields.String(
        required=True, validate=validate.OneOf(["inserted", "updated", "unchanged", "failed"])
    )
    patient_id = fields.Integer(required=True, allow_none=True)
    code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it failed, or what should be looked at."},
    )
    message = fields.String(
        required=True, allow_none=True, metadata={"description": "German, for people."}
    )


class DayExaminationLineSchema(_AnswerSchema):
    """What became of one appointment, or of an examination without one."""

    appointment_id = fields.Integer(required=True, allow_none=True)
    piz = fields.String(required=True, allow_none=True)
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(
            ["inserted", "updated", "unchanged", "deleted", "skipped", "error"]
        ),
    )
    untersuchung_id = fields.Integer(required=True, allow_none=True)
    code = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Why it was skipped or failed; `obsolete_…` for an examination that "
            "stays though no appointment for it was taken. Those are counted in `obsolete`, not in "
            "`skipped`."
        },
    )
    message = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "German, for people; about this line alone."},
    )


class DayLeftOutSchema(_AnswerSchema):
    """An appointment of the asked types, or of an unreadable type, that was not taken."""

    appointment_id = fields.Integer(required=True, allow_none=True)
    piz = fields.String(required=True, allow_none=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(["cancelled", "no_show", "did_not_take_place", "unreadable"]),
        metadata={
            "description": "`did_not_take_place`: a past day's appointment that is not completed "
            "while others of its type are; the smart status filter takes only those."
        },
    )


class DayStatusSchema(_AnswerSchema):
    """The fields that a day sync adds to a task's status."""

    date = fields.Date(required=True)
    result = fields.Nested(DayResultSchema, required=True)
    to_confirm = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Nothing was deleted because `confirm_delete` did not name this number."
        },
    )
    patients = fields.List(fields.Nested(DayPatientLineSchema), required=True)
    untersuchungen = fields.List(fields.Nested(DayExaminationLineSchema), required=True)
    left_out = fields.List(
        fields.Nested(DayLeftOutSchema),
        metadata={
            "description": "Appointments that count nowhere else, with the reason; not in the "
            "status of tasks of earlier versions."
        },
    )
