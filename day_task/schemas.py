"""What a request for a day may hold: over the API, and the little more that the window sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from day_sync import ALL_TYPES, DEFAULT_TYPES
from day_task.request import DayRequest
from sync_core.day_selection import StatusFilter
from sync_core.strict_fields import LARGEST_INTEGER, DayField, StrictBoolean, StrictInteger

MOST_TYPES = 100
"""Types in one request; the practice knows a few dozen."""

_TYPE = StrictInteger(validate=validate.Range(min=1, max=LARGEST_INTEGER))
_TYPES = fields.List(_TYPE, validate=validate.Length(min=1, max=MOST_TYPES))

_KEYS = fields.List(_TYPE, validate=validate.Length(min=1))

_TYPE_DOCUMENTED = {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER}
_TYPES_DOCUMENTED = [
    _TYPE_DOCUMENTED,
    {"type": "array", "items": _TYPE_DOCUMENTED, "minItems": 1, "maxItems": MOST_TYPES},
]

Types = frozenset[int] | Literal["all"]


class TypesField(fields.Field[Types]):
    """One appointment type, or a list of them: JSON integers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Types:
        if isinstance(value, list):
            return frozenset(item for item in _TYPES.deserialize(value) if item is not None)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Must be an integer or a list of integers.")
        return frozenset({_TYPE.deserialize(value)})


class TypesOrAllField(TypesField):
    """The same, or ``"all"``: every type that SQLHK maps."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Types:
        if value == ALL_TYPES:
            return ALL_TYPES
        return super()._deserialize(value, attr, data, **kwargs)


class KeysField(fields.Field[frozenset[int]]):
    """A list of keys: JSON integers."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> frozenset[int]:
        return frozenset(item for item in _KEYS.deserialize(value) if item is not None)


class DaySyncSchema(Schema):
    """The body of ``POST /api/sync``; loading gives a :class:`DayRequest`."""

    class Meta:
        """What the documentation says about fields that do not go together."""

        json_schema: ClassVar[Mapping[str, Any]] = {
            "not": {
                "required": ["confirm_delete"],
                "not": {
                    "required": ["delete_obsolete"],
                    "properties": {"delete_obsolete": {"enum": [True]}},
                },
            }
        }

    date = DayField(
        required=True,
        metadata={
            "description": "The day.",
            "type": "string",
            "format": "date",
            "example": "2025-10-06",
        },
    )
    appointment_type_id = TypesField(
        load_default=DEFAULT_TYPES,
        metadata={
            "description": "CallDoc's appointment type, or several.",
            "oneOf": _TYPES_DOCUMENTED,
            "default": sorted(DEFAULT_TYPES),
            "example": [24, 25],
        },
    )
    delete_obsolete = StrictBoolean(
        load_default=False,
        metadata={
            "description": "Delete examinations of a future day that have no appointment any more "
            "and that nobody has worked on."
        },
    )
    confirm_delete = StrictInteger(
        validate=validate.Range(min=1, max=LARGEST_INTEGER),
        metadata={
            "description": "Only with `delete_obsolete`: the number of examinations to delete that "
            "a person has agreed to. Needed when it is more than half of the day; the status tells "
            "it as `to_confirm`. More than this number are never deleted.",
            "example": 12,
        },
    )

    @validates_schema(skip_on_field_errors=False)
    def confirm_what_is_deleted(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A number can be agreed to only where something may be deleted."""
        if data.get("confirm_delete") is not None and data.get("delete_obsolete") is not True:
            raise ValidationError("Only together with delete_obsolete.", "confirm_delete")

    @post_load
    def make_request(self, data: dict[str, Any], **_kwargs: Any) -> DayRequest:
        """The request as one value."""
        smart = data.get("smart_status_filter", True)
        return DayRequest(
            day=data["date"],
            types=data["appointment_type_id"],
            delete_obsolete=data["delete_obsolete"],
            confirm_delete=data.get("confirm_delete"),
            confirm_rows=data.get("confirm_rows"),
            status_filter=StatusFilter.SMART if smart else StatusFilter.PLAIN,
        )


class DayRequestSchema(DaySyncSchema):
    """A request of the kind, as the window sends it, too.

    ``confirm_rows`` are the keys of the examinations that stood beside the question: the number
    alone would also fit others that have become obsolete since.
    """

    appointment_type_id = TypesOrAllField(load_default=DEFAULT_TYPES)
    smart_status_filter = StrictBoolean(load_default=True)
    confirm_rows = KeysField()

    @validates_schema(skip_on_field_errors=False)
    def confirm_a_number_of_rows(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Rows are agreed to together with their number."""
        if data.get("confirm_rows") is not None and data.get("confirm_delete") is None:
            raise ValidationError("Only together with confirm_delete.", "confirm_rows")
