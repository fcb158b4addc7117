"""The switch *Namen verbergen*. Knows no Qt: the program has it with and without a window."""

from __future__ import annotations

from hookspecs import Bridge

TOPIC = "names_hidden"


class NamesSwitch:
    """Fulfils ``hookspecs.NamesHidden``; a change is sent over the bridge as ``names_hidden``."""

    def __init__(self, bridge: Bridge, *, hidden: bool = False) -> None:
        self._bridge = bridge
        self._hidden = hidden

    @property
    def hidden(self) -> bool:
        """Whether patients' names must not be shown now."""
        return self._hidden

    def switch(self, hidden: bool) -> None:
        """Hide or show names from now on."""
        if hidden == self._hidden:
            return
        self._hidden = hidden
        self._bridge.emit(TOPIC, hidden)
