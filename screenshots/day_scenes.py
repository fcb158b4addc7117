"""A whole day: running, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtWidgets import QPushButton

from screenshots.shot import Shot
from screenshots.stage import Stage


def day(stage: Stage) -> Iterator[Shot]:
    """The day sync of the demo's day, with a slow gateway first, so that it can be seen running."""
    stage.tab("Tagesabgleich")
    stage.settle(0.3)
    stage.disturb("Gateway", "langsam (1 Sekunde)")
    stage.find(QPushButton, "Start").click()
    stage.wait(stage.running.program.tasks.active, "the day's start")
    stage.settle(2.5)
    yield Shot("day-running", (stage.window,))
    stage.switches.clear()
    stage.wait(lambda: not stage.running.program.tasks.active(), "the day's end")
    stage.settle(0.8)
    yield Shot("day", (stage.window,))
    stage.tab("Einzelner Patient")


SCENES = (day,)
