"""What each setting is called in German, and what it is for.

A test holds these tables against the declared settings, so none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sync_core.needed_addresses import LABELS as ADDRESSES

GENERAL = "general"
"""The page of the settings that stand outside of all tables."""

PAGES: Mapping[str, str] = MappingProxyType(
    {
        "calldoc": "CallDoc",
        "sqlhk": "SQLHK-Datenbank",
        "gateway": "SQL-Gateway",
        "mapping": "Neue Untersuchungen",
        "tasks": "Abgleiche",
        "receipts": "Belege",
        "api": "Schnittstelle (API)",
        "plugins": "Erweiterungen",
        "log": "Protokoll",
        GENERAL: "Datenordner",
    }
)
"""Sections with their titles, in the order of the dialog."""

LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "calldoc.base_url": (
            ADDRESSES["calldoc.base_url"],
            "Adresse der Terminschnittstelle von CallDoc; sie endet auf „frontend“.",
        ),
        "calldoc.patient_url": (
            ADDRESSES["calldoc.patient_url"],
            "Adresse, unter der CallDoc nach Patienten sucht.",
        ),
        "calldoc.connect_timeout": (
            "Wartezeit für die Verbindung (s)",
            "So lange wird auf eine Verbindung zu CallDoc gewartet.",
        ),
        "calldoc.read_timeout": (
            "Wartezeit auf die Antwort (s)",
            "So lange darf CallDoc schweigen, bevor der Abgleich aufgibt.",
        ),
        "sqlhk.url": (
            ADDRESSES["sqlhk.url"],
            "SQLAlchemy-Adresse, am besten ohne Passwort. Das Passwort gehört in den "
            "Schlüsselspeicher des Systems.",
        ),
        "sqlhk.password_env": (
            "Variable mit dem Passwort",
            "Name einer Umgebungsvariablen, die das Passwort enthält. Sie geht dem "
            "Schlüsselspeicher vor.",
        ),
        "gateway.url": (
            ADDRESSES["gateway.url"],
            "Adresse des HTTP-SQL-Gateways. Nur der Tagesabgleich braucht es.",
        ),
        "api.host": (
            "Adresse, auf der die API hört",
            "127.0.0.1 erreicht nur dieser Computer. Jede andere Adresse braucht einen "
            "API-Schlüssel.",
        ),
        "api.port": ("Port", "0 nimmt einen freien Port."),
        "api.key": (
            "API-Schlüssel in der Datei",
            "Besser im Schlüsselspeicher: Menü API → API-Schlüssel. Ein Schlüssel in der Datei "
            "geht dem vor.",
        ),
        "api.key_source": (
            "Herkunft des Schlüssels",
            "Ob der Schlüssel aus dieser Datei oder aus dem Schlüsselspeicher des Systems kommt. "
            "Das Menü API → API-Schlüssel stellt dies passend ein.",
        ),
        "api.allowed_hosts": (
            "Weitere erlaubte Namen",
            "Namen dieses Computers, unter denen andere ihn ansprechen dürfen; einer je Zeile.",
        ),
        "api.allowed_origins": (
            "Erlaubte Webseiten",
            "Herkunft von Webseiten, die die API aufrufen dürfen, z. B. "
            "https://intranet.example; eine je Zeile.",
        ),
        "tasks.timeout_seconds": (
            "Höchstdauer (s)",
            "So lange nach der Annahme ist ein Abgleich eines Patienten spätestens beendet.",
        ),
        "tasks.workers": ("Gleichzeitige Abgleiche", "So viele Abgleiche laufen nebeneinander."),
        "tasks.queue_limit": (
            "Wartende Abgleiche",
            "So viele dürfen warten; weitere werden abgelehnt.",
        ),
        "tasks.retention_days": (
            "Aufbewahrung (Tage)",
            "Nach so vielen Tagen wird ein beendeter Abgleich vergessen.",
        ),
        "receipts.retention_days": (
            "Aufbewahrung (Tage)",
            "Nach so vielen Tagen wird ein Beleg gelöscht.",
        ),
        "plugins.disabled": (
            "Abgeschaltete Erweiterungen",
            "Namen der Erweiterungen, die nicht geladen werden; einer je Zeile.",
        ),
        "plugins.dirs": (
            "Ordner mit Erweiterungen",
            "Einer je Zeile; ein relativer Pfad zählt vom Ordner des Programms.",
        ),
        "plugins.start_timeout": (
            "Wartezeit beim Start (s)",
            "Braucht eine Erweiterung länger, wird ohne sie gestartet.",
        ),
        "log.level": (
            "Stufe",
            "Die geringste Stufe, die ins Protokoll kommt. DEBUG ist sehr ausführlich.",
        ),
        "mapping.zuweiser_id": ("ZuweiserID", "Wert einer neuen Untersuchung."),
        "mapping.roentgen": ("Roentgen", "Wert einer neuen Untersuchung."),
        "mapping.herzteam": ("Herzteam", "Wert einer neuen Untersuchung."),
        "mapping.materialpreis": ("Materialpreis", "Wert einer neuen Untersuchung."),
        "mapping.drgid": ("DRGID", "Wert einer neuen Untersuchung."),
        "mapping.default_herzkatheter_id": (
            "HerzkatheterID ohne Zuordnung",
            "Gilt, wenn ein Raum keine Zuordnung hat. Ohne Angabe wird dann nichts geschrieben.",
        ),
        "mapping.default_untersucher_id": (
            "UntersucherAbrechnungID ohne Zuordnung",
            "Gilt, wenn ein Arzt keine Zuordnung hat. Ohne Angabe wird dann nichts geschrieben.",
        ),
        "mapping.rules": (
            "Regeln nach Terminart",
            "Abweichende Werte für einzelne Terminarten. Ein leeres Feld lässt den allgemeinen "
            "Wert gelten.",
        ),
        "data_dir": (
            "Ordner",
            "Hier liegen Journal, Belege und Protokoll. Ohne Angabe im Datenordner des "
            "Benutzers; ein relativer Pfad zählt vom Ordner der Einstellungsdatei.",
        ),
    }
)
"""Label and explanation by the setting's full name."""

CHOICES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "api.key_source": MappingProxyType(
            {"settings": "diese Datei", "key_store": "Schlüsselspeicher des Systems"}
        )
    }
)
"""Words for values to choose from, where the value itself is none."""
