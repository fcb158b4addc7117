"""Fields of requests that take what is documented and nothing that merely looks like it.

marshmallow's own ones read ``"5"``, ``5.7`` and ``"yes"`` as well; a caller who sends that has a
fault, and a sync is no place to guess what was meant.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

LARGEST_INTEGER = 2**31 - 1
"""The largest number that the foreign systems' integer columns hold."""


class DayField(fields.Field[date]):
    """A real calendar day, ``YYYY-MM-DD`` and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("Not a valid date: YYYY-MM-DD is needed.")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("Not a valid date: there is no such day.") from error


class StrictInteger(fields.Integer):
    """A JSON integer, neither text nor float nor boolean."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Not a valid integer.")
        return value


class StrictBoolean(fields.Boolean):
    """``true`` or ``false``, and none of the words that stand for them elsewhere."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Not a valid boolean.")
        return value
