"""Reference pages written from the tables in the code, so that they cannot say anything else.

``python -m sync_core.reference_docs FOLDER`` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS, HttpErrorEntry, TaskErrorEntry
from sync_core.settings import SECTIONS, Declared, TypeRule, declared_settings
from sync_core.settings_values import allowed_values

GENERATED = "<!-- Written by `python3 dev.py docs`; change the code instead. -->"

_SETTINGS_INTRODUCTION = """\
Settings stand in one TOML file in UTF-8. The program takes the first of these:

1. the file named by `--config FILE`,
2. the file named by the environment variable `SYNC_GUI_CONFIG`,
3. `sync_gui.toml` beside the EXE; from source: in the working directory,
4. `sync_gui.toml` in the user's configuration folder (Windows: `%LOCALAPPDATA%\\sync_gui`,
   Linux: `~/.config/sync_gui`).

Without a file everything has its default. An environment variable wins over the file, and
`--host`, `--port`, `--data-dir` and `--disable-plugin` win over both. A variable's name is
`SYNC_GUI_`, the section, two underscores and the key, in capitals: `SYNC_GUI_API__PORT=0`. A list
is written with commas or as a TOML array, a table as an inline TOML table.

A name that does not exist or a value that is not allowed ends the start; the message names the
file and line or the variable, and what is allowed.

The window edits the same file (*Datei → Einstellungen*): it keeps comments and order, leaves the
version before as `sync_gui.toml.bak`, and makes the file in the user's configuration folder when
there is none yet. Changes are in force from the next start. A demo reads and writes no file.
"""

_PLUGINS_NOTE = """\
Each table `[plugins.NAME]` holds a plugin's own settings, which the plugin itself describes and
checks. Their variables are `SYNC_GUI_PLUGINS__NAME__KEY`; hyphens in the name become underscores.
"""

_RULES_NOTE = """\
Rules are merged type by type: a rule in the file replaces the shipped rule of the same type only,
and an empty table switches that one off.
"""

_NOTES: Mapping[str, str] = MappingProxyType({"plugins": _PLUGINS_NOTE, "mapping": _RULES_NOTE})

_ERRORS_INTRODUCTION = """\
A program that calls the API decides by these codes; they are only ever added to. The first part
lists why a task failed (`error_code` in its status), the second why a request was refused (`code`
in the problem document, whose `type` leads here).

A single sync is one transaction: when it fails, nothing was written. A whole day is not: what was
written before it failed stays. Its sentence ends by saying so, and its status tells what is known
of it.
"""

_MESSAGES_INTRODUCTION = """\
Diese Meldungen zeigt das Fenster, wenn ein Abgleich fehlschlägt. Suchen Sie in der ersten Spalte
die kurzen Worte, die in der Tabelle als Ergebnis stehen. Tun Sie, was unter „Was tun“ steht.
Der ganze Satz im Fenster ist manchmal genauer als der Satz hier; die kurzen Worte bleiben gleich.
Das ganze Programm beschreibt das [Handbuch](handbuch.md).

Schlägt der Abgleich eines einzelnen Patienten fehl, dann ist nichts geschrieben worden. Nur bei
„Ausgang unbekannt“ (`outcome_unknown`) ist das zunächst offen. Beim Tagesabgleich bleibt, was vor
dem Fehler schon übertragen war.

„Ja“ in der letzten Spalte heißt: Sie dürfen den Abgleich ohne Sorge wiederholen. „Erst klären“
heißt: Eine Wiederholung hilft nicht, solange die Ursache besteht. Der Fehlercode steht in der
exportierten Fehlerliste; die IT braucht ihn.
"""


def settings_page() -> str:
    """``settings.md``: every declared setting with type, default, allowed values and variable."""
    return _page("Settings", _SETTINGS_INTRODUCTION, *_settings_sections())


def errors_page() -> str:
    """``errors.md``: one section for each code, with an anchor of the code's name.

    A code that both a task and a request can have is one section.
    """
    refusals = {entry.code: entry for entry in HTTP_ERRORS}
    sections = ["## Why a task failed\n"]
    sections += [_task_error(entry, refusals.get(entry.code)) for entry in TASK_ERRORS]
    sections.append("## Why a request was refused\n")
    failures = {entry.code for entry in TASK_ERRORS}
    for refusal in HTTP_ERRORS:
        if refusal.code not in failures:
            sections.append(_section(refusal.code, _refusal_lines(refusal)))
    return _page("Error codes", _ERRORS_INTRODUCTION, *sections)


def messages_page() -> str:
    """``fehlermeldungen.md``: for staff, in German, what to do about each failure of a task."""
    table = ["| Kurz | Meldung | Was tun | Wiederholen? | Fehlercode |", "|---|---|---|---|---|"]
    for entry in TASK_ERRORS:
        message = entry.sentence_de
        if entry.stepwise_de:
            message += f"<br>Beim Tagesabgleich: {entry.stepwise_de}"
        again = "Ja" if entry.safe_to_retry else "Erst klären"
        cells = (f"**{entry.short_de}**", message, entry.advice_de, again, f"`{entry.code}`")
        table.append(f"| {' | '.join(cells)} |")
    return _page("Fehlermeldungen", _MESSAGES_INTRODUCTION, *table, "")


PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "settings.md": settings_page,
        "errors.md": errors_page,
        "fehlermeldungen.md": messages_page,
    }
)


def default_words(declared: Declared) -> str:
    """A setting's default as it would be written in the file; `none` when there is none."""
    return "none" if declared.default is None else f"`{_toml(declared.default)}`"


def _page(title: str, introduction: str, *sections: str) -> str:
    return "\n".join([f"# {title}\n", f"{GENERATED}\n", introduction, *sections])


def _settings_sections() -> Iterator[str]:
    by_section: dict[str, list[Declared]] = {"": [], **{name: [] for name in SECTIONS}}
    for declared in declared_settings():
        section = declared.name.rpartition(".")[0]
        by_section[section].append(declared)
    for section, members in by_section.items():
        heading = f"## `[{section}]`\n" if section else "## Outside of all tables\n"
        table = ["| setting | default | allowed | |", "|---|---|---|---|"]
        table += [
            f"| `{one.name}` | {default_words(one)} | {allowed_values(one)} | {one.sentence} |"
            for one in members
        ]
        yield "\n".join([heading, *table, ""])
        if section in _NOTES:
            yield _NOTES[section]


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, TypeRule):
        pairs = {"zuweiser_id": value.zuweiser_id, "herzkatheter_id": value.herzkatheter_id}
        return _toml({key: number for key, number in pairs.items() if number is not None})
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _task_error(entry: TaskErrorEntry, refusal: HttpErrorEntry | None) -> str:
    retry = "yes" if entry.safe_to_retry else "no, not before the cause is removed"
    lines = [
        entry.meaning,
        "",
        f"- Cause: {entry.cause}",
        f"- What to do: {entry.advice}",
        f"- Safe to retry: {retry}",
        f"- Staff read: *{entry.sentence_de}* {entry.advice_de}",
    ]
    if entry.stepwise_de:
        lines.append(f"- Of a whole day, which writes step by step: *{entry.stepwise_de}*")
    if refusal is not None:
        lines += ["", "The same code refuses a request:", "", *_refusal_lines(refusal)]
    return _section(entry.code, lines)


def _refusal_lines(entry: HttpErrorEntry) -> list[str]:
    return [
        f"HTTP {entry.status}, *{entry.title}*. {entry.meaning}",
        "",
        f"- What to do: {entry.advice}",
    ]


def _section(code: str, lines: list[str]) -> str:
    # Headings of code spans get different anchors on different sites; an explicit one does not.
    return "\n".join([f'<a id="{code}"></a>', "", f"### `{code}`", "", *lines, ""])


def write_pages(folder: Path) -> None:
    """Write every page into the folder, which must exist."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
