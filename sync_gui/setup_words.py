"""What the window says about systems that are not set up, as pure rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sync_core.german import by_number, listed
from sync_core.needed_addresses import (
    LABELS,
    SYSTEMS,
    nothing_can_be_synced,
    system_of,
)
from sync_gui.status_words import Reach

_NOT_SET = "nicht eingestellt"
_NOT_ASKED = "wird nicht geprüft"
_WHERE = "Unter „Datei → Einstellungen“ ergänzen (lassen)."
_NO_DAYS = "Nur der Tagesabgleich braucht es."
NOT_ASKED = Reach(
    True,
    "no health check",
    message_de="Die Erweiterung, die danach fragt, ist nicht geladen. Näheres unter "
    "„Erweiterungen → Liste der Erweiterungen“.",
    unasked=_NOT_ASKED,
)
"""What is known of a system whose address is set and that no plugin asks after."""


def not_set_up(missing: Collection[str]) -> Mapping[str, Reach]:
    """What is known of the systems that lack an address, by the name of their health check.

    ``missing`` are the full names of the addresses that are not set.
    """
    lacking: dict[str, list[str]] = {}
    for name in missing:
        lacking.setdefault(system_of(name), []).append(name)
    return {system: _not_set(system, names) for system, names in lacking.items()}


def _not_set(system: str, names: list[str]) -> Reach:
    labels = listed([LABELS[name] for name in names])
    told = f"Es {by_number(len(names), 'fehlt', 'fehlen')}: {labels}."
    if system == "gateway":
        told += f" {_NO_DAYS}"
    technical = f"not configured: {', '.join(names)}"
    return Reach(True, technical, message_de=f"{told} {_WHERE}", unasked=_NOT_SET)


@dataclass(frozen=True)
class SetupWords:
    """The notice about an installation with which nothing can be synced: an icon's name, a title,
    what is the matter, what follows from that, and the full name of the setting that the button
    leads to; empty: no button."""

    icon: str
    title: str
    matter: str
    effect: str
    setting: str


def setup_words(missing: Collection[str]) -> SetupWords | None:
    """The notice at the start, with these addresses missing; None: there is nothing to say."""
    if not nothing_can_be_synced(missing):
        return None
    wanted = [name for name in missing if name != "gateway.url"] or list(missing)
    systems = [SYSTEMS[system] for system in dict.fromkeys(map(system_of, wanted))]
    many = by_number(len(wanted), "fehlt eine Adresse", "fehlen Adressen")
    until = by_number(len(wanted), "Bis sie eingetragen ist", "Bis sie eingetragen sind")
    return SetupWords(
        "info",
        "Noch nicht eingerichtet",
        f"Für {listed(systems)} {many}.",
        f"{until}, ist kein Abgleich möglich.",
        wanted[0],
    )


def setup_words_after(missing_next: Collection[str]) -> SetupWords:
    """The notice once settings were saved, with these addresses missing at the next start."""
    return setup_words(missing_next) or SetupWords(
        "ok",
        "Einstellungen gespeichert",
        "Das Programm beenden und neu starten.",
        "Dann gelten sie.",
        "",
    )
