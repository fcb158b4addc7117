"""Draws the program's icon anew: ``python packaging/draw_icon.py``; the results are committed.

The window's own picture of the program is drawn in every size that Windows asks for.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)


def icon_file(pictures: Sequence[tuple[int, bytes]]) -> bytes:
    """An ICO file of PNG pictures, each with the length of its edge (at most 256)."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    entries, offset = b"", len(head) + 16 * len(pictures)
    for edge, png in pictures:
        # 0 stands for 256.
        entries += struct.pack("<BBBBHHII", edge % 256, edge % 256, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    return head + entries + b"".join(png for _, png in pictures)


def draw(edge: int) -> bytes:
    """The program's picture as PNG; needs a running application."""
    from PyQt5.QtCore import QBuffer  # noqa: PLC0415 - Qt for drawing only

    from sync_gui.icons import pixmap  # noqa: PLC0415

    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    pixmap("program", edge, 1.0).save(buffer, "PNG")
    return bytes(buffer.data())


def main() -> None:
    """Write ``sync_gui_qt.ico`` and ``sync_gui_qt.png`` beside this file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.append(str(HERE.parent))
    from PyQt5.QtGui import QGuiApplication  # noqa: PLC0415

    application = QGuiApplication([])
    pictures = [(edge, draw(edge)) for edge in SIZES]
    (HERE / "sync_gui_qt.ico").write_bytes(icon_file(pictures))
    (HERE / "sync_gui_qt.png").write_bytes(pictures[-1][1])
    application.quit()


if __name__ == "__main__":
    main()
