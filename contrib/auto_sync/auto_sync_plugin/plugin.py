"""The plugin's hook implementations. Qt is imported by the panel's factory only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auto_sync_plugin.settings import AutoSettingsSchema, read_settings
from auto_sync_plugin.worker import Worker
from hookspecs import HostContext, PanelSpec, hookimpl

if TYPE_CHECKING:
    from marshmallow import Schema
    from PyQt5.QtWidgets import QWidget

STOP_SECONDS = 1.5


class AutoSyncPlugin:
    """The plugin, one object for each run of the program; it lives between start and stop."""

    sync_gui_contract = 1
    sync_gui_summary_de = (
        "Gleicht von selbst ab: Tage zu festen Uhrzeiten, und Patienten, sobald sich in CallDoc "
        "etwas ändert."
    )

    def __init__(self) -> None:
        self._worker: Worker | None = None

    @hookimpl
    def sync_gui_settings_schema(self) -> type[Schema]:
        """The plugin's own settings."""
        return AutoSettingsSchema

    @hookimpl
    def sync_gui_start(self, context: HostContext) -> None:
        """Start the automation's thread, unless the program only looks."""
        if context.check_only:
            return
        self._worker = Worker(context, read_settings(context.plugin_settings))
        self._worker.start()

    @hookimpl
    def sync_gui_stop(self) -> None:
        """End the thread."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop(STOP_SECONDS)

    @hookimpl
    def sync_gui_panels(self, context: HostContext) -> Sequence[PanelSpec]:
        """The panel *Automatik*."""
        worker = self._worker
        if worker is None:
            return []

        def factory() -> QWidget:
            from auto_sync_plugin.panel import AutoPanel  # noqa: PLC0415 - Qt only here

            return AutoPanel(context, worker)

        return [PanelSpec("auto_sync", "Automatik", factory, icon="clock", order=30)]


plugin = AutoSyncPlugin()
"""What the entry point names."""
