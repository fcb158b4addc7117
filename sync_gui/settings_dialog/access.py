"""What the settings dialog needs from the rest of the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from marshmallow import Schema

from sync_core.key_store import KeyStore
from sync_core.settings_place import SettingsPlace


@dataclass(frozen=True)
class SettingsAccess:
    """Where settings are kept and who declares some.

    ``schemas`` has the settings schema of each plugin that told one, ``plugin_titles`` what
    plugins are called on screen. ``key_store`` keeps SQLHK's password.
    """

    place: SettingsPlace
    schemas: Callable[[], Mapping[str, type[Schema]]]
    plugin_titles: Mapping[str, str]
    key_store: KeyStore
