"""Runs the scenes and saves what they show, light and dark."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from PyQt5.QtWidgets import QApplication, QWidget

from screenshots import (
    day_scenes,
    dialog_scenes,
    fault_scenes,
    first_steps,
    help_scenes,
    patient_scenes,
    setup_scenes,
    window_scenes,
)
from screenshots.png import save_small
from screenshots.shot import Shot
from screenshots.stage import (
    Stage,
    grab,
    opened_stage,
    opened_unconfigured,
    stage_application,
    usual_port,
)
from sync_gui.appearance import Appearance

Scene = Callable[[Stage], Iterator[Shot]]
Opened = Callable[[QApplication, Path, int], AbstractContextManager[Stage]]

SCENES: Sequence[Scene] = (
    *window_scenes.SCENES,
    *patient_scenes.SCENES,
    *day_scenes.SCENES,
    *dialog_scenes.SCENES,
    *fault_scenes.SCENES,
    *help_scenes.SCENES,
)
"""In this order: later ones find what earlier ones left in table and log."""

PLAYS: Sequence[tuple[Opened, Sequence[Scene]]] = (
    (opened_stage, SCENES),
    (opened_stage, first_steps.SCENES),
    (opened_unconfigured, setup_scenes.SCENES),
)
"""Each is played on a program of its own, which is opened so."""

THEMES = (Appearance.LIGHT, Appearance.DARK)
LARGEST_FOR_DOCS = 150_000


@dataclass(frozen=True)
class _DocsPicture:
    shot: str
    theme: Appearance
    file: str


FOR_DOCS = (
    _DocsPicture("preview", Appearance.LIGHT, "window.png"),
    _DocsPicture("preview", Appearance.DARK, "window-dark.png"),
    _DocsPicture("mismatch", Appearance.LIGHT, "mismatch.png"),
    _DocsPicture("calldoc-down", Appearance.LIGHT, "calldoc-down.png"),
    _DocsPicture("day", Appearance.LIGHT, "day.png"),
    _DocsPicture("failures", Appearance.LIGHT, "failures.png"),
    _DocsPicture("log", Appearance.LIGHT, "log.png"),
    _DocsPicture("dialog-einstellungen", Appearance.LIGHT, "settings.png"),
    _DocsPicture("dialog-liste-der-erweiterungen", Appearance.LIGHT, "plugins.png"),
    _DocsPicture("first-preview", Appearance.LIGHT, "first-preview.png"),
    _DocsPicture("first-written", Appearance.LIGHT, "first-written.png"),
    _DocsPicture("first-refused", Appearance.LIGHT, "first-refused.png"),
    _DocsPicture("first-down", Appearance.LIGHT, "first-down.png"),
    _DocsPicture("first-repeated", Appearance.LIGHT, "first-repeated.png"),
)


def take_all(data: Path, folder: Path, only: Sequence[str], *, for_docs: bool) -> None:
    """Run every scene on programs whose data go below ``data``; the pictures go to ``folder``.

    ``only`` names shots, all if empty. Raises ``StageError``, and ``ValueError`` for a picture
    that is too large for the documentation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    app = stage_application()
    for number, (opened, scenes) in enumerate(PLAYS):
        with opened(app, data / str(number), usual_port()) as stage:
            for scene in scenes:
                for shot in scene(stage):
                    if not only or shot.name in only:
                        _take(stage, shot, folder, for_docs=for_docs)


def _take(stage: Stage, shot: Shot, folder: Path, *, for_docs: bool) -> None:
    scale = round(stage.window.devicePixelRatioF() * 100)
    for theme in THEMES:
        files = [f"{shot.name}-{theme.value}-{scale}.png"]
        if for_docs:
            files = [p.file for p in FOR_DOCS if (p.shot, p.theme) == (shot.name, theme)]
        for file in files:
            stage.show_theme(theme)
            size = save_small(grab(*_visible(shot.widgets)), folder / file)
            # Standard output belongs to the running program, which keeps plugins off it.
            print(f"{folder / file}  {size / 1000:.0f} kB", file=sys.stderr, flush=True)
            if for_docs and size > LARGEST_FOR_DOCS:
                raise ValueError(f"{file} is larger than {LARGEST_FOR_DOCS} bytes")
    stage.show_theme(Appearance.LIGHT)


def _visible(widgets: Sequence[QWidget]) -> list[QWidget]:
    return [widget for widget in widgets if widget.isVisible()]
