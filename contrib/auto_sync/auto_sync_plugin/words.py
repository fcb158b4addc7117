"""What the panel says about a state, in German. No Qt."""

from __future__ import annotations

from datetime import datetime, timedelta

from auto_sync_plugin.schedule import GERMANY, german_day
from auto_sync_plugin.state import AutoState, WatchState

NOTHING = "–"
_WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


def moment_words(moment: datetime | None, now: datetime) -> str:
    """``heute 06:30``, ``morgen 06:30``, ``Mi 02.12. 06:30``; a dash for None."""
    if moment is None:
        return NOTHING
    local = moment.astimezone(GERMANY)
    days = german_day(moment) - german_day(now)
    near = {timedelta(0): "heute", timedelta(1): "morgen", timedelta(-1): "gestern"}
    day = near.get(days) or f"{_WEEKDAYS[local.weekday()]} {local:%d.%m.}"
    return f"{day} {local:%H:%M}"


def clock_words(moment: datetime | None) -> str:
    """``06:30:05``; a dash for None."""
    return NOTHING if moment is None else f"{moment.astimezone(GERMANY):%H:%M:%S}"


def headline(state: AutoState) -> str:
    """The one sentence above everything else."""
    if not state.on:
        return "Die Automatik ist ausgeschaltet. Es wird nichts von selbst abgeglichen."
    if state.fault:
        return "Ein Fehler im Programm hält die Automatik an; sie versucht es gleich wieder."
    if state.missing:
        names = " und ".join(f"„{name}“" for name in state.missing)
        return f"Die Erweiterung für {names} ist nicht geladen; dieser Teil der Automatik ruht."
    if state.next_daily is None and state.watch is None:
        return "In den Einstellungen sind täglicher Abgleich und Beobachtung ausgeschaltet."
    if needs_attention(state):
        return "Die Beobachtung kommt nicht voran; sie versucht es weiter."
    return "Die Automatik ist eingeschaltet."


def needs_attention(state: AutoState) -> bool:
    """Whether somebody should look at it."""
    watch_problem = state.watch is not None and bool(state.watch.problem)
    return state.on and (state.fault or bool(state.missing) or watch_problem)


def decided_by(state: AutoState) -> str:
    """Whether the switch or the setting decides."""
    return (
        "Es gilt dieser Schalter, auch nach einem Neustart."
        if state.by_switch
        else "Es gilt die Einstellung; dieser Schalter geht ihr vor."
    )


def daily_words(state: AutoState, now: datetime) -> str:
    """When the daily run comes."""
    if state.daily_running:
        return "läuft"
    return moment_words(state.next_daily, now)


def watch_words(state: AutoState) -> str:
    """What the watch is doing."""
    watch = state.watch
    if watch is None:
        return "in den Einstellungen ausgeschaltet"
    if not state.on:
        return "ruht"
    if watch.problem:
        return f"{watch.problem} Nächster Versuch {clock_words(watch.next_look)}."
    if watch.last_look is None:
        return "beginnt gleich"
    if watch.running or watch.waiting:
        return f"{watch.running} in Arbeit, {watch.waiting} warten"
    return f"nächste Prüfung {clock_words(watch.next_look)}"


def look_words(watch: WatchState | None) -> str:
    """When the last look was and what it saw."""
    if watch is None or watch.last_look is None:
        return NOTHING
    seen = "" if watch.patients is None else f", {watch.patients} Patienten heute"
    return f"{clock_words(watch.last_look)}{seen}"
