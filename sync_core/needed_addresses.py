"""The addresses without which nothing can be synced, and what staff are told when one is missing.

An address that is not set is no fault: the program starts all the same, and so does a fresh
installation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from sync_core.german import listed
from sync_core.settings import Settings

SYSTEMS: Mapping[str, str] = MappingProxyType(
    {"calldoc": "CallDoc", "sqlhk": "SQLHK", "gateway": "Gateway"}
)
"""The foreign systems as staff know them, by the section of their settings. Their health checks
have the same names."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "calldoc.base_url": "Adresse der Termine",
        "calldoc.patient_url": "Adresse der Patientensuche",
        "sqlhk.url": "Adresse der Datenbank",
        "gateway.url": "Adresse des Gateways",
    }
)
"""What each address is called in the settings dialog, by the setting's full name."""


def missing_addresses(settings: Settings) -> tuple[str, ...]:
    """The full names of the addresses that are not set."""
    values = {
        "calldoc.base_url": settings.calldoc.base_url,
        "calldoc.patient_url": settings.calldoc.patient_url,
        "sqlhk.url": settings.sqlhk.url,
        "gateway.url": settings.gateway.url,
    }
    return tuple(name for name, value in values.items() if not value)


def system_of(name: str) -> str:
    """The key in :data:`SYSTEMS` of the system that an address belongs to."""
    return name.partition(".")[0]


def nothing_can_be_synced(missing: Collection[str]) -> bool:
    """Whether with these addresses missing neither a patient nor a day can be synced.

    Without CallDoc's appointments there is nothing to sync. A day goes through the gateway; one
    patient goes straight to SQLHK, after a look into CallDoc's patient search.
    """
    no_patient = "calldoc.patient_url" in missing or "sqlhk.url" in missing
    return "calldoc.base_url" in missing or ("gateway.url" in missing and no_patient)


def addresses_named_in(detail: str) -> tuple[str, ...]:
    """The addresses that a refusal's English detail names, in the order of :data:`LABELS`."""
    named = set(re.findall(r"[a-z_]+\.[a-z_]+", detail))
    return tuple(name for name in LABELS if name in named)


def missing_words(names: Collection[str]) -> str:
    """One German sentence that says which addresses, at least one, are missing."""
    told = listed([f"„{LABELS[name]}“ ({name})" for name in names])
    if len(names) == 1:
        return f"Es fehlt die Einstellung {told}."
    return f"Es fehlen die Einstellungen {told}."
