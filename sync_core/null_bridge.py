"""The bridge of a program without a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class NullBridge:
    """Takes everything and delivers nothing; fulfils ``hookspecs.Bridge`` without Qt.

    ``in_background`` does not run its work: nobody is there to receive a result. Work that must
    be done with or without a window is a task or a thread of its owner.
    """

    def emit(self, topic: str, value: object) -> None:
        """Drop the value."""

    def subscribe(self, topic: str, receiver: Callable[[Any], None]) -> Callable[[], None]:
        """Never call ``receiver``; what is returned does nothing."""
        return _nothing

    def in_background(self, work: Callable[[], Any], receiver: Callable[[Any], None]) -> None:
        """Neither run ``work`` nor call ``receiver``."""


def _nothing() -> None:
    return None
