"""The font of a usual screen, whatever the tests before have set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PyQt5.QtWidgets import QApplication


@contextmanager
def usual_screen(app: QApplication) -> Iterator[None]:
    """Inside, texts have 10 points; the program makes its style sheet anew for them."""
    before, font = app.font(), app.font()
    font.setPointSizeF(10.0)
    app.setStyleSheet("")  # the one that is there may be made for another font
    app.setFont(font)
    try:
        yield
    finally:
        app.setStyleSheet("")
        app.setFont(before)
