"""The settings that a plugin declares with its marshmallow schema, as entries of the dialog.

The schema is foreign code: whatever it does, the dialog goes on without that plugin's page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate

from sync_core.settings_edit import toml_value
from sync_gui.settings_dialog.entries import Entry, EntryKind, Page, allowed_words

LOGGER = logging.getLogger("sync_gui.window")

_PLAIN = (str, int, float, bool, list, tuple, dict)
_BROKEN = "Die Einstellungen dieser Erweiterung lassen sich hier nicht zeigen."
_UNFIT = "Die Erweiterung nimmt diesen Wert nicht an"


def plugin_page(name: str, title: str, schema: type[Schema]) -> Page:
    """The page of the plugin ``name``, whose settings are the table ``[plugins.NAME]``."""
    key = f"plugins.{name}"
    shown = title or name
    try:
        made = schema()
        entries = tuple(
            _entry(key, field.data_key or attribute, field)
            for attribute, field in made.fields.items()
            if not field.dump_only
        )
    except Exception:  # the edge: a plugin's code
        LOGGER.exception("the settings of plugin %s cannot be shown", name)
        return Page(key, shown, (), lambda _values: {}, note=_BROKEN)
    return Page(key, shown, entries, _page_refusal(key, schema))


def _entry(page: str, key: str, field: fields.Field[Any]) -> Entry:
    told = field.metadata
    low, high = _bounds(field)
    kind, choices = _kind(field)
    default = None if field.load_default is missing else field.load_default
    if callable(default):
        default = default()
    plain = toml_value(default) if isinstance(default, _PLAIN) else None
    return Entry(
        name=f"{page}.{key}",
        page=page,
        kind=kind,
        label=str(told.get("label_de") or key),
        explanation=str(told.get("description_de") or told.get("description") or ""),
        default=plain,
        refusal=_refusal(field, kind, low, high),
        choices=choices,
        required=field.required,
    )


def _kind(field: fields.Field[Any]) -> tuple[EntryKind, Mapping[Any, str]]:
    if isinstance(field, fields.Boolean):
        return "boolean", {True: "Ja", False: "Nein"}
    allowed = next((one for one in _validators(field) if isinstance(one, validate.OneOf)), None)
    if allowed is not None:
        labels = list(allowed.labels) or [str(value) for value in allowed.choices]
        return "choice", dict(zip(allowed.choices, labels, strict=False))
    if isinstance(field, fields.Integer):
        return "integer", {}
    if isinstance(field, fields.Float):
        return "number", {}
    if isinstance(field, fields.List) and isinstance(field.inner, fields.String):
        return "text_list", {}
    if isinstance(field, fields.String):
        return ("secret" if field.load_only or field.metadata.get("secret") else "text"), {}
    return "toml", {}


def _refusal(
    field: fields.Field[Any], kind: EntryKind, low: float | None, high: float | None
) -> Callable[[Any], str]:
    def refusal(value: Any) -> str:
        try:
            field.deserialize(value)
        except ValidationError as error:
            if kind in ("integer", "number"):
                return allowed_words(kind, low, high)
            return f"{_UNFIT}: {_flat(error.messages)}"
        except Exception as error:  # noqa: BLE001 - the edge: a plugin's code
            _log_unchecked(error)
            return ""
        return ""

    return refusal


def _page_refusal(
    page: str, schema: type[Schema]
) -> Callable[[Mapping[str, Any]], Mapping[str, str]]:
    def refusal(values: Mapping[str, Any]) -> Mapping[str, str]:
        raw = {name.removeprefix(f"{page}."): value for name, value in values.items()}
        try:
            schema().load(raw, unknown=RAISE)
        except ValidationError as error:
            messages = error.messages_dict
            return {
                "" if key == "_schema" else f"{page}.{key}": f"{_UNFIT}: {_flat(told)}"
                for key, told in messages.items()
            }
        except Exception as error:  # noqa: BLE001 - the edge: a plugin's code
            _log_unchecked(error)
            return {}
        return {}

    return refusal


def _log_unchecked(error: Exception) -> None:
    # The value is let through: the host checks it again at the start, and lists the plugin with
    # the reason. Only the fault's kind is logged: its words may repeat a value, perhaps a secret.
    LOGGER.error("a plugin could not check its settings (%s)", type(error).__name__)


def _bounds(field: fields.Field[Any]) -> tuple[float | None, float | None]:
    for one in _validators(field):
        if isinstance(one, validate.Range):
            return one.min, one.max
    return None, None


def _validators(field: fields.Field[Any]) -> list[Any]:
    return [
        part
        for one in field.validators
        for part in (one.validators if isinstance(one, validate.And) else [one])
    ]


def _flat(messages: Any) -> str:
    if isinstance(messages, Mapping):
        return " ".join(_flat(inner) for inner in messages.values())
    if isinstance(messages, (list, tuple)):
        return " ".join(_flat(inner) for inner in messages)
    return str(messages)
