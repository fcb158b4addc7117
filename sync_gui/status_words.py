"""What the status bar says, as pure rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hookspecs import HealthResult
from sync_core.hosts import is_loopback
from sync_core.plugin_report import PluginReport
from sync_gui.services import ApiState, ApiStatus

_SEE_PLUGINS = "Näheres unter „Erweiterungen → Liste der Erweiterungen“."


@dataclass(frozen=True)
class Light:
    """A light: an icon's name (its shape tells the state), German words, a longer hint."""

    icon: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Reach:
    """What is known of something foreign; ``since`` is when it was first found not to answer."""

    ok: bool
    message: str
    since: datetime | None = None


def advance(
    before: Mapping[str, Reach], results: Mapping[str, HealthResult], now: datetime
) -> dict[str, Reach]:
    """The knowledge after new ``results``: a lasting failure keeps its first moment."""
    after: dict[str, Reach] = {}
    for name, result in results.items():
        if result.ok:
            after[name] = Reach(True, result.message)
            continue
        known = before.get(name)
        since = known.since if known is not None and known.since is not None else now
        after[name] = Reach(False, result.message, since)
    return after


def health_light(label: str, reach: Reach | None, now: datetime) -> Light:
    """The light of one health check; ``None``: not asked yet."""
    if reach is None:
        return Light("unknown", f"{label} wird geprüft", "Das Ergebnis steht noch aus.")
    if reach.ok or reach.since is None:
        return Light("ok", f"{label} erreichbar", reach.message)
    return Light(
        "error", f"{label} nicht erreichbar seit {_moment(reach.since, now)}", reach.message
    )


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
    return Light("stopped", "API gestoppt", "Andere Programme können zurzeit nicht anfragen.")


def tasks_light(active: int) -> Light:
    """The light that counts pending and running tasks."""
    if active <= 0:
        return Light("idle", "Kein Abgleich läuft")
    if active == 1:
        return Light("running", "1 Abgleich läuft")
    return Light("running", f"{active} Abgleiche laufen")


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
    bad = sum(not reach.ok for reach in reaches.values())
    if not reaches:
        return "Es ist keine Verbindung eingerichtet."
    if bad == 0:
        return "Alle Verbindungen sind in Ordnung."
    return f"{bad} von {len(reaches)} Verbindungen nicht erreichbar."


def _moment(moment: datetime, now: datetime) -> str:
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%d.%m. %H:%M}"
