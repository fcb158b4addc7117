"""The help window: a chapter with a picture, the table of messages, a search."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtCore import QSize
from PyQt5.QtWidgets import QLineEdit

from screenshots.shot import Shot
from screenshots.stage import Stage, StageError
from sync_gui.help_pages import Place
from sync_gui.help_window import HelpWindow

SIZE = QSize(1100, 780)


def pages(stage: Stage) -> Iterator[Shot]:
    """What the menu's first three entries open."""
    for words, name in (
        ("Handbuch", "help"),
        ("Erste Schritte", "help-first-steps"),
        ("Fehlermeldungen", "help-messages"),
    ):
        yield Shot(name, (_opened(stage, words),))
    window = _opened(stage, "Handbuch")
    window.go(Place("handbuch.md", "die-zeichen-am-unteren-rand"))
    stage.find(QLineEdit, "Im Handbuch suchen", window).setText("CallDoc")
    window.bar.next_wanted.emit()
    stage.settle(0.3)
    yield Shot("help-search", (window,))
    window.go(Place("handbuch.md", "das-fenster"))
    yield Shot("help-picture", (window,))
    window.resize(window.minimumSize())
    stage.settle(0.3)
    yield Shot("help-smallest", (window,))
    stage.window.help.close()


def _opened(stage: Stage, words: str) -> HelpWindow:
    stage.action(words).trigger()
    stage.wait(lambda: stage.window.help.window, words)
    window = stage.window.help.window
    if window is None:
        raise StageError("the help did not open")
    window.resize(SIZE)
    stage.settle(0.3)
    return window


SCENES = (pages,)
