"""One setting as the dialog shows it, whether the host or a plugin declared it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from sync_core.hosts import is_loopback
from sync_core.settings import Declared, Kind, declared_settings
from sync_core.settings_edit import toml_value
from sync_core.settings_values import ValueNotAllowedError, parse_value
from sync_gui.settings_dialog.words import CHOICES, GENERAL, LABELS, PAGES

EntryKind = Kind | Literal["boolean", "toml"]
"""The host's kinds, and for plugins a yes or no, and any value in TOML's notation."""


@dataclass(frozen=True)
class Entry:
    """A setting: what it is called, how it is edited, and what is allowed.

    ``default`` and every value are in TOML's types; ``None`` is no value. ``page`` is a key of
    :data:`~sync_gui.settings_dialog.words.PAGES` or ``plugins.NAME``. ``refusal`` says in German
    what is wrong with a value, or nothing. ``choices`` has the German word by value. ``required``
    settings have no default and must have a value.
    """

    name: str
    page: str
    kind: EntryKind
    label: str
    explanation: str
    default: Any
    refusal: Callable[[Any], str]
    choices: Mapping[Any, str] = field(default_factory=lambda: MappingProxyType({}))
    required: bool = False

    @property
    def secret(self) -> bool:
        """Whether the value must not be shown without being asked for."""
        return self.kind in ("secret", "database_url")


@dataclass(frozen=True)
class Page:
    """Settings that stand together. ``refusal`` says what is wrong with all their values.

    It gets the values that are not defaults by full name and returns German sentences by full
    name; the empty name is the page itself. ``note`` is a sentence about the page.
    """

    key: str
    title: str
    entries: tuple[Entry, ...]
    refusal: Callable[[Mapping[str, Any]], Mapping[str, str]]
    note: str = ""


def host_pages() -> Iterator[Page]:
    """The pages of the host's own settings, in the order of the dialog."""
    by_page: dict[str, list[Entry]] = {key: [] for key in PAGES}
    for declared in declared_settings():
        section = declared.name.rpartition(".")[0] or GENERAL
        by_page[section].append(_entry(declared, section))
    for key, title in PAGES.items():
        refusal = _api_refusal if key == "api" else _no_refusal
        yield Page(key, title, tuple(by_page[key]), refusal)


def _no_refusal(_values: Mapping[str, Any]) -> Mapping[str, str]:
    return {}


def _api_refusal(values: Mapping[str, Any]) -> Mapping[str, str]:
    """The one rule over several settings: the program would not start without."""
    has_key = "api.key" in values or values.get("api.key_source") == "key_store"
    if has_key or is_loopback(str(values.get("api.host", "localhost"))):
        return {}
    return {
        "api.host": "Diese Adresse erreichen auch andere Computer. Dafür braucht die API einen "
        "Schlüssel; ohne ihn bitte 127.0.0.1 eingeben."
    }


def _entry(declared: Declared, page: str) -> Entry:
    label, explanation = LABELS[declared.name]
    words = CHOICES.get(declared.name, {})

    def refusal(value: Any) -> str:
        try:
            parse_value(declared, value)
        except ValueNotAllowedError:
            return allowed_words(declared.kind, declared.low, declared.high)
        return ""

    return Entry(
        name=declared.name,
        page=page,
        kind=declared.kind,
        label=label,
        explanation=explanation,
        default=toml_value(declared.default),
        refusal=refusal,
        choices={value: words.get(value, value) for value in declared.choices},
    )


def allowed_words(kind: EntryKind, low: float | None, high: float | None) -> str:
    """What may be entered, as a German sentence that asks for it."""
    if kind in ("integer", "number"):
        noun = "eine ganze Zahl" if kind == "integer" else "eine Zahl"
        return f"Bitte {noun}{_range_words(low, high)} eingeben."
    return _SENTENCES[kind]


def number_words(number: float) -> str:
    """A number as it is written in German, without needless digits."""
    return f"{number:.15g}".replace(".", ",")


def _range_words(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" von {number_words(low)} bis {number_words(high)}"
    if low is not None:
        return f" ab {number_words(low)}"
    return "" if high is None else f" bis {number_words(high)}"


_SENTENCES: Mapping[EntryKind, str] = MappingProxyType(
    {
        "text": "Bitte einen Text ohne Steuerzeichen eingeben.",
        "secret": "Bitte nur Buchstaben, Ziffern und Satzzeichen eingeben, ohne Umlaute und "
        "Leerzeichen.",
        "url": "Bitte eine Adresse eingeben, die mit http:// oder https:// beginnt.",
        "database_url": "Bitte eine SQLAlchemy-Adresse eingeben, z. B. mssql+pyodbc://…",
        "text_list": "Bitte je Zeile einen Text ohne Steuerzeichen eingeben.",
        "choice": "Bitte einen der Werte wählen.",
        "path": "Bitte einen Ordner angeben.",
        "type_rules": "Bitte nur ganze Zahlen eingeben: die Terminart ab 1, die Werte ab 0.",
        "boolean": "Bitte Ja oder Nein wählen.",
        "toml": "Bitte einen Wert in TOML-Schreibweise eingeben.",
    }
)
