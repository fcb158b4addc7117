"""What the status bar says, as pure rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookspecs import HealthResult
from sync_core.hosts import is_loopback
from sync_core.plugin_report import PluginReport
from sync_gui.services import ApiState, ApiStatus

_WORKS = "In Ordnung."
_FAILS = "Nicht in Ordnung. Kurz warten; bleibt es so, die IT verständigen."
_SEE_PLUGINS = "Näheres unter „Erweiterungen → Liste der Erweiterungen“."


@dataclass(frozen=True)
class Light:
    """A light: an icon's name (its shape tells the state), German words, a longer hint."""

    icon: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Reach:
    """What is known of something foreign; ``since`` is when it was first found not to answer.

    ``message`` is the technical one, ``message_de`` the German one if the check told it.
    ``unasked`` stands instead of an answer where nobody asks: the words that end the light's text.
    """

    ok: bool
    message: str
    since: datetime | None = None
    message_de: str | None = None
    unasked: str = ""

    @property
    def meaning(self) -> str:
        """What it means and what to do, in German."""
        return self.message_de or (_WORKS if self.ok else _FAILS)


def advance(
    before: Mapping[str, Reach], results: Mapping[str, HealthResult], now: datetime
) -> dict[str, Reach]:
    """The knowledge after new ``results``: a lasting failure keeps its first moment."""
    after: dict[str, Reach] = {}
    for name, result in results.items():
        if result.ok:
            after[name] = Reach(True, result.message, message_de=result.message_de)
            continue
        known = before.get(name)
        since = known.since if known is not None and known.since is not None else now
        after[name] = Reach(False, result.message, since, result.message_de)
    return after


def health_light(label: str, reach: Reach | None, now: datetime) -> Light:
    """The light of one health check; ``None``: not asked yet."""
    if reach is None:
        return Light("unknown", f"{label} wird geprüft", "Das Ergebnis steht noch aus.")
    if reach.unasked:
        return Light("idle", f"{label} {reach.unasked}", reach.meaning)
    if reach.ok or reach.since is None:
        return Light("ok", f"{label} erreichbar", reach.meaning)
    since = _moment(reach.since, now)
    return Light("error", f"{label} nicht erreichbar seit {since}", reach.meaning)


def api_light(state: ApiState) -> Light:
    """The light of our own HTTP API."""
    if state.status is ApiStatus.RUNNING:
        if not is_loopback(state.host):
            return Light(
                "warning",
                f"API läuft auf {state.address}, auch für andere Computer",
                "Wer den API-Schlüssel hat, kann über das Netz anfragen. Schlüssel und "
                "Patientendaten gehen unverschlüsselt über die Leitung.",
            )
        return Light("ok", f"API läuft auf {state.address}", "Andere Programme können anfragen.")
    if state.status is ApiStatus.PORT_IN_USE:
        return Light(
            "error",
            f"API: Port {state.port} belegt",
            f"Ein anderes Programm benutzt Port {state.port}. Dieses beenden und dann "
            "„API → Starten“ wählen. Synchronisieren aus dem Fenster geht trotzdem.",
        )
    if state.status is ApiStatus.STARTING:
        return Light("unknown", "API startet …", "Gleich können andere Programme anfragen.")
    return Light("stopped", "API gestoppt", "Andere Programme können zurzeit nicht anfragen.")


def tasks_light(active: int) -> Light:
    """The light that counts pending and running tasks."""
    if active <= 0:
        return Light("idle", "Kein Abgleich läuft")
    if active == 1:
        return Light("running", "1 Abgleich läuft")
    return Light("running", f"{active} Abgleiche laufen")


def names_light() -> Light:
    """The light that is there while patients' names are hidden."""
    return Light(
        "eye_off",
        "Namen verborgen",
        "Angaben zu Patienten sind durch Punkte ersetzt. „Ansicht → Namen verbergen“ zeigt sie "
        "wieder.",
    )


def plugins_light(reports: Sequence[PluginReport]) -> Light | None:
    """The light of the plugins; None while there is nothing to say about them."""
    late = [item.name for item in reports if item.state == "starting"]
    if late:
        text = f"Erweiterung „{late[0]}“ startet noch"
        if len(late) > 1:
            text = f"{len(late)} Erweiterungen starten noch"
        return Light("running", text, _SEE_PLUGINS)
    out = [item.name for item in reports if item.state == "failed" or item.set_aside]
    if out:
        text = f"Erweiterung „{out[0]}“ ausgefallen"
        if len(out) > 1:
            text = f"{len(out)} Erweiterungen ausgefallen"
        return Light("warning", text, _SEE_PLUGINS)
    told = [item.name for item in reports if item.state == "loaded" and item.reason]
    if told:
        text = f"Erweiterung „{told[0]}“ meldet einen Fehler"
        if len(told) > 1:
            text = f"{len(told)} Erweiterungen melden Fehler"
        return Light("warning", text, _SEE_PLUGINS)
    return None


def check_summary(reaches: Mapping[str, Reach]) -> str:
    """One sentence for a check that somebody asked for."""
    asked = [reach for reach in reaches.values() if not reach.unasked]
    bad = sum(not reach.ok for reach in asked)
    if not asked:
        return "Es ist keine Verbindung eingerichtet."
    if bad > 0:
        verb = "ist" if bad == 1 else "sind"
        return f"{bad} von {len(asked)} Verbindungen {verb} gestört."
    if len(asked) < len(reaches):
        return "Nicht alle Verbindungen werden geprüft; die geprüften sind in Ordnung."
    return "Alle Verbindungen sind in Ordnung."


def _moment(moment: datetime, now: datetime) -> str:
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%d.%m. %H:%M}"
