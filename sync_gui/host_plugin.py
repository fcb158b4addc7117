"""What the window brings to the program through the same hooks as every plugin.

Imports Qt only inside the panel's factory, as the contract asks of everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookspecs import Bridge, HostContext, PanelSpec, hookimpl
from sync_gui.log_handler import LogHandler
from sync_gui.task_news import TaskNews

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QWidget

    from sync_core.task_model import TaskView

TASK_TOPIC = "task_changed"
DAY_PANEL = "day"
LOG_PANEL = "log"


class WindowPlugin:
    """The panels of day sync and log, and the news of tasks for everything in the window."""

    sync_gui_contract = 1
    sync_gui_summary_de = "Die Ansichten „Tagesabgleich“ und „Protokoll“ in diesem Fenster."

    def __init__(self, bridge: Bridge, log_lines: LogHandler) -> None:
        self._news = TaskNews(bridge, TASK_TOPIC)
        self._log_lines = log_lines

    @hookimpl
    def sync_gui_panels(self, context: HostContext) -> Sequence[PanelSpec]:
        """The panel *Tagesabgleich*, and *Protokoll* as the last tab of the centre."""
        bridge = context.bridge

        def day_panel() -> QWidget:
            from sync_gui.day_panel.panel import create_panel  # noqa: PLC0415 - Qt only here

            return create_panel(context)

        def log_panel() -> QWidget:
            from sync_gui.log_panel import LogPanel  # noqa: PLC0415 - Qt only with a window

            return LogPanel(bridge, self._log_lines)

        return (
            PanelSpec(DAY_PANEL, "Tagesabgleich", day_panel, "centre", "calendar", 20),
            PanelSpec(LOG_PANEL, "Protokoll", log_panel, "centre", "log", 900),
        )

    @hookimpl
    def sync_gui_task_event(self, view: TaskView) -> None:
        """Tell panels and status bar of a task's new picture."""
        self._news.put(view)


def create_window_plugin(bridge: Bridge, log_lines: LogHandler) -> WindowPlugin:
    """The window's own plugin; ``log_lines`` is the handler that gathers log lines for it."""
    return WindowPlugin(bridge, log_lines)
