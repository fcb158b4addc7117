"""The first start, when nobody has told the program where CallDoc and SQLHK are."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtWidgets import QLineEdit, QPushButton

from screenshots.shot import Shot
from screenshots.stage import SIZE, Stage


def unconfigured(stage: Stage) -> Iterator[Shot]:
    """The notice and the lights, what a preview says, and where the notice leads to."""
    yield Shot("unconfigured", (stage.window,))
    stage.find(QLineEdit, "PIZ").setText("1234567")
    stage.find(QPushButton, "Vorschau").click()
    stage.settle()
    yield Shot("unconfigured-preview", (stage.window,))
    stage.window.resize(stage.window.minimumSize())
    stage.settle()
    yield Shot("unconfigured-smallest", (stage.window,))
    stage.window.resize(SIZE)
    for name, opens in (
        ("settings", stage.find(QPushButton, "Einstellungen öffnen").click),
        ("connections", stage.action("Verbindungen prüfen").trigger),
    ):
        opens()
        stage.wait(stage.dialogs, name)
        stage.settle()
        for dialog in stage.dialogs():
            yield Shot(f"unconfigured-{name}", (stage.window, dialog))
            dialog.close()


SCENES = (unconfigured,)
