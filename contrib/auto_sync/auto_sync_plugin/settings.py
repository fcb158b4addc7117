"""The table ``[plugins.auto_sync]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from marshmallow import Schema, fields, validate


@dataclass(frozen=True)
class AutoSettings:
    """The settings as values.

    ``at`` is a time of day in Germany, ``days_ahead`` how many days after today are synced with it,
    ``at_once`` how many patients are synced at the same time, ``whole_day_from`` from how many
    changed patients on the whole day is synced instead (None: never).
    """

    enabled: bool
    daily: bool
    at: time
    days_ahead: int
    types: tuple[int, ...]
    watch: bool
    interval: timedelta
    at_once: int
    whole_day_from: int | None


class AutoSettingsSchema(Schema):
    """Loading gives plain values; :func:`read_settings` makes them :class:`AutoSettings`."""

    enabled = fields.Boolean(
        load_default=False,
        metadata={
            "label_de": "Automatik eingeschaltet",
            "description": "Whether anything is synced by itself. The panel's switch is stronger "
            "until this setting is changed.",
            "description_de": "Ob von selbst abgeglichen wird. Der Schalter im Fenster gilt, bis "
            "diese Einstellung geändert wird.",
        },
    )
    daily = fields.Boolean(
        load_default=True,
        metadata={
            "label_de": "Täglicher Abgleich",
            "description": "Sync the whole day once a day.",
            "description_de": "Einmal am Tag den ganzen Tag abgleichen.",
        },
    )
    time = fields.String(
        load_default="06:30",
        validate=validate.Regexp(
            r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z", error="Must be a time of day: HH:MM."
        ),
        metadata={
            "label_de": "Uhrzeit",
            "description": "When the daily sync begins: HH:MM, German local time.",
            "description_de": "Wann der tägliche Abgleich beginnt: HH:MM.",
        },
    )
    days_ahead = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(min=0, max=14),
        metadata={
            "label_de": "Folgetage",
            "description": "How many days after today the daily sync takes along.",
            "description_de": "So viele Tage nach heute werden mit abgeglichen.",
        },
    )
    types = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1)),
        load_default=lambda: [24, 25],
        validate=validate.Length(min=1, max=100),
        metadata={
            "label_de": "Terminarten",
            "description": "CallDoc's appointment types, for the daily sync and the watch.",
            "description_de": "Terminarten von CallDoc für beides, z. B. [24, 25].",
        },
    )
    watch = fields.Boolean(
        load_default=True,
        metadata={
            "label_de": "Änderungen beobachten",
            "description": "Look at today's appointments again and again, and sync the patients "
            "whose appointments changed.",
            "description_de": "Die heutigen Termine immer wieder ansehen und geänderte Patienten "
            "abgleichen.",
        },
    )
    interval = fields.Integer(
        strict=True,
        load_default=5,
        validate=validate.Range(min=1, max=60),
        metadata={
            "label_de": "Abstand (Minuten)",
            "description": "Minutes between two looks.",
            "description_de": "So viele Minuten liegen zwischen zwei Prüfungen.",
        },
    )
    at_once = fields.Integer(
        strict=True,
        load_default=3,
        validate=validate.Range(min=1, max=8),
        metadata={
            "label_de": "Gleichzeitig",
            "description": "How many patients are synced at the same time.",
            "description_de": "So viele Patienten werden höchstens gleichzeitig abgeglichen.",
        },
    )
    whole_day_from = fields.Integer(
        strict=True,
        load_default=30,
        validate=validate.Range(min=0, max=1000),
        metadata={
            "label_de": "Ganzer Tag ab",
            "description": "From so many changed patients on the whole day is synced once instead; "
            "0: never.",
            "description_de": "Ab so vielen geänderten Patienten wird stattdessen einmal der ganze "
            "Tag abgeglichen; 0: nie.",
        },
    )


def read_settings(loaded: Mapping[str, Any]) -> AutoSettings:
    """The settings that the schema loaded."""
    hours, _, minutes = loaded["time"].partition(":")
    return AutoSettings(
        enabled=loaded["enabled"],
        daily=loaded["daily"],
        at=time(int(hours), int(minutes)),
        days_ahead=loaded["days_ahead"],
        types=tuple(dict.fromkeys(loaded["types"])),
        watch=loaded["watch"],
        interval=timedelta(minutes=loaded["interval"]),
        at_once=loaded["at_once"],
        whole_day_from=loaded["whole_day_from"] or None,
    )
