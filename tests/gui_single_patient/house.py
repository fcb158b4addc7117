"""The program around the panel: everything is real, only the kind's work is scripted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, fields

from hookspecs import HostContext, TaskKind, hookimpl
from sync_core.errors import Refusal
from sync_core.task_model import TaskContext, TaskOrder, TaskOutcome, TaskSource
from sync_gui_testing.window import StartWindow
from tests.gui_single_patient.samples import TOKEN, body

KIND = "single_patient"
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


@dataclass(eq=False)
class ScriptedPlugin:
    """Brings the panel's kind. ``script`` says what the next tasks do, ``requests`` what was
    asked for so far."""

    script: Script = write_or_look
    refusal: Refusal | None = None
    fault: Exception | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)

    @hookimpl
    def sync_gui_task_kinds(self) -> Sequence[TaskKind]:
        return [TaskKind(KIND, "Einzelner Patient", Schema, {}, self._prepare)]

    def _prepare(self, asked: Mapping[str, Any], source: TaskSource, request_id: str) -> TaskOrder:
        loaded: dict[str, Any] = RequestSchema().load(asked)
        self.requests.append(dict(loaded))
        if self.refusal is not None:
            raise self.refusal
        if self.fault is not None:
            raise self.fault
        exclusion = f"{loaded['piz']}/{loaded['date']}/{loaded['appointment_type_id']}"
        return TaskOrder(
            kind=KIND,
            id_stem=f"patient_sync_{loaded['piz']}_{loaded['date']}",
            run=lambda context: self.script(context, loaded),
            source=source,
            request_id=request_id,
            exclusion=None if loaded.get("dry_run") else exclusion,
            request=loaded,
        )


class House(ScriptedPlugin):
    """The plugin and the program that it lives in."""

    def __init__(self, start: StartWindow) -> None:
        super().__init__()
        window = start((KIND, self))
        self.tasks, self.bridge, self.names = window.tasks, window.bridge, window.names
        self.run = window.run
        self.context: Callable[[], HostContext] = lambda: window.context(KIND)


__all__ = ["KIND", "TOKEN", "House", "write_or_look"]
