"""Starting a task and telling what became of it, in the few words that the automation needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

if TYPE_CHECKING:
    from hookspecs import HostContext, TaskView

DAY = "day"
PATIENT = "single_patient"
MOST_ATTEMPTS = 6
"""How often the same is tried before it is given up until it changes again."""


@dataclass(frozen=True)
class Refused:
    """A task that was not started. ``code`` is the API's word; ``invalid_request`` never helps."""

    code: str


def start(context: HostContext, kind: str, request: Mapping[str, Any]) -> TaskView | Refused:
    """Start a task in the plugin's name; its first picture, or why there is none."""
    try:
        return context.tasks.start(kind, request, context.source)
    except ValidationError:
        return Refused("invalid_request")
    except context.errors.refusal as refusal:
        return Refused(getattr(refusal, "code", ""))


def refusal_words(code: str) -> str:
    """Why nothing was started, in German."""
    known = {
        "not_configured": "Der Abgleich ist nicht eingerichtet (CallDoc, SQLHK oder Gateway fehlt "
        "in den Einstellungen).",
        "queue_full": "Zu viele Abgleiche warten; es geht später weiter.",
        "journal_unavailable": "Das Journal ist nicht beschreibbar; es geht später weiter.",
        "shutting_down": "Das Programm wird beendet.",
        "invalid_request": "Der Abgleich wurde als ungültig abgelehnt.",
    }
    return known.get(code, "Der Abgleich wurde nicht angenommen; es geht später weiter.")


def day_request(day: str, types: tuple[int, ...]) -> dict[str, Any]:
    """A whole day, as the kind ``day`` takes it; nothing is deleted."""
    return {"date": day, "appointment_type_id": list(types), "delete_obsolete": False}


def day_words(view: TaskView) -> str:
    """What an ended day sync did, in German; counts only."""
    if view.status.value == "cancelled":
        return "abgebrochen"
    if view.status.value != "completed":
        return view.error or "fehlgeschlagen"
    counts = view.body.get("result", {}).get("untersuchungen", {})
    patients = view.body.get("result", {}).get("patients", {})
    words = {
        "inserted": "angelegt",
        "updated": "aktualisiert",
        "unchanged": "unverändert",
        "skipped": "übergangen",
        "errors": "fehlgeschlagen",
    }
    told = [f"{counts[name]} {word}" for name, word in words.items() if counts.get(name)]
    if patients.get("failed"):
        told.append(f"{patients['failed']} Patienten mit Fehler")
    return ", ".join(told) or "keine passenden Termine"


def day_is_well(view: TaskView) -> bool:
    """Whether a day sync ended without anything that somebody should look at."""
    result = view.body.get("result", {})
    errors = result.get("untersuchungen", {}).get("errors", 0)
    return view.status.value == "completed" and not errors + result.get("patients", {}).get(
        "failed", 0
    )
