"""What the calls about tasks take in their query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from api_blueprints.start_headers import LONGEST_WAIT
from sync_core.task_model import TaskStatus


class WholeNumber(fields.Integer):
    """A number in plain digits. Python's own reading takes ``1_0``, ``+1`` and blanks, too."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if not re.fullmatch("[0-9]{1,9}", value):
            raise self.make_error("invalid", input=value)
        return int(value)


class StatusQuerySchema(Schema):
    """How long the status call waits."""

    wait = WholeNumber(
        load_default=0,
        validate=Range(0, LONGEST_WAIT),
        metadata={"description": "Seconds to wait for the task's end before answering."},
    )


class HistoryQuerySchema(Schema):
    """Which ended tasks, and which page of them."""

    page = WholeNumber(
        load_default=1,
        validate=Range(1, 1_000_000),
        metadata={"description": "Pages are counted from 1; one behind the last is empty."},
    )
    page_size = WholeNumber(load_default=50, validate=Range(1, 200))
    status = fields.String(
        validate=OneOf([status.value for status in TaskStatus if status.ended]),
        metadata={"description": "Only tasks that ended so."},
    )
    kind = fields.String(
        validate=Length(1, 100),
        metadata={"description": "Only tasks of this kind."},
    )
