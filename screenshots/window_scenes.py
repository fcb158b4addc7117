"""The window as it comes up: empty panels, menus, the smallest size."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtCore import QPoint

from screenshots.shot import Shot
from screenshots.stage import SIZE, Stage


def fresh(stage: Stage) -> Iterator[Shot]:
    """Every panel of the centre before anything was done."""
    for frame in stage.window.panels.frames:
        stage.window.panels.show_panel(frame)
        stage.settle(0.1)
        yield Shot(f"empty-{frame.spec.id.replace('_', '-')}", (stage.window,))
    stage.window.panels.show_panel(stage.window.panels.frames[0])


def menus(stage: Stage) -> Iterator[Shot]:
    """Each menu open."""
    for title in ("Ansicht", "API"):
        menu = stage.menu(title)
        menu.popup(stage.window.mapToGlobal(QPoint(60, 40)))
        shown = [menu]
        if title == "Ansicht":
            inner = stage.menu("Darstellung")
            inner.popup(menu.mapToGlobal(QPoint(menu.width(), 30)))
            shown.append(inner)
        yield Shot(f"menu-{title.lower()}", (stage.window, *shown))
        for one in shown:
            one.close()


def smallest(stage: Stage) -> Iterator[Shot]:
    """The smallest window: nothing may be cut off that cannot be scrolled to."""
    stage.window.resize(stage.window.minimumSize())
    stage.settle()
    yield Shot("smallest", (stage.window,))
    stage.window.resize(SIZE)
    stage.settle()


SCENES = (fresh, menus, smallest)
