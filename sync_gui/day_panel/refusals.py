"""Why the program did not take an order, in German and with what to do. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import ValidationError

from sync_core.errors import Refusal


@dataclass(frozen=True)
class Refused:
    """An order that was not taken.

    ``fields`` holds the reason for each wrong field of the request, ``task_id`` the running task
    that stands in the way.
    """

    sentence: str
    advice: str
    fields: Mapping[str, str] = field(default_factory=dict)
    task_id: str | None = None


_BY_CODE: Mapping[str, tuple[str, str]] = {
    "already_running": (
        "Für diesen Tag läuft schon ein Abgleich.",
        "Sein Ergebnis abwarten; er ist in der Liste der Abgleiche gewählt.",
    ),
    "queue_full": ("Es warten schon zu viele Abgleiche.", "Kurz warten und erneut versuchen."),
    "shutting_down": (
        "Das Programm wird gerade beendet und nimmt nichts mehr an.",
        "Nach dem nächsten Start erneut versuchen.",
    ),
    "not_configured": (
        "Eine nötige Einstellung fehlt.",
        "Unter Datei → Einstellungen ergänzen (lassen) und das Programm neu starten.",
    ),
    "journal_unavailable": (
        "Der Abgleich konnte nicht ins Journal eingetragen werden und wurde nicht begonnen.",
        "Freien Plattenplatz und Rechte des Datenordners prüfen, dann erneut versuchen.",
    ),
    "invalid_request": ("Die Eingaben wurden nicht angenommen.", "Die Eingaben prüfen."),
}
_FIELDS: Mapping[str, str] = {
    "date": "Dieses Datum wurde nicht angenommen.",
    "appointment_type_id": "Diese Terminarten wurden nicht angenommen.",
}
INTERNAL = Refused(
    "Ein Fehler im Programm; der Abgleich wurde nicht begonnen.",
    "Erneut versuchen; bleibt es so, die IT mit der Protokolldatei verständigen.",
)


def explain_refusal(refusal: Refusal) -> Refused:
    """The German words for a refusal; its English detail is added where it names a setting."""
    sentence, advice = _BY_CODE.get(
        refusal.code,
        (f"Der Abgleich wurde nicht angenommen ({refusal.code}).", "Die IT verständigen."),
    )
    if refusal.code == "not_configured":
        sentence = f"{sentence} ({refusal.detail})"
    if refusal.code == "queue_full" and refusal.retry_after:
        advice = f"In {refusal.retry_after} Sekunden erneut versuchen."
    task_id = refusal.members.get("task_id")
    return Refused(sentence, advice, task_id=task_id if isinstance(task_id, str) else None)


def explain_invalid(error: ValidationError) -> Refused:
    """The German words for a request that is not valid, with the fields that are wrong."""
    named = error.messages if isinstance(error.messages, dict) else {}
    wrong = named.get("json", named)
    fields = {
        str(name): _FIELDS.get(str(name), "Diese Angabe wurde nicht angenommen.") for name in wrong
    }
    sentence, advice = _BY_CODE["invalid_request"]
    return Refused(sentence, advice, fields)
