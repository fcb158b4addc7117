"""What the list of plugins says, as pure rules."""

from __future__ import annotations

from dataclasses import dataclass

from sync_core.plugin_report import PluginReport

_STATES = {
    "loaded": ("ok", "geladen"),
    "disabled": ("stopped", "abgeschaltet"),
    "failed": ("error", "fehlgeschlagen"),
    "set_aside": ("warning", "beiseitegelegt"),
    "complained_of": ("warning", "geladen, meldet Fehler"),
    "starting": ("running", "startet noch"),
}


def state_words(report: PluginReport) -> tuple[str, str]:
    """Icon and German word of a plugin's state."""
    state: str = report.state
    if report.set_aside:
        state = "set_aside"
    elif report.state == "loaded" and report.reason is not None:
        state = "complained_of"
    return _STATES.get(state, ("unknown", state))


_DISABLED = (
    "Die Erweiterung ist abgeschaltet und wurde nicht geladen: in den Einstellungen, hier in der "
    "Liste oder beim Start mit --disable-plugin."
)
_SET_ASIDE = (
    "Die Erweiterung hat das Programm bei einem früheren Lauf beendet und wurde deshalb nicht "
    "geladen. Nach einem Update der Erweiterung oder mit „Wieder versuchen“ wird sie beim nächsten "
    "Start wieder geladen."
)


def reason_words(report: PluginReport) -> str:
    """Why a plugin is as it is: a German sentence, then the technical reason if there is one."""
    if report.state == "loaded" and report.reason is None:
        return "Die Erweiterung arbeitet."
    if report.state == "disabled" and not report.set_aside:
        return _DISABLED
    if report.set_aside:
        return f"{_SET_ASIDE}\nTechnischer Grund: {report.reason}"
    sentence = {
        "loaded": "Die Erweiterung arbeitet, hat aber etwas gemeldet.",
        "failed": "Die Erweiterung konnte nicht geladen werden. Alles andere arbeitet weiter.",
        "starting": "Die Erweiterung ist mit dem Start noch nicht fertig.",
    }.get(report.state, "")
    if report.reason is None:
        return sentence
    return f"{sentence}\nTechnischer Grund: {report.reason}".strip()


def short_reason(report: PluginReport) -> str:
    """The same in a cell: German where the program itself kept the plugin out, else the technical
    reason; a dash without one."""
    if report.set_aside:
        return "hat das Programm bei einem früheren Lauf beendet"
    if report.state == "disabled":
        return "in den Einstellungen oder beim Start abgeschaltet"
    return report.reason or "–"


def details_words(report: PluginReport) -> str:
    """Everything about one plugin, as lines of text."""
    lines = [
        *([report.summary_de, ""] if report.summary_de else []),
        reason_words(report),
        "",
        f"Herkunft: {origin_words(report)}",
        f"Vertragsversion: {report.contract if report.contract is not None else 'unbekannt'}",
        f"Ansichten: {', '.join(report.panels) or 'keine'}",
    ]
    if report.distribution_summary and not report.summary_de:
        lines.append(f"Das Paket sagt über sich: {report.distribution_summary}")
    if report.routes:
        lines.append("Endpunkte:")
        lines += [f"    {route}" for route in report.routes]
    else:
        lines.append("Endpunkte: keine")
    if report.steps:
        lines.append(f"Start: {start_words(report.start_ms)}, davon")
        lines += [f"    {name}: {start_words(took)}" for name, took in report.steps]
    return "\n".join(lines)


def origin_words(report: PluginReport) -> str:
    """Where a plugin comes from."""
    if report.builtin:
        return "fester Teil des Programms"
    if report.ours:
        return "mit dem Programm ausgeliefert"
    return f"Paket {report.distribution}" if report.distribution else "unbekannt"


@dataclass(frozen=True)
class Switch:
    """What the button below the list does for one plugin: its ``label``, whether it can be pressed,
    and a ``hint`` about the next start or why it cannot."""

    label: str
    possible: bool
    hint: str


def switch_words(report: PluginReport, *, out_next: bool, fixed_by: str | None) -> Switch:
    """The button for a plugin that will be kept out at the next start, or not (``out_next``);
    ``fixed_by`` says why nothing can be switched."""
    if report.set_aside:
        label, out_now = "Wieder &versuchen", True
    else:
        label, out_now = ("&Einschalten" if out_next else "&Abschalten"), report.state == "disabled"
    if report.builtin:
        return Switch(label, False, "Dieser Teil gehört fest zum Programm.")
    if fixed_by is not None and not report.set_aside:
        return Switch(label, False, fixed_by)
    if out_next == out_now:
        return Switch(label, True, "Gilt ab dem nächsten Start des Programms.")
    word = "abgeschaltet" if out_next else "wieder geladen"
    hint = f"„{report.name}“ wird beim nächsten Start {word}."
    return Switch(label, out_next or not report.set_aside, hint)


def start_words(milliseconds: int | None) -> str:
    """How long a plugin's start took."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s".replace(".", ",")
