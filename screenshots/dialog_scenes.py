"""Every dialog and message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PyQt5.QtWidgets import QAction, QDialog, QTabWidget, QWidget

from hookspecs import PanelSpec
from screenshots.shot import Shot
from screenshots.stage import Stage
from sync_gui.close_question import CloseQuestion
from sync_gui.panel_frame import PanelFrame
from sync_program.window import show_notice

_NOTICE = (
    "Das Journal war beschädigt und wurde beiseitegelegt (journal-20251006.sqlite). Ein neues "
    "wurde begonnen; frühere Abgleiche und Belege stehen nur noch in der beiseitegelegten Datei. "
    "Bitte die IT verständigen."
)


def from_menus(stage: Stage) -> Iterator[Shot]:
    """What the menus open (their words end in an ellipsis, or check something)."""
    for action in stage.window.findChildren(QAction):
        words = action.text().replace("&", "")
        if words.endswith("…") or words.startswith("Verbindungen"):
            action.trigger()
            stage.settle(1.0)
            for dialog in stage.dialogs():
                yield from _pages(stage, _name(words), dialog)
                dialog.close()
            stage.settle(0.1)


def questions(stage: Stage) -> Iterator[Shot]:
    """What the program asks and tells in small windows of their own."""
    question = CloseQuestion(stage.window)
    question.show()
    stage.settle(0.2)
    yield Shot("close-question", (question,))
    question.close()
    show_notice(stage.window, _NOTICE)
    stage.settle(0.2)
    for box in stage.dialogs():
        yield Shot("notice", (box,))
        box.close()


def broken_panel(stage: Stage) -> Iterator[Shot]:
    """A plugin's panel that could not be built."""

    def broken() -> QWidget:
        raise RuntimeError("the statistics server did not answer (timeout after 5 s)")

    frame = PanelFrame(
        "statistik", PanelSpec("broken", "Statistik", broken), lambda _spec, _reason: None
    )
    frame.resize(900, 420)
    frame.build()
    frame.show()
    stage.settle(0.2)
    yield Shot("broken-panel", (frame,))
    frame.close()


def _pages(stage: Stage, name: str, dialog: QDialog) -> Iterator[Shot]:
    tabs = next((one for one in dialog.findChildren(QTabWidget) if one.isVisible()), None)
    if tabs is None:
        yield Shot(name, (dialog,))
        return
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        stage.settle(0.2)
        yield Shot(f"{name}-{number + 1}", (dialog,))


def _name(words: str) -> str:
    plain = words.lower()
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(letter, written)
    return "dialog-" + "-".join(re.findall("[a-z]+", plain))


SCENES = (from_menus, questions, broken_panel)
