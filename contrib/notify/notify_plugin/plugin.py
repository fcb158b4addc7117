"""The plugin's hook implementations."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookspecs import HealthCheck, HealthResult, HostContext, hookimpl
from notify_plugin.address import read_address
from notify_plugin.courier import Courier
from notify_plugin.news import news_of
from notify_plugin.settings import NotifySettings, NotifySettingsSchema, read_settings

if TYPE_CHECKING:
    from marshmallow import Schema

    from hookspecs import TaskView

STOP_SECONDS = 1.7
_REMEMBERED_TASKS = 5000
_NOT_TAKEN_DE = (
    "Die letzte Nachricht an den Chat kam nicht an. Abgleiche gehen trotzdem. Bleibt es so, die IT "
    "verständigen."
)


class NotifyPlugin:
    """The plugin, one object for each run of the program; it lives between start and stop."""

    sync_gui_contract = 1
    sync_gui_summary_de = "Meldet einem Chat, was angelegt oder geändert wurde und was fehlschlug."

    def __init__(self) -> None:
        self._context: HostContext | None = None
        self._settings: NotifySettings | None = None
        self._courier: Courier | None = None
        self._told: OrderedDict[tuple[str, str | None], None] = OrderedDict()

    @hookimpl
    def sync_gui_settings_schema(self) -> type[Schema]:
        """The plugin's own settings."""
        return NotifySettingsSchema

    @hookimpl
    def sync_gui_start(self, context: HostContext) -> None:
        """Start the courier, where there is a chat to go to."""
        self._context = context
        self._settings = read_settings(context.plugin_settings)
        if not self._settings.webhook_url:
            context.logger.info("no webhook_url is configured: no chat is told anything")
        elif not context.check_only:
            address = read_address(self._settings.webhook_url)
            self._courier = Courier(address, self._settings, context.logger)
            self._courier.start()

    @hookimpl
    def sync_gui_stop(self) -> None:
        """Send what waits, once, and end."""
        courier, self._courier = self._courier, None
        if courier is not None:
            courier.stop(STOP_SECONDS)

    @hookimpl
    def sync_gui_task_event(self, view: TaskView) -> None:
        """Take what is worth telling; sending is the courier's."""
        if self._courier is None or self._context is None or self._settings is None:
            return
        if not view.status.ended:
            return
        once = (view.task_id, view.resolution)
        if once in self._told:
            return
        self._told[once] = None
        if len(self._told) > _REMEMBERED_TASKS:
            self._told.popitem(last=False)
        news = news_of(view, self._settings, self._context.errors.advice_de)
        if news is not None:
            self._courier.take(news)

    @hookimpl
    def sync_gui_health_checks(self) -> Sequence[HealthCheck]:
        """Whether the last delivery went well; nothing is posted for it."""
        courier = self._courier
        if courier is None:
            return []

        def run(_seconds: float) -> HealthResult:
            state = courier.state()
            if state.problem:
                told = f"the last message was not taken: {state.problem}"
                return HealthResult(False, told, _NOT_TAKEN_DE)
            if state.messages:
                told = f"{state.messages} messages delivered, the last one well"
                return HealthResult(True, told, "Die letzte Nachricht an den Chat kam an.")
            return HealthResult(True, "nothing sent yet", "An den Chat ging noch keine Nachricht.")

        return [HealthCheck("chat", "Chat", run, needed=False)]


plugin = NotifyPlugin()
"""What the entry point names."""
