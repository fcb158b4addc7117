"""What leaves the panel: a status address to the clipboard, a status or the error log to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QWidget

from plugins.single_patient.panel.error_export import ENCODING, error_csv
from plugins.single_patient.panel.files import AskPath, write_file
from plugins.single_patient.panel.note import Note, Tone
from plugins.single_patient.panel.status_address import status_address
from plugins.single_patient.panel.widgets import while_alive
from sync_core.task_model import TaskView
from sync_core.task_status import status_body

if TYPE_CHECKING:
    from hookspecs import HostContext


class Exports:
    """Saves and copies for ``parent``; ``tell`` gets what became of it."""

    def __init__(
        self, context: HostContext, parent: QWidget, ask_file: AskPath, tell: Callable[[Note], None]
    ) -> None:
        self._context = context
        self._parent = parent
        self._ask_file = ask_file
        self._tell = tell

    def copy_address(self, view: TaskView) -> None:
        """Copy the address under which the task's status can be read."""
        address = status_address(self._context.api_url(), view.task_id)
        QGuiApplication.clipboard().setText(address)
        self._tell(Note(Tone.DONE, f"Kopiert: {address}"))

    def save_status(self, view: TaskView) -> None:
        """Save the task's status, as the API shows it, where the user says."""

        def text() -> str:
            return json.dumps(status_body(view), ensure_ascii=False, indent=2) + "\n"

        self._save("Als JSON speichern", f"{view.task_id}.json", "JSON (*.json)", text, "utf-8")

    def save_errors(self, views: Iterable[TaskView], now: datetime) -> None:
        """Save failed tasks as CSV where the user says."""
        name = f"fehlerliste_{now:%Y-%m-%d}.csv"
        fixed = tuple(views)
        self._save(
            "Fehlerliste exportieren", name, "CSV (*.csv)", lambda: error_csv(fixed), ENCODING
        )

    def _save(
        self, title: str, proposal: str, pattern: str, text: Callable[[], str], encoding: str
    ) -> None:
        path = self._ask_file(self._parent, title, proposal, pattern)
        if path:
            logger = self._context.logger
            self._context.bridge.in_background(
                lambda: write_file(Path(path), text(), encoding, logger),
                while_alive(self._parent, self._tell),
            )
