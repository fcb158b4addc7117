"""The program's own endpoints and health checks, brought through the same hooks as a plugin's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import requests

from api_blueprints import system, tasks
from api_blueprints.base import ApiBaseImpl, StrictBlueprint
from hookspecs import CONTRACT_VERSION, HealthCheck, HealthResult, HostContext, hookimpl
from sync_core.errors import JournalError
from sync_core.health_runner import CheckReport
from sync_core.plugin_report import PluginReport

_NOT_NOW_DE = (
    "Abgleiche sind zurzeit nicht möglich. Kurz warten; bleibt es so, die IT verständigen."
)
_WITHOUT_CALLDOC_DE = f"CallDoc ist nicht erreichbar. {_NOT_NOW_DE}"
_SILENT_CALLDOC_DE = f"CallDoc antwortet nicht rechtzeitig. {_NOT_NOW_DE}"
_WITHOUT_JOURNAL_DE = (
    "Das Journal lässt sich nicht lesen oder nicht beschreiben. Abgleiche sind zurzeit nicht "
    "möglich. Bitte die IT verständigen; vielleicht ist die Festplatte voll."
)


class HostApiPlugin:
    """The builtin plugin ``host_api``; made by :func:`create_host_plugin`."""

    sync_gui_contract = CONTRACT_VERSION
    sync_gui_summary_de = (
        "Die Grundlage der API: Zustand des Programms, Erweiterungen, Stand der Abgleiche."
    )

    def __init__(
        self,
        api: ApiBaseImpl,
        plugin_report: Callable[[], Sequence[PluginReport]],
        check_health: Callable[[], Mapping[str, CheckReport]],
        check_journal: Callable[[], None],
    ) -> None:
        self._api = api
        self._plugin_report = plugin_report
        self._check_health = check_health
        self._check_journal = check_journal

    @hookimpl
    def sync_gui_blueprints(self, context: HostContext) -> Sequence[StrictBlueprint]:
        """Health, plugins, and following tasks."""
        return [
            system.create_blueprint(
                self._api,
                context.tasks,
                version=context.versions.program,
                plugin_report=self._plugin_report,
                check_health=self._check_health,
            ),
            tasks.create_blueprint(self._api, context.tasks),
        ]

    @hookimpl
    def sync_gui_health_checks(self, context: HostContext) -> Sequence[HealthCheck]:
        """The journal, and CallDoc where it is configured."""
        checks = [HealthCheck("journal", "Journal", self._journal)]
        base_url = context.settings.calldoc.base_url
        if base_url is not None:
            checks.insert(0, HealthCheck("calldoc", "CallDoc", _calldoc_check(base_url)))
        return checks

    def _journal(self, _seconds: float) -> HealthResult:
        try:
            self._check_journal()
        except JournalError as error:
            return HealthResult(
                False, f"the check failed ({type(error).__name__})", _WITHOUT_JOURNAL_DE
            )
        return HealthResult(
            True, "readable and writable", "Das Journal ist lesbar und beschreibbar."
        )


def create_host_plugin(
    api: ApiBaseImpl,
    *,
    plugin_report: Callable[[], Sequence[PluginReport]],
    check_health: Callable[[], Mapping[str, CheckReport]],
    check_journal: Callable[[], None],
) -> HostApiPlugin:
    """The builtin plugin that carries the program's own endpoints.

    ``plugin_report`` lists all plugins, ``check_health`` runs all health checks (a
    ``HealthRunner.run``), ``check_journal`` raises when the journal cannot be used.
    """
    return HostApiPlugin(api, plugin_report, check_health, check_journal)


def _calldoc_check(base_url: str) -> Callable[[float], HealthResult]:
    def run(seconds: float) -> HealthResult:
        try:
            # Only the head of the answer is read: any answer shows that CallDoc is there.
            with requests.Session() as session:
                session.trust_env = False  # CallDoc is in the house: no proxy
                session.get(base_url, timeout=seconds, stream=True, allow_redirects=False).close()
                return HealthResult(True, "answers", "CallDoc antwortet.")
        except requests.Timeout:
            return HealthResult(False, "no answer in time", _SILENT_CALLDOC_DE)
        except requests.RequestException:
            return HealthResult(False, "not reachable", _WITHOUT_CALLDOC_DE)

    return run
