"""Writes the files of a new plugin."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import jinja2

from plugin_template.names import Names

ALWAYS = (
    ".gitignore",
    "README.md",
    "pyproject.toml",
    "package/__init__.py",
    "package/endpoint.py",
    "package/panel.py",
    "package/plugin.py",
    "tests/test_plugin.py",
)
WITH_TASK_KIND = ("package/task.py", "tests/test_task.py")


def skeleton(names: Names, *, task_kind: bool) -> dict[str, str]:
    """The files of a plugin with these names: path below its folder, and text."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - programs and texts, nothing that a browser shows
    )
    source = files("plugin_template") / "files"
    written = {}
    for name in (*ALWAYS, *(WITH_TASK_KIND if task_kind else ())):
        text = (source / f"{name}.jinja").read_text(encoding="utf-8")
        path = name.replace("package/", f"{names.module}/")
        written[path] = environment.from_string(text).render(names=names, task_kind=task_kind)
    return written


def write(folder: Path, texts: dict[str, str]) -> None:
    """Write the files into ``folder``, which is made; ``OSError`` when that cannot be done.

    Raises ``FileExistsError`` when there is anything in the folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
