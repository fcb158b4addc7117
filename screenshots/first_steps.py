"""The first use, step by step, in a program that nobody has used before."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtWidgets import QLineEdit, QPushButton

from screenshots.shot import Shot
from screenshots.stage import Stage

_KNOWN, _OTHER_BIRTH_DATE, _CHANGED = "1234567", "1300008", "1300002"


def one_patient(stage: Stage) -> Iterator[Shot]:
    """Somebody is looked at first, and then written."""
    stage.tab("Einzelner Patient")
    _press(stage, "Vorschau", _KNOWN)
    stage.find(QLineEdit, "PIZ").setFocus()
    stage.settle()
    yield Shot("first-preview", (stage.window,))
    _press(stage, "Übernehmen")
    yield Shot("first-written", (stage.window,))


def refused(stage: Stage) -> Iterator[Shot]:
    """The birth dates differ."""
    _press(stage, "Vorschau", _OTHER_BIRTH_DATE)
    yield Shot("first-refused", (stage.window,))


def repeated(stage: Stage) -> Iterator[Shot]:
    """CallDoc is away, comes back, and the same is done again."""
    stage.find(QPushButton, "Störungen einstellen").click()
    stage.disturb("CallDoc", "nicht erreichbar")
    _press(stage, "Synchronisieren", _CHANGED)
    stage.settle(2.5)  # the ribbon looks every two seconds
    _wait_for_light(stage, "CallDoc nicht erreichbar")
    yield Shot("first-down", (stage.window,))
    stage.find(QPushButton, "Alles wieder in Ordnung").click()
    _wait_for_light(stage, "CallDoc erreichbar")
    _press(stage, "Erneut versuchen")
    yield Shot("first-repeated", (stage.window,))


def _press(stage: Stage, button: str, piz: str = "") -> None:
    """Press it, for this patient if one is named, until what it starts has ended."""
    before = len(stage.running.program.tasks.ended())
    if piz:
        stage.find(QLineEdit, "PIZ").setText(piz)
    stage.find(QPushButton, button).click()
    stage.wait(lambda: len(stage.running.program.tasks.ended()) > before, f"the end of {button}")
    stage.settle(0.8)


def _wait_for_light(stage: Stage, words: str) -> None:
    light = stage.window.strip.health["calldoc"]
    stage.wait(lambda: light.text().startswith(words), words)


SCENES = (one_patient, refused, repeated)
