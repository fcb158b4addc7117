"""What a failure looks like, made with the demo's own switches."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtWidgets import QPushButton

from screenshots.shot import Shot
from screenshots.stage import SIZE, Stage


def ribbon(stage: Stage) -> Iterator[Shot]:
    """The ribbon with its switches open, first in order and then not."""
    stage.tab("Einzelner Patient")
    stage.find(QPushButton, "Störungen einstellen").click()
    stage.settle(0.3)
    yield Shot("ribbon", (stage.window,))


def running(stage: Stage) -> Iterator[Shot]:
    """Tasks that run while CallDoc is slow."""
    stage.disturb("CallDoc", "langsam (2 Sekunden)")
    tasks = [stage.sync(piz) for piz in ("1300004", "1300006", "1300007")]
    stage.settle(0.8)
    yield Shot("running", (stage.window,))
    stage.wait(lambda: all(stage.has_ended(task) for task in tasks), "the slow syncs")


def calldoc_down(stage: Stage) -> Iterator[Shot]:
    """CallDoc cannot be reached: ribbon, lights, table, details."""
    stage.disturb("CallDoc", "nicht erreichbar")
    stage.sync_to_the_end("1300040")
    _ask_lights(stage)
    stage.choose_row("Abgleiche einzelner Patienten", "1300040")
    yield Shot("calldoc-down", (stage.window,))
    stage.window.resize(stage.window.minimumSize())
    stage.settle()
    yield Shot("calldoc-down-smallest", (stage.window,))
    stage.window.resize(SIZE)


def everything_down(stage: Stage) -> Iterator[Shot]:
    """SQLHK and the gateway as well, and the API stopped."""
    stage.disturb("SQLHK", "nicht erreichbar")
    stage.disturb("Gateway", "meldet Fehler")
    stage.action("Stoppen").trigger()
    _ask_lights(stage)
    yield Shot("everything-down", (stage.window,))
    stage.action("Starten").trigger()
    stage.find(QPushButton, "Alles wieder in Ordnung").click()
    _ask_lights(stage)
    yield Shot("in-order-again", (stage.window,))


def log(stage: Stage) -> Iterator[Shot]:
    """The log with everything that happened."""
    stage.tab("Protokoll")
    stage.settle(0.3)
    yield Shot("log", (stage.window,))
    stage.tab("Einzelner Patient")


def _ask_lights(stage: Stage) -> None:
    stage.settle(2.2)  # the ribbon looks every two seconds
    stage.action("Verbindungen prüfen").trigger()
    stage.settle(1.5)
    for dialog in stage.dialogs():
        dialog.close()
    stage.settle(0.2)


SCENES = (ribbon, running, calldoc_down, everything_down, log)
