"""The program around the panel: real registry, journal and bridge; only the work is scripted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from marshmallow import Schema, fields

from hookspecs import HostContext, Versions
from sync_core.errors import Refusal
from sync_core.journal import Journal
from sync_core.settings import Settings
from sync_core.task_model import TaskContext, TaskOrder, TaskOutcome, TaskSource
from sync_core.task_registry import TaskRegistry
from sync_core.task_service import RegistryTaskService
from sync_gui.bridge import QtBridge
from sync_gui.names_hidden import NamesSwitch
from tests.gui_single_patient.samples import TOKEN, body

Script = Callable[[TaskContext, Mapping[str, Any]], TaskOutcome]


class RequestSchema(Schema):
    piz = fields.String(required=True)
    date = fields.String(required=True)
    appointment_type_id = fields.Integer(strict=True)
    dry_run = fields.Boolean()
    plan_token = fields.String()
    expected_birth_date = fields.String()


def write_or_look(_context: TaskContext, asked: Mapping[str, Any]) -> TaskOutcome:
    """The usual script: something is (or would be) created."""
    dry = bool(asked.get("dry_run"))
    return TaskOutcome(
        "Untersuchung angelegt",
        body("would_create" if dry else "created", piz=asked["piz"], dry_run=dry),
    )


@dataclass
class House:
    """``script`` says what the next tasks do, ``requests`` what was asked for so far."""

    folder: Path
    script: Script = write_or_look
    refusal: Refusal | None = None
    fault: Exception | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        logger = logging.getLogger("tests.single_patient")
        self.bridge = QtBridge(logger)
        self.names = NamesSwitch(self.bridge)
        self.journal = Journal(self.folder / "journal.db")
        self.registry = TaskRegistry(
            self.journal, workers=2, queue_limit=50, timeout_seconds=30, logger=logger
        )
        self.tasks = RegistryTaskService(self.registry, lambda: {"single_patient": self})
        self.registry.listen(lambda view: self.bridge.emit("task_changed", view))

    @property
    def prepare(self) -> Callable[[Mapping[str, Any], TaskSource, str], TaskOrder]:
        return self._prepare

    def _prepare(self, asked: Mapping[str, Any], source: TaskSource, request_id: str) -> TaskOrder:
        loaded: dict[str, Any] = RequestSchema().load(asked)
        self.requests.append(dict(loaded))
        if self.refusal is not None:
            raise self.refusal
        if self.fault is not None:
            raise self.fault
        exclusion = f"{loaded['piz']}/{loaded['date']}/{loaded['appointment_type_id']}"
        return TaskOrder(
            kind="single_patient",
            id_stem=f"patient_sync_{loaded['piz']}_{loaded['date']}",
            run=lambda context: self.script(context, loaded),
            source=source,
            request_id=request_id,
            exclusion=None if loaded.get("dry_run") else exclusion,
            request=loaded,
        )

    def context(self, *, demo: bool = True) -> HostContext:
        return HostContext(
            settings=Settings(),
            plugin_settings={},
            tasks=self.tasks,
            calldoc=cast(Any, None),
            logger=logging.getLogger("tests.single_patient.panel"),
            versions=Versions("0"),
            bridge=self.bridge,
            names=self.names,
            api=cast(Any, None),
            api_url=lambda: "http://127.0.0.1:5555",
            demo=demo,
        )

    def close(self) -> None:
        self.registry.shutdown(2)
        assert self.bridge.close(2)
        self.journal.close()


__all__ = ["TOKEN", "House", "write_or_look"]
