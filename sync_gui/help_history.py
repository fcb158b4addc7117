"""Where somebody was in the help, for going back and forward again."""

from __future__ import annotations

from dataclasses import dataclass

_MOST = 200


@dataclass(frozen=True)
class Spot:
    """What was to be read: the page, and the position of the first letter in sight."""

    page: str
    position: int


class History:
    """Two piles of spots, as a browser has them."""

    def __init__(self) -> None:
        self._back: list[Spot] = []
        self._forward: list[Spot] = []

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier spot."""
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        """Whether somebody went back and may go forward again."""
        return bool(self._forward)

    def leave(self, here: Spot) -> None:
        """Remember the spot that is left for a new one."""
        self._forward.clear()
        if not self._back or self._back[-1] != here:
            self._back.append(here)
            del self._back[:-_MOST]

    def go_back(self, here: Spot) -> Spot | None:
        """The spot before; ``here`` is kept for going forward."""
        return self._go(here, self._back, self._forward)

    def go_forward(self, here: Spot) -> Spot | None:
        """The spot that was left by going back."""
        return self._go(here, self._forward, self._back)

    def _go(self, here: Spot, source: list[Spot], other: list[Spot]) -> Spot | None:
        if not source:
            return None
        other.append(here)
        return source.pop()
