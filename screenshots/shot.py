"""What a scene offers to be taken."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtWidgets import QWidget


@dataclass(frozen=True)
class Shot:
    """``widgets``: a window or dialog, then what lies above it (menus, lists). Taken at once."""

    name: str
    widgets: tuple[QWidget, ...]
