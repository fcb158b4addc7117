"""The program around the panel: real registry, journal and bridge; only the work is scripted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields

from hookspecs import HostContext, Versions
from plugin_host.contract_values import ERROR_TYPES, TASK_SHAPES
from sync_core.errors import Refusal
from sync_core.journal import Journal
from sync_core.settings import Settings
from sync_core.task_model import DayLock, TaskContext, TaskOrder, TaskOutcome, TaskSource
from sync_core.task_registry import TaskRegistry
from sync_core.task_service import RegistryTaskService
from sync_gui.bridge import QtBridge
from sync_gui.names_hidden import NamesSwitch
from tests.gui_day.samples import body

WINDOW = TaskSource("window")
API = TaskSource("api", "127.0.0.1")
Script = Callable[[TaskContext, Mapping[str, Any]], TaskOutcome]


def number_list_or_all(value: Any) -> None:
    numbers = value if isinstance(value, list) else [value]
    if value != "all" and not (numbers and all(type(one) is int for one in numbers)):
        raise ValidationError("not types")


class RequestSchema(Schema):
    """The request of the kind, as strict as the real one."""

    date = fields.Date(required=True, format="iso")
    appointment_type_id = fields.Raw(required=True, validate=number_list_or_all)
    delete_obsolete = fields.Boolean(required=True)
    confirm_delete = fields.Integer(strict=True, load_default=None)
    confirm_rows = fields.List(fields.Integer(strict=True), load_default=None)
    smart_status_filter = fields.Boolean(required=True)


def carry_over(_context: TaskContext, asked: Mapping[str, Any]) -> TaskOutcome:
    """The usual script: a day of which some was carried over."""
    return TaskOutcome("Der Tag ist übertragen", body(asked["date"]))


@dataclass
class House:
    """``script`` says what the next tasks do, ``requests`` what was asked for so far."""

    folder: Path
    script: Script = carry_over
    refusal: Refusal | None = None
    fault: Exception | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        logger = logging.getLogger("tests.day_panel")
        self.bridge = QtBridge(logger)
        self.journal = Journal(self.folder / "journal.db")
        self.registry = TaskRegistry(
            self.journal, workers=2, queue_limit=50, timeout_seconds=30, logger=logger
        )
        self.tasks = RegistryTaskService(self.registry, lambda: {"day": self})
        self.registry.listen(lambda view: self.bridge.emit("task_changed", view))

    @property
    def prepare(self) -> Callable[[Mapping[str, Any], TaskSource, str], TaskOrder]:
        return self._prepare

    def _prepare(self, asked: Mapping[str, Any], source: TaskSource, request_id: str) -> TaskOrder:
        loaded: dict[str, Any] = RequestSchema().load(asked)
        loaded["date"] = loaded["date"].isoformat()
        self.requests.append(dict(asked))
        if self.refusal is not None:
            raise self.refusal
        if self.fault is not None:
            raise self.fault
        return TaskOrder(
            kind="day",
            id_stem=f"sync_{loaded['date']}",
            run=lambda context: self.script(context, loaded),
            source=source,
            request_id=request_id,
            exclusion=f"day/{loaded['date']}",
            day_lock=DayLock(loaded["date"], exclusive=True),
            body=body(loaded["date"], [], []),
            request=loaded,
        )

    def context(self, *, demo: bool = True) -> HostContext:
        return HostContext(
            settings=Settings(),
            plugin_settings={},
            tasks=self.tasks,
            calldoc=cast(Any, None),
            logger=logging.getLogger("tests.day_panel.panel"),
            versions=Versions("0"),
            bridge=self.bridge,
            names=NamesSwitch(self.bridge),
            api=cast(Any, None),
            api_url=lambda: "http://127.0.0.1:5555",
            source=TaskSource("plugin", "test"),
            window=WINDOW,
            own_folder=lambda: self.folder,
            errors=ERROR_TYPES,
            shapes=TASK_SHAPES,
            demo=demo,
        )

    def close(self) -> None:
        self.registry.shutdown(2)
        assert self.bridge.close(2)
        self.journal.close()
