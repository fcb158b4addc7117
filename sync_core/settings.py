"""The declared settings: one table of names, types, defaults, ranges and a sentence each.

The table is the data classes below; :func:`declared_settings` walks it for the documentation and
the settings dialog, :mod:`sync_core.settings_loader` fills it from TOML and the environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Kind = Literal[
    "text",
    "secret",
    "url",
    "database_url",
    "integer",
    "number",
    "text_list",
    "choice",
    "path",
    "type_rules",
]


@dataclass(frozen=True)
class Declared:
    """What is declared about one setting.

    ``low`` and ``high`` bound numbers (both included); ``choices`` are the allowed words.
    A default of ``None`` means: not configured.
    """

    name: str
    kind: Kind
    default: Any
    sentence: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def _setting(
    kind: Kind,
    default: Any,
    sentence: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    metadata = {"declared": Declared("", kind, default, sentence, low, high, choices)}
    # What may hold a secret stays out of the representation, and so out of logs and tracebacks.
    shown = kind not in ("secret", "database_url")
    return field(default=default, metadata=metadata, repr=shown)


@dataclass(frozen=True)
class CallDocSettings:
    """Where CallDoc is and how long we wait for it."""

    base_url: str | None = _setting(
        "url", None, "Address of CallDoc's appointment API, up to and including `/frontend`."
    )
    patient_url: str | None = _setting("url", None, "Address of CallDoc's patient search.")
    connect_timeout: float = _setting(
        "number", 3.0, "Seconds to wait for a connection to CallDoc.", low=0.1, high=60
    )
    read_timeout: float = _setting(
        "number", 20.0, "Seconds CallDoc may stay silent.", low=0.1, high=60
    )


@dataclass(frozen=True)
class SqlhkSettings:
    """Where the registry is."""

    url: str | None = _setting(
        "database_url", None, "SQLAlchemy address of SQLHK, e.g. `mssql+pyodbc://…`."
    )
    password_env: str | None = _setting(
        "text", None, "Name of the environment variable that holds SQLHK's password."
    )


@dataclass(frozen=True)
class GatewaySettings:
    """Where the HTTP SQL gateway is."""

    url: str | None = _setting("url", None, "Address of the HTTP SQL gateway (day sync only).")


@dataclass(frozen=True)
class ApiSettings:
    """Where the HTTP API listens and whom it answers."""

    host: str = _setting("text", "127.0.0.1", "Address on which the API listens.")
    port: int = _setting("integer", 5555, "Port of the API; 0 takes a free one.", low=0, high=65535)
    key: str | None = _setting(
        "secret", None, "API key; needed when `api.host` is not a loopback address."
    )
    key_source: str = _setting(
        "choice",
        "settings",
        "Where the API key is kept: in `api.key`, or in the system's key store, where it is "
        "looked up unless `api.key` is set. If it cannot be read there, every call is refused.",
        choices=("settings", "key_store"),
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "text_list", (), "Further names allowed in the `Host` header, besides loopback names."
    )
    allowed_origins: tuple[str, ...] = _setting(
        "text_list", (), "Web origins allowed to call the API, e.g. `https://intranet.example`."
    )


@dataclass(frozen=True)
class TaskSettings:
    """How tasks are run and remembered."""

    timeout_seconds: float = _setting(
        "number", 60.0, "Seconds from acceptance after which a sync has ended.", low=2, high=60
    )
    workers: int = _setting("integer", 8, "Syncs that run at the same time.", low=1, high=64)
    queue_limit: int = _setting(
        "integer", 200, "Syncs that may wait; further ones are refused.", low=1, high=10000
    )
    retention_days: int = _setting(
        "integer", 30, "Days after which an ended task is forgotten.", low=1, high=3650
    )


@dataclass(frozen=True)
class ReceiptSettings:
    """How long the proof of what was written is kept."""

    retention_days: int = _setting(
        "integer", 3650, "Days after which a receipt is removed.", low=1, high=36500
    )


@dataclass(frozen=True)
class PluginSettings:
    """Which plugins are kept out and where further ones lie."""

    disabled: tuple[str, ...] = _setting("text_list", (), "Names of plugins that are not loaded.")
    dirs: tuple[str, ...] = _setting(
        "text_list", ("plugins.d",), "Folders with further plugins, relative to the program."
    )
    start_timeout: float = _setting(
        "number", 10.0, "Seconds after which a plugin's start is given up.", low=1, high=300
    )


@dataclass(frozen=True)
class LogSettings:
    """How much is logged."""

    level: str = _setting(
        "choice",
        "INFO",
        "Least level that is logged.",
        choices=("DEBUG", "INFO", "WARNING", "ERROR"),
    )


@dataclass(frozen=True)
class TypeRule:
    """New-row values that one appointment type prescribes; ``None`` leaves the general value."""

    zuweiser_id: int | None = None
    herzkatheter_id: int | None = None


_SHIPPED_RULES: Mapping[int, TypeRule] = MappingProxyType(
    {25: TypeRule(zuweiser_id=7, herzkatheter_id=2)}
)


@dataclass(frozen=True)
class MappingSettings:
    """The values of a new examination row that CallDoc does not tell.

    Used by the day sync and by the single-patient sync alike, so that both write the same row.
    There is no default room or doctor unless somebody configures one.
    """

    zuweiser_id: int = _setting("integer", 2, "ZuweiserID of a new examination.", low=0)
    roentgen: int = _setting("integer", 1, "Roentgen of a new examination.", low=0)
    herzteam: int = _setting("integer", 1, "Herzteam of a new examination.", low=0)
    materialpreis: float = _setting("number", 0.0, "Materialpreis of a new examination.", low=0)
    drgid: int = _setting("integer", 1, "DRGID of a new examination.", low=0)
    default_herzkatheter_id: int | None = _setting(
        "integer", None, "HerzkatheterID to use when a room is not mapped; none by default.", low=1
    )
    default_untersucher_id: int | None = _setting(
        "integer",
        None,
        "UntersucherAbrechnungID to use when a doctor is not mapped; none by default.",
        low=1,
    )
    rules: Mapping[int, TypeRule] = field(
        default_factory=lambda: _SHIPPED_RULES,
        metadata={
            "declared": Declared(
                "",
                "type_rules",
                _SHIPPED_RULES,
                "Values by appointment type, each a table `[mapping.rules.25]` with "
                "`zuweiser_id` and `herzkatheter_id`.",
            )
        },
    )


@dataclass(frozen=True)
class Settings:
    """All settings of one run of the program.

    ``plugin_sections`` are the raw tables ``[plugins.NAME]``, checked by each plugin's own schema.
    ``source`` is the file they came from, if any.
    """

    calldoc: CallDocSettings = field(default_factory=CallDocSettings)
    sqlhk: SqlhkSettings = field(default_factory=SqlhkSettings)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    api: ApiSettings = field(default_factory=ApiSettings)
    tasks: TaskSettings = field(default_factory=TaskSettings)
    receipts: ReceiptSettings = field(default_factory=ReceiptSettings)
    plugins: PluginSettings = field(default_factory=PluginSettings)
    log: LogSettings = field(default_factory=LogSettings)
    mapping: MappingSettings = field(default_factory=MappingSettings)
    data_dir: Path | None = _setting(  # noqa: RUF009 - it returns a dataclass field
        "path", None, "Folder of journal and log; by default the user's data folder."
    )
    plugin_sections: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    source: Path | None = None


SECTIONS: Mapping[str, type] = MappingProxyType(
    {
        "calldoc": CallDocSettings,
        "sqlhk": SqlhkSettings,
        "gateway": GatewaySettings,
        "api": ApiSettings,
        "tasks": TaskSettings,
        "receipts": ReceiptSettings,
        "plugins": PluginSettings,
        "log": LogSettings,
        "mapping": MappingSettings,
    }
)


def declared_settings() -> Iterator[Declared]:
    """Every declared setting with its full name, in the order of the documentation."""
    for section, holder in SECTIONS.items():
        for member in fields(holder):
            declared: Declared = member.metadata["declared"]
            yield _renamed(declared, f"{section}.{member.name}")
    for member in fields(Settings):
        if "declared" in member.metadata:
            yield _renamed(member.metadata["declared"], member.name)


def _renamed(declared: Declared, name: str) -> Declared:
    return Declared(
        name,
        declared.kind,
        declared.default,
        declared.sentence,
        declared.low,
        declared.high,
        declared.choices,
    )
