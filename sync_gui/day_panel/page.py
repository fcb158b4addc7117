"""The panel's page: beside each other what has room there, the rest below; it scrolls as one."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

_LEFT_IN_EMS = 29
_WIDE_IN_EMS = 68
_ANY = 16_777_215  # Qt's own largest width


class Page(QScrollArea):
    """``form`` and ``runs`` at the left of ``result``, or all three in one column."""

    def __init__(self, form: QWidget, runs: QWidget, result: QWidget) -> None:
        super().__init__()
        self._form, self._runs, self._result = form, runs, result
        self._is_wide: bool | None = None
        content = QWidget()
        em = self.fontMetrics().height()
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(em // 2, em // 2, em // 2, em // 2)
        self._grid.setSpacing(em // 2)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room, one below the other where there is not."""
        self._arrange()
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """A few lines: it scrolls."""
        em = self.fontMetrics().height()
        return QSize(10 * em, 5 * em)

    def bring_into_sight(self, widget: QWidget) -> None:
        """Put ``widget`` at the top, where the parts stand below each other."""
        content, bar = self.widget(), self.verticalScrollBar()
        if content is not None and bar is not None and not self._is_wide:
            top = widget.mapTo(content, widget.rect().topLeft()).y()
            bar.setValue(top - self._grid.spacing() * 2)

    def _arrange(self) -> None:
        em = self.fontMetrics().height()
        is_wide = self.width() >= em * _WIDE_IN_EMS
        if is_wide is self._is_wide:
            return
        self._is_wide = is_wide
        grid = self._grid
        left = max(em * _LEFT_IN_EMS, self._form.minimumSizeHint().width())
        for part in (self._form, self._runs, self._result):
            grid.removeWidget(part)
            part.setMaximumWidth(left if is_wide and part is not self._result else _ANY)
        grid.addWidget(self._form, 0, 0)
        if is_wide:
            grid.addWidget(self._runs, 1, 0)
            grid.addWidget(self._result, 0, 1, 2, 1)
        else:
            grid.addWidget(self._result, 1, 0)
            grid.addWidget(self._runs, 2, 0)
        grid.setColumnMinimumWidth(0, left if is_wide else 0)
        grid.setColumnStretch(0, 0 if is_wide else 1)
        grid.setColumnStretch(1, 1 if is_wide else 0)
        grid.setRowStretch(1, 1)
