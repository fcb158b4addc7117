"""The lights at the window's lower edge."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QEvent, QTimer
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from sync_gui.flow_layout import FlowLayout
from sync_gui.icons import Picture
from sync_gui.plain_text import ElidedLabel, tool_tip
from sync_gui.status_words import Light, names_light

_MESSAGE_MS = 6000


class StatusLight(QWidget):
    """One light: an icon whose shape tells the state, and words. ``name`` is its object name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"light_{name}")
        self._shown: Light | None = None
        self._picture = Picture(size=round(self.fontMetrics().height() * 0.9))
        self._words = ElidedLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.fontMetrics().height() // 3)
        row.addWidget(self._picture)
        row.addWidget(self._words)

    def show_light(self, light: Light) -> None:
        """Show ``light``; does nothing when it is shown already."""
        if light == self._shown:
            return
        self._shown = light
        self._picture.show_icon(light.icon)
        self._words.setText(light.text)
        self._words.updateGeometry()
        self.setToolTip(tool_tip(f"{light.text}. {light.hint}" if light.hint else light.text))
        self.setAccessibleName(light.text)
        self.setAccessibleDescription(light.hint)

    def text(self) -> str:
        """The words shown."""
        return self._words.text()


class StatusStrip(QStatusBar):
    """API, one light for each health check, running tasks, hidden names while they are, and
    plugins while something is wrong with one; at the right a passing message.

    ``health_labels`` names the checks in the order of their lights. Attributes: ``labels``, the
    same with those that came later.
    """

    def __init__(self, health_labels: Mapping[str, str]) -> None:
        super().__init__()
        self.setAccessibleName("Zustand")
        self.setSizeGripEnabled(False)
        em = self.fontMetrics().height()
        self.api = StatusLight("api")
        self.labels = dict(health_labels)
        self.health = {name: StatusLight(f"health_{name}") for name in health_labels}
        self.tasks = StatusLight("tasks")
        self.plugins = StatusLight("plugins")
        self.plugins.hide()
        self.names = StatusLight("names")
        self.names.show_light(names_light())
        self.names.hide()
        self._message = ElidedLabel()
        self._message.setObjectName("message")
        self._message_timer = QTimer(self)
        self._message_timer.setSingleShot(True)
        self._message_timer.timeout.connect(self._forget_message)
        self._strip = QWidget()
        self._row = FlowLayout(self._strip, em)
        self._row.setContentsMargins(em // 2, em // 5, em // 2, em // 5)
        self._behind = (self.tasks, self.names, self.plugins, self._message)
        for widget in (self.api, *self.health.values(), *self._behind):
            self._row.addWidget(widget)
        self.addPermanentWidget(self._strip, 1)

    def add_health(self, name: str, label: str) -> None:
        """A light for one more health check, unless it has one."""
        if name not in self.labels:
            self.labels[name] = label
            self.health[name] = StatusLight(f"health_{name}")
            for widget in self._behind:
                self._row.removeWidget(widget)
            for widget in (self.health[name], *self._behind):
                self._row.addWidget(widget)
            self.health[name].show()

    def show_plugins(self, light: Light | None) -> None:
        """Show what is wrong with plugins; None: nothing is, and there is no light."""
        if light is not None:
            self.plugins.show_light(light)
        self.plugins.setVisible(light is not None)

    def show_names(self, *, hidden: bool) -> None:
        """Say that patients' names are hidden, while they are."""
        self.names.setVisible(hidden)

    def say(self, text: str) -> None:
        """Show a message for a few seconds, beside the lights and never instead of them."""
        self._message.setText(text)
        self._message.updateGeometry()
        self._fit_height()
        self._message_timer.start(_MESSAGE_MS)

    def message(self) -> str:
        """The passing message, or nothing."""
        return self._message.text()

    def stop(self) -> None:
        """End the message's timer."""
        self._message_timer.stop()

    def event(self, event: QEvent) -> bool:
        """Follow the lights' words: longer ones may need one more line."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_height()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the lights need at this width."""
        super().resizeEvent(event)
        self._fit_height()

    def _forget_message(self) -> None:
        self._message.clear()
        self._fit_height()

    def _fit_height(self) -> None:
        height = self._row.heightForWidth(self.width() - 8)
        if height != self._strip.minimumHeight():
            self._strip.setFixedHeight(height)
