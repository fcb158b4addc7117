"""The pictures: small files with true colours, and a run over every scene."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QImage, QPainter

from screenshots.png import save_small

ROOT = Path(__file__).parents[2]


def picture() -> QImage:
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#f3f5f7"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor("#0b6485"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(20, 20, 150, 150)
    painter.end()
    return image


def test_surfaces_keep_their_colours_exactly(qapp, tmp_path):
    file = tmp_path / "picture.png"
    size = save_small(picture(), file)
    kept = QImage(str(file))
    assert size == file.stat().st_size < 4000
    assert kept.size() == picture().size()
    assert kept.pixelColor(390, 190).name() == "#f3f5f7"
    assert kept.pixelColor(90, 90).name() == "#0b6485"


def test_a_folder_that_is_not_there_is_an_error(qapp, tmp_path):
    with pytest.raises(OSError, match="cannot be written"):
        save_small(picture(), tmp_path / "nowhere" / "picture.png")


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.timeout(300)
def test_every_scene_can_be_played(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "screenshots", str(tmp_path), "--scale", "1"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    names = {file.name.partition("-light-")[0] for file in tmp_path.glob("*-light-*.png")}
    expected = {"preview", "mismatch", "calldoc-down", "everything-down", "log", "day", "help"}
    assert expected | {"unconfigured"} <= names
    assert all(file.stat().st_size > 2000 for file in tmp_path.glob("*.png"))
