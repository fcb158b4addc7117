"""The two themes: one table of named colours each, and how well two colours can be told apart.

Knows no Qt. A name is a role, never a hue: whoever needs a colour asks for what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Theme:
    """``colours`` maps roles to ``#rrggbb``; both themes know the same roles."""

    name: str
    colours: Mapping[str, str]

    def __getitem__(self, role: str) -> str:
        return self.colours[role]


def _theme(name: str, **colours: str) -> Theme:
    return Theme(name, MappingProxyType({role: f"#{colour}" for role, colour in colours.items()}))


LIGHT = _theme(
    "light",
    # Surfaces, from the window's ground up, and what is written on them.
    ground="f3f5f7",
    surface="ffffff",
    raised="f8fafb",
    text="1c2630",
    muted="55616d",
    pale="7d8893",
    # Lines: between parts, and around what can be used.
    line="d5dbe1",
    edge="7b8894",
    # What leads on: links, focus, the main button, what is chosen.
    accent="0b6485",
    accent_hover="09536e",
    accent_press="074359",
    accent_soft="d8eaf2",
    on_accent="ffffff",
    hover="e9eef2",
    press="dde4ea",
    progress="9fcde0",
    # What is wrong, and what deletes.
    danger="b3261e",
    danger_hover="971f18",
    danger_press="7c1913",
    danger_soft="fdeeec",
    on_danger="ffffff",
    # States: pictures, bars of charts.
    ink="46535f",
    good="1b7a48",
    warn="8f5a00",
    bad="b3261e",
    info="0b6485",
    calm="5f6b77",
    on_state="ffffff",
    # The ribbon of the demo.
    demo="ffe08a",
    demo_text="463200",
    demo_edge="8a6a12",
)
DARK = _theme(
    "dark",
    ground="161b20",
    surface="1e252c",
    raised="232b33",
    text="e6ebf0",
    muted="aab6c1",
    pale="7d8994",
    line="35404a",
    edge="788793",
    accent="74c3e3",
    accent_hover="93d2ec",
    accent_press="b4e1f3",
    accent_soft="1b4656",
    on_accent="06222e",
    hover="2a333c",
    press="35404a",
    progress="2a6c88",
    danger="ff9d95",
    danger_hover="ffb4ad",
    danger_press="ffcbc6",
    danger_soft="43211f",
    on_danger="2b0a08",
    ink="b9c4ce",
    good="56c98f",
    warn="f0b84a",
    bad="ff8d84",
    info="74c3e3",
    calm="9aa7b3",
    on_state="161b20",
    demo="5a4500",
    demo_text="ffe9ad",
    demo_edge="c9a544",
)


def contrast(first: str, second: str) -> float:
    """The ratio of two colours' luminances as WCAG 2 counts it, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
