"""The API key of a run: which key store holds it, and where that is remembered."""

from __future__ import annotations

import logging

from sync_core.api_key import ApiKey
from sync_core.key_store import KeyStore
from sync_core.settings import ApiSettings
from sync_core.settings_place import SettingsPlace

KEY, SOURCE = "api.key", "api.key_source"

UNREADABLE_NOTICE = (
    "Der API-Schlüssel konnte nicht aus dem Schlüsselspeicher des Systems gelesen werden. "
    "Die API weist deshalb alle Anfragen ab. Unter „API → API-Schlüssel“ lässt er sich erneut "
    "lesen, neu erzeugen oder abschalten."
)
"""What people read at the start when the key store did not give the key."""


def create_api_key(
    settings: ApiSettings, place: SettingsPlace, store: KeyStore, logger: logging.Logger
) -> ApiKey:
    """The key in force at the start; the key store is asked only if the settings say so."""

    def remember(source: str | None) -> None:
        fixed = place.fixed.get(SOURCE)
        if fixed is None or fixed.value != (source or "settings"):
            place.change({SOURCE: source})

    fixed_key = place.fixed.get(KEY)
    return ApiKey(
        settings, store, remember, logger, origin=fixed_key.name if fixed_key is not None else ""
    )
