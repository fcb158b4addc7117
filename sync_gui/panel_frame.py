"""The frame in which the window shows one panel, or the reason why it cannot."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hookspecs import PanelSpec
from sync_gui.icons import Picture
from sync_gui.plain_text import plain_label

LOGGER = logging.getLogger("sync_gui.window")


class PanelFrame(QFrame):
    """Holds the panel of ``spec``; :meth:`build` calls its factory, once.

    ``on_failed(spec, reason)`` is called when the factory raises, ends the program (it does not)
    or returns something else than a widget. Attributes: ``built``, whether the factory was called.
    """

    def __init__(
        self, plugin: str, spec: PanelSpec, on_failed: Callable[[PanelSpec, str], None]
    ) -> None:
        super().__init__()
        self.plugin = plugin
        self.spec = spec
        self._on_failed = on_failed
        self.built = False
        self.setProperty("role", "panel")
        self.setAccessibleName(spec.title)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._content: QWidget = _centred(plain_label("Wird geladen …", role="hint"))
        self._box.addWidget(self._content)

    def build(self) -> None:
        """Put the panel, or the reason why there is none, into the frame."""
        if self.built:
            return
        self.built = True
        try:
            content = self._make()
        except (Exception, SystemExit) as error:  # the edge: a plugin's code, whatever it does
            reason = _one_line(error)
            LOGGER.error(
                "panel %s of plugin %s could not be built", self.spec.id, self.plugin, exc_info=True
            )
            content = _centred(_apology(self.spec.title, self.plugin, reason))
            self._on_failed(self.spec, reason)
        old, self._content = self._content, _scrolling(content)
        self._box.replaceWidget(old, self._content)
        self._content.show()  # now, not with the layout's next turn: the focus may follow
        old.deleteLater()

    def focus_content(self) -> None:
        """Give the focus to the first thing in the panel that takes it."""
        widget = self.nextInFocusChain()
        while widget is not None and widget is not self:
            takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
            if takes_focus and self.isAncestorOf(widget) and widget.isVisibleTo(self):
                widget.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            widget = widget.nextInFocusChain()

    def _make(self) -> QWidget:
        content = self.spec.factory()
        if not isinstance(content, QWidget):
            raise TypeError(f"the factory returned {type(content).__name__}, not a widget")
        return content


def _one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text[:300]


def _apology(title: str, plugin: str, reason: str) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    em = card.fontMetrics().height()
    picture = Picture("warning", 2 * em)
    words = QVBoxLayout()
    words.setSpacing(em // 2)
    words.addWidget(plain_label(f"„{title}“ kann nicht angezeigt werden", role="heading"))
    sentence = plain_label(
        f"Die Erweiterung „{plugin}“ hat beim Aufbau dieser Ansicht einen Fehler gemeldet. "
        "Alles andere arbeitet weiter. Bitte geben Sie diese Meldung weiter:"
    )
    sentence.setWordWrap(True)
    sentence.setMinimumWidth(em * 20)
    words.addWidget(sentence)
    technical = plain_label(reason, role="hint")
    technical.setWordWrap(True)
    technical.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    technical.setAccessibleName("Technischer Grund")
    words.addWidget(technical)
    row = QHBoxLayout(card)
    row.setContentsMargins(em, em, em, em)
    row.setSpacing(em)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return card


def _scrolling(content: QWidget) -> QScrollArea:
    """Scrolls what needs more room than the window has (a large font, a small screen)."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def _centred(content: QWidget) -> QWidget:
    outer = QWidget()
    box = QVBoxLayout(outer)
    box.addWidget(content, 0, Qt.AlignmentFlag.AlignCenter)
    return outer
