"""What the list of plugins says, as pure rules."""

from __future__ import annotations

from sync_core.plugin_report import PluginReport

_STATES = {
    "loaded": ("ok", "geladen"),
    "disabled": ("stopped", "abgeschaltet"),
    "failed": ("error", "fehlgeschlagen"),
    "starting": ("running", "startet noch"),
}


def state_words(state: str) -> tuple[str, str]:
    """Icon and German word of a plugin's state."""
    return _STATES.get(state, ("unknown", state))


def reason_words(report: PluginReport) -> str:
    """Why a plugin is as it is: a German sentence, then the technical reason if there is one."""
    if report.state == "loaded" and report.reason is None:
        return "Die Erweiterung arbeitet."
    sentence = {
        "loaded": "Die Erweiterung arbeitet, hat aber etwas gemeldet.",
        "disabled": "Die Erweiterung wurde abgeschaltet und nicht geladen.",
        "failed": "Die Erweiterung konnte nicht geladen werden. Alles andere arbeitet weiter.",
        "starting": "Die Erweiterung ist mit dem Start noch nicht fertig.",
    }.get(report.state, "")
    if report.reason is None:
        return sentence
    return f"{sentence}\nTechnischer Grund: {report.reason}".strip()


def details_words(report: PluginReport) -> str:
    """Everything about one plugin, as lines of text."""
    lines = [
        reason_words(report),
        "",
        f"Vertragsversion: {report.contract if report.contract is not None else 'unbekannt'}",
        f"Ansichten: {', '.join(report.panels) or 'keine'}",
    ]
    if report.routes:
        lines.append("Endpunkte:")
        lines += [f"    {route}" for route in report.routes]
    else:
        lines.append("Endpunkte: keine")
    return "\n".join(lines)


def start_words(milliseconds: int | None) -> str:
    """How long a plugin's start took."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s".replace(".", ",")
