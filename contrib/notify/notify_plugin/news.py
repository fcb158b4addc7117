"""What an ended task has to tell a chat: pure rules from a task's picture to one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hookspecs import TaskView
    from notify_plugin.settings import NotifySettings

_MARKS = {"created": "➕", "updated": "✏️", "unchanged": "➖", "failed": "⚠️"}
_WORDS = {"created": "angelegt", "updated": "aktualisiert", "unchanged": "unverändert"}
_DAY_WORDS = {
    "inserted": "angelegt",
    "updated": "aktualisiert",
    "unchanged": "unverändert",
    "deleted": "gelöscht",
    "skipped": "übergangen",
    "errors": "fehlgeschlagen",
}
_RESOLVED = {"written": "Es wurde geschrieben.", "not_written": "Es wurde nichts geschrieben."}
_NOT_PLAIN = re.compile(r"[^\w .,'’-]")
_LONGEST_TEXT = 400


@dataclass(frozen=True)
class News:
    """One line for the chat. ``outcome`` is ``created``, ``updated``, ``unchanged`` or ``failed``.

    The line may hold what the settings allow about a patient, so it is never logged.
    """

    outcome: str
    line: str = field(repr=False)


def news_of(
    view: TaskView, settings: NotifySettings, advice_de: Callable[[str], str]
) -> News | None:
    """What there is to tell about a task's picture; None for nothing.

    Dry runs and cancelled tasks are nobody's news. A task whose outcome was unknown is told of
    again when it is known.
    """
    if not view.status.ended or view.body.get("dry_run") or view.status.value == "cancelled":
        return None
    outcome = "failed" if view.status.value == "failed" else _outcome(view)
    if outcome not in settings.told:
        return None
    parts = [_MARKS[outcome], f"{_clock(view)}", f"{_subject(view, settings)}:"]
    if outcome == "failed" and view.status.value == "failed":
        parts.append(_failure(view, settings, advice_de))
    elif view.kind == "day":
        parts.append(_day_counts(view.body))
    else:
        parts.append(_WORDS.get(outcome, "beendet"))
    return News(outcome, " ".join(part for part in parts if part)[:_LONGEST_TEXT])


def _outcome(view: TaskView) -> str:
    if view.kind == "day":
        result = view.body.get("result") or {}
        counts = result.get("untersuchungen") or {}
        if counts.get("errors") or (result.get("patients") or {}).get("failed"):
            return "failed"
        done = ("inserted", "created"), ("updated", "updated"), ("deleted", "updated")
        return next((word for name, word in done if counts.get(name)), "unchanged")
    action = (view.body.get("sqlhk_sync") or {}).get("action")
    return action if action in _WORDS else "unchanged"


def _clock(view: TaskView) -> str:
    moment = view.finished_at or view.created_at
    return f"{moment:%H:%M}"


def _subject(view: TaskView, settings: NotifySettings) -> str:
    day = _german_day(view.request.get("date"))
    if view.kind == "day":
        return f"Tagesabgleich {day}".rstrip()
    if view.kind != "single_patient":
        return _plain(view.kind)
    words = [f"Abgleich {day}".rstrip()]
    if settings.with_names:
        words.append(_name(view.body.get("patient") or {}))
    if settings.with_numbers:
        words.append(f"PIZ {_plain(view.request.get('piz'))}")
    words.append(f"Terminart {_plain(view.request.get('appointment_type_id'))}")
    return ", ".join(word for word in words if word)


def _failure(view: TaskView, settings: NotifySettings, advice_de: Callable[[str], str]) -> str:
    if view.resolution is not None:
        return f"Ausgang geklärt: {_RESOLVED.get(view.resolution, '')}".strip()
    code = view.error_code or "unbekannt"
    sentence = (view.error or "").strip()
    piz = str(view.request.get("piz") or "")
    if piz and not settings.with_numbers:
        sentence = re.sub(rf"\b0*{re.escape(piz)}\b", "•••", sentence)
    return " ".join(part for part in (f"[{code}]", sentence, advice_de(code)) if part)


def _day_counts(body: Mapping[str, Any]) -> str:
    result = body.get("result") or {}
    counts = result.get("untersuchungen") or {}
    told = [f"{counts[name]} {word}" for name, word in _DAY_WORDS.items() if counts.get(name)]
    failed = (result.get("patients") or {}).get("failed")
    if failed:
        told.append(f"{failed} Patienten mit Fehler")
    return ", ".join(told) or "keine passenden Termine"


def _name(patient: Mapping[str, Any]) -> str:
    return " ".join(_plain(patient.get(part)) for part in ("vorname", "name")).strip()


def _german_day(text: object) -> str:
    try:
        return f"{date.fromisoformat(str(text)):%d.%m.%Y}"
    except ValueError:
        return ""


def _plain(value: object) -> str:
    """Foreign text without anything that a chat would take for markup, a link or a mention."""
    return "" if value is None else _NOT_PLAIN.sub("", str(value)).replace("_", " ")[:80]
