"""What plugins do wrong after their start: noted against the right one, and told in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from plugin_host.blame import Places, StackLine, stack_of_fault
from plugin_host.call import fault_of
from plugin_host.record import PluginRecord


class Complaints:
    """Finds the plugin to blame among ``records``, by name or by where its code lies.

    A loaded plugin that is complained of stays loaded and shows the reason. From any thread.
    """

    def __init__(
        self,
        records: Callable[[], Sequence[PluginRecord]],
        places: Places,
        logger: logging.Logger,
    ) -> None:
        self._records = records
        self._places = places
        self._logger = logger

    def failure(self, name: str, reason: str) -> None:
        """Note that the plugin ``name`` failed; ``reason`` is one English line.

        It is logged, unless the same was noted just before.
        """
        record = next((item for item in self._records() if item.name == name), None)
        if record is not None and record.failed_later(reason):
            self._logger.error("plugin %s: %s", name, reason)

    def fault(self, doing: str, error: BaseException) -> None:
        """Note an exception that nobody caught, if it comes out of a plugin's code.

        ``doing`` says in English what was being done.
        """
        owner = self.owner_of(stack_of_fault(error.__traceback__))
        if owner is not None:
            self.failure(owner, fault_of(doing, error))

    def endpoint_fault(self, blueprint: str, error: BaseException) -> None:
        """Note that a view of the blueprint of that name failed through a fault."""
        for record in self._loaded():
            if any(item.name == blueprint for item in record.offer.blueprints):
                self.failure(record.name, fault_of("endpoint", error))

    def check_fault(self, check: str, fault: str) -> None:
        """Note that the health check of that name raised or did not come back."""
        for record in self._loaded():
            if any(item.name == check for item in record.offer.health_checks):
                self.failure(record.name, f"health check {check}: {fault}")

    def owner_of(self, stack: Sequence[StackLine]) -> str | None:
        """The plugin whose code is innermost in a stack, if any plugin's is there."""
        return self._places.owner(call.file for call in stack)

    def is_ours(self, name: str) -> bool:
        """Whether the plugin of that name ships with the program."""
        return any(item.found.ours for item in self._records() if item.name == name)

    def _loaded(self) -> list[PluginRecord]:
        return [record for record in self._records() if record.report.state == "loaded"]
