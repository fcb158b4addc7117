"""Saves a picture as a small PNG: with a table of at most 256 colours, as screens have few."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QImage

_MOST_COLOURS = 256
_BITS_LEFT_OUT = 3


def save_small(image: QImage, path: Path) -> int:
    """Write the picture; returns the file's size in bytes. Raises ``OSError``.

    Each colour of the table is the commonest of its neighbourhood, so that surfaces and letters
    keep theirs exactly and only shades in between move a little.
    """
    opaque = image.convertToFormat(QImage.Format.Format_RGB32)
    bits = opaque.constBits()
    if bits is None:
        raise OSError(f"an empty picture: {path.name}")
    pixels = memoryview(bits.asstring(opaque.sizeInBytes())).cast("I")
    few = opaque.convertToFormat(
        QImage.Format.Format_Indexed8, _table(pixels), Qt.ImageConversionFlag.ThresholdDither
    )
    if not few.save(str(path), "PNG", 0):
        raise OSError(f"{path} cannot be written")
    return path.stat().st_size


def _table(pixels: memoryview) -> list[int]:
    keep = 0xFF & ~((1 << _BITS_LEFT_OUT) - 1)
    mask = keep << 16 | keep << 8 | keep
    commonest: dict[int, int] = {}
    weight: Counter[int] = Counter()
    for colour, count in Counter(pixels).most_common():
        near = colour & mask
        commonest.setdefault(near, colour)
        weight[near] += count
    return [commonest[near] | 0xFF000000 for near, _ in weight.most_common(_MOST_COLOURS)]
