"""What the window says about the API key, as pure rules."""

from __future__ import annotations

from dataclasses import dataclass

from sync_core.api_key import ApiKeyState

OPEN_TO_OTHERS = (
    "Andere Computer erreichen die API. Schlüssel und Patientendaten gehen dabei unverschlüsselt "
    "durch das Netz."
)
HOW_TO_USE = "Programme schicken ihn mit jeder Anfrage in der Kopfzeile „X-API-Key“."
FILE_INSTEAD = (
    "Ohne Schlüsselspeicher kann der Schlüssel in der Einstellungsdatei stehen: "
    "Datei → Einstellungen → Schnittstelle (API)."
)
ONLY_IN_DEMO = "In der Demo gilt ein Schlüssel nur, bis die Demo endet."


@dataclass(frozen=True)
class KeyWords:
    """Icon, heading and sentence of a state, and what may be done in it."""

    picture: str
    heading: str
    sentence: str
    may_create: bool
    may_remove: bool
    may_read_again: bool = False


def key_words(state: ApiKeyState) -> KeyWords:
    """What the dialog shows for a state."""
    if state.source == "settings":
        place = (
            f"Er kommt aus der Umgebungsvariablen {state.origin}, und nur dort ist er zu ändern."
            if state.origin
            else "Er steht als „api.key“ in der Einstellungsdatei und geht dem Schlüsselspeicher "
            "vor. Ändern lässt er sich unter Datei → Einstellungen."
        )
        return KeyWords("ok", "Die API verlangt einen Schlüssel", place, False, False)
    if state.source == "key_store":
        sentence = "Er liegt im Schlüsselspeicher des Systems."
        if state.open_to_others:
            sentence += " Entfernen lässt er sich nicht, solange andere Computer die API erreichen."
        return KeyWords(
            "ok", "Die API verlangt einen Schlüssel", sentence, True, not state.open_to_others
        )
    if state.source == "unreadable":
        return KeyWords(
            "error",
            "Die API weist alle Anfragen ab",
            "Der Schlüssel sollte im Schlüsselspeicher des Systems liegen und konnte dort nicht "
            f"gelesen werden.\nTechnischer Grund: {state.problem}",
            True,
            not state.open_to_others,
            may_read_again=True,
        )
    return KeyWords(
        "info",
        "Die API verlangt keinen Schlüssel",
        "Jedes Programm auf diesem Computer darf sie benutzen, kein anderer Computer erreicht sie.",
        True,
        False,
    )
