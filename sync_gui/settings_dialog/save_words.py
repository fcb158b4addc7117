"""What the settings dialog says about what was entered and about saving it."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.settings_writer import SettingsFileChangedError, SettingsFileNotWritableError

SAVED = "Einstellungen gespeichert. Sie gelten ab dem nächsten Start des Programms."

_SHOWN = 3


def changes_words(count: int) -> str:
    """How much was changed, and from when on it will hold."""
    if count == 0:
        return "Keine Änderungen."
    noun = "Eine Änderung. Sie gilt" if count == 1 else f"{count} Änderungen. Sie gelten"
    return f"{noun} ab dem nächsten Start des Programms."


def problems_words(labels: Sequence[str]) -> str:
    """Which settings are not right yet."""
    shown = ", ".join(f"„{label}“" for label in labels[:_SHOWN])
    further = len(labels) - _SHOWN
    more = "" if further <= 0 else f" und {further} weitere"
    return f"Noch nicht richtig: {shown}{more}."


def save_failure_words(error: Exception, *, read_again: bool) -> str:
    """Why nothing was saved, and what to do."""
    if isinstance(error, SettingsFileChangedError):
        if read_again:
            return (
                "Die Einstellungsdatei wurde inzwischen von anderer Seite geändert. Sie wurde neu "
                "gelesen, Ihre Eingaben sind noch da. Bitte prüfen und noch einmal speichern."
            )
        return (
            "Die Einstellungsdatei wurde inzwischen von anderer Seite geändert und ist nicht mehr "
            "lesbar. Es wurde nichts gespeichert."
        )
    if isinstance(error, SettingsFileNotWritableError):
        return (
            "Die Einstellungsdatei lässt sich nicht schreiben. Es wurde nichts gespeichert. Bitte "
            "die Schreibrechte prüfen lassen; liegt die Datei beim Programm, ändert sie die IT."
        )
    return "Es wurde nichts gespeichert. Bitte geben Sie diese Meldung weiter."


def unreadable_words() -> str:
    """Why the dialog does not open."""
    return (
        "Die Einstellungsdatei ist nicht lesbar. Bitte die Datei berichtigen; die vorige Fassung "
        "liegt, wenn das Programm sie zuletzt geschrieben hat, mit der Endung .bak daneben."
    )
