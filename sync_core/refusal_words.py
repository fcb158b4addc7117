"""Why the program did not take an order, in German and with what to do.

Panels order tasks through the same door as the API and get its refusals, whose words are English
and for programs. What is the same for every kind of task stands here; a panel adds its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import ValidationError

from sync_core.errors import Refusal
from sync_core.needed_addresses import addresses_named_in, missing_words
from sync_core.task_service import NOT_LOADED

_FIELD = "Diese Angabe wurde nicht angenommen."


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


COMMON: Mapping[str, tuple[str, str]] = {
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
"""Sentence and advice for each code of a refusal that any kind of task can get."""

MISSING_PLUGIN = (
    "Die Erweiterung für diesen Abgleich ist nicht geladen.",
    "Unter Erweiterungen → Liste der Erweiterungen nachsehen. Ist sie abgeschaltet: einschalten "
    "und das Programm neu starten; sonst die IT verständigen.",
)
"""Sentence and advice when no setting is missing but the plugin; the code is the same."""

INTERNAL = Refused(
    "Ein Fehler im Programm; der Abgleich wurde nicht begonnen.",
    "Erneut versuchen; bleibt es so, die IT mit der Protokolldatei verständigen.",
)


@dataclass(frozen=True)
class RefusalWords:
    """A panel's words: ``already_running`` (sentence, advice), and a sentence for each field."""

    already_running: tuple[str, str]
    fields: Mapping[str, str]

    @property
    def by_code(self) -> Mapping[str, tuple[str, str]]:
        """Every code that has words of its own."""
        return {"already_running": self.already_running, **COMMON}

    def explain_refusal(self, refusal: Refusal) -> Refused:
        """The German words for a refusal.

        Missing addresses are named as the settings dialog names them. Another setting, which only
        a plugin knows, stands as it does in the refusal's English detail.
        """
        sentence, advice = self.by_code.get(
            refusal.code,
            (f"Der Abgleich wurde nicht angenommen ({refusal.code}).", "Die IT verständigen."),
        )
        if refusal.code == "not_configured" and refusal.detail == NOT_LOADED:
            sentence, advice = MISSING_PLUGIN
        elif refusal.code == "not_configured":
            missing = addresses_named_in(refusal.detail)
            sentence = missing_words(missing) if missing else f"{sentence} ({refusal.detail})"
        if refusal.code == "queue_full" and refusal.retry_after:
            advice = f"In {refusal.retry_after} Sekunden erneut versuchen."
        task_id = refusal.members.get("task_id")
        return Refused(sentence, advice, task_id=task_id if isinstance(task_id, str) else None)

    def explain_invalid(self, error: ValidationError) -> Refused:
        """The German words for a request that is not valid, with the fields that are wrong."""
        named = error.messages if isinstance(error.messages, dict) else {}
        wrong = named.get("json", named)
        reasons = {str(name): self.fields.get(str(name), _FIELD) for name in wrong}
        sentence, advice = COMMON["invalid_request"]
        return Refused(sentence, advice, reasons)
