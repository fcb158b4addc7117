"""The error log as a table for a spreadsheet. No Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from plugins.single_patient.panel.failure_words import advice_of, error_of
from plugins.single_patient.panel.result_texts import reason_words
from plugins.single_patient.panel.task_facts import day_of, piz_of, source_of, type_of
from sync_core.task_model import TaskView

ENCODING = "utf-8-sig"
"""With a byte-order mark, without which Excel misreads umlauts."""

_HEADER = (
    "Zeit",
    "PIZ",
    "Tag",
    "Terminart",
    "Fehlercode",
    "Grund",
    "Meldung",
    "Was tun",
    "Quelle",
    "Anfragenummer",
    "Aufgabe",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def error_csv(views: Iterable[TaskView]) -> str:
    """Failed tasks as CSV with semicolons; patients' names are left out on purpose."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADER)
    for view in views:
        writer.writerow([_harmless(cell) for cell in _cells(view)])
    return text.getvalue()


def _cells(view: TaskView) -> tuple[str, ...]:
    code = view.error_code or ""
    moment = (view.finished_at or view.created_at).astimezone()
    return (
        f"{moment:%d.%m.%Y %H:%M:%S}",
        piz_of(view),
        day_of(view),
        type_of(view),
        code,
        reason_words(code),
        error_of(view),
        advice_of(view),
        source_of(view),
        view.request_id,
        view.task_id,
    )


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before a suspect one."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell
