"""The table ``[plugins.notify]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from notify_plugin.address import AddressError, read_address


@dataclass(frozen=True)
class NotifySettings:
    """The settings as values. ``webhook_url`` is a secret; empty means: nothing is sent.

    ``told`` are the outcomes that are told: ``created``, ``updated``, ``unchanged``, ``failed``.
    """

    webhook_url: str = field(repr=False)
    form: str
    told: frozenset[str]
    interval: float
    most: int
    with_names: bool
    with_numbers: bool


def _check_address(value: str) -> None:
    try:
        if value.strip():
            read_address(value)
    except AddressError as error:
        raise ValidationError(str(error)) from None  # never the value: it is a secret


def _switch(default: bool, label: str, english: str, german: str) -> fields.Boolean:
    told = {"label_de": label, "description": english, "description_de": german}
    return fields.Boolean(load_default=default, metadata=told)


class NotifySettingsSchema(Schema):
    """Loading gives plain values; :func:`read_settings` makes them :class:`NotifySettings`."""

    webhook_url = fields.String(
        load_default="",
        validate=_check_address,
        metadata={
            "label_de": "Webhook-Adresse",
            "description": "The chat's incoming-webhook URL, https. Empty: nothing is sent.",
            "description_de": "Adresse des eingehenden Webhooks (https). "
            "Leer: es wird nichts gesendet.",
            "secret": True,
        },
    )
    format = fields.String(
        load_default="text",
        validate=validate.OneOf(["text", "teams"], labels=["Slack, Mattermost", "Teams"]),
        metadata={
            "label_de": "Chat",
            "description": '`text`: `{"text": …}` for Slack and Mattermost; `teams`: an adaptive '
            "card for Teams' Workflows.",
            "description_de": "Wofür die Nachrichten geschrieben werden.",
        },
    )
    tell_created = _switch(
        True, "Angelegtes melden", "Tell what was created.", "Angelegte Untersuchungen melden."
    )
    tell_updated = _switch(
        True, "Geändertes melden", "Tell what was updated.", "Geänderte Untersuchungen melden."
    )
    tell_unchanged = _switch(
        False,
        "Unverändertes melden",
        "Tell syncs that found nothing to do.",
        "Auch Abgleiche melden, bei denen nichts zu tun war.",
    )
    tell_failed = _switch(
        True, "Fehler melden", "Tell what failed.", "Fehlgeschlagene Abgleiche melden."
    )
    interval = fields.Integer(
        strict=True,
        load_default=30,
        validate=validate.Range(min=1, max=3600),
        metadata={
            "label_de": "Sammeln (s)",
            "description": "Seconds between two messages; what happens meanwhile goes together.",
            "description_de": "So lange wird gesammelt, bevor eine Nachricht geschickt wird.",
        },
    )
    most = fields.Integer(
        strict=True,
        load_default=15,
        validate=validate.Range(min=1, max=50),
        metadata={
            "label_de": "Zeilen je Nachricht",
            "description": "Lines in one message; what is more is told as a count.",
            "description_de": "Mehr wird in der Nachricht nur gezählt.",
        },
    )
    with_names = _switch(
        False,
        "Namen nennen",
        "Put patients' names into the messages. They leave the house with them.",
        "Namen der Patienten in die Nachricht schreiben. Sie verlassen damit das Haus.",
    )
    with_numbers = _switch(
        False,
        "Patientennummern nennen",
        "Put patients' numbers (PIZ) into the messages.",
        "PIZ in die Nachricht schreiben. Auch sie verlässt damit das Haus.",
    )


def read_settings(loaded: Mapping[str, Any]) -> NotifySettings:
    """The settings that the schema loaded."""
    outcomes = ("created", "updated", "unchanged", "failed")
    return NotifySettings(
        webhook_url=loaded["webhook_url"].strip(),
        form=loaded["format"],
        told=frozenset(one for one in outcomes if loaded[f"tell_{one}"]),
        interval=float(loaded["interval"]),
        most=loaded["most"],
        with_names=loaded["with_names"],
        with_numbers=loaded["with_numbers"],
    )
