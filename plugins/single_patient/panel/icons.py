"""The shapes beside results, drawn so that they differ without colour and at every scaling."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QBrush, QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from plugins.single_patient.panel.task_facts import Mark

_COLOURS = {
    Mark.WAITING: "#5f6368",
    Mark.RUNNING: "#1f5fae",
    Mark.DONE: "#1b7f3b",
    Mark.SAME: "#4d6b57",
    Mark.LOOKED: "#1f5fae",
    Mark.FAILED: "#b3261e",
    Mark.UNKNOWN: "#9a6700",
    Mark.STOPPED: "#5f6368",
}
_SIZES = (16, 24, 32, 48)
_ROUND = QRectF(1, 1, 14, 14)


def mark_icons() -> dict[Mark, QIcon]:
    """One icon for each mark. Needs a running QApplication."""
    return {mark: _icon(mark) for mark in Mark}


def _icon(mark: Mark) -> QIcon:
    icon = QIcon()
    for size in _SIZES:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.scale(size / 16, size / 16)
        _draw(painter, mark, QColor(_COLOURS[mark]))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _draw(painter: QPainter, mark: Mark, colour: QColor) -> None:
    if mark in (Mark.DONE, Mark.SAME):
        _filled(painter, colour)
        painter.drawEllipse(_ROUND)
        _inside(painter)
        if mark is Mark.DONE:
            painter.drawPolyline(_points((4.5, 8.2), (7, 10.8), (11.5, 5.4)))
        else:
            painter.drawLine(QPointF(5, 6.4), QPointF(11, 6.4))
            painter.drawLine(QPointF(5, 9.6), QPointF(11, 9.6))
    elif mark is Mark.FAILED:
        _filled(painter, colour)
        painter.drawRoundedRect(_ROUND, 2.5, 2.5)
        _inside(painter)
        painter.drawLine(QPointF(5, 5), QPointF(11, 11))
        painter.drawLine(QPointF(11, 5), QPointF(5, 11))
    elif mark is Mark.UNKNOWN:
        _filled(painter, colour)
        painter.drawPolygon(_points((8, 0.8), (15.4, 14.6), (0.6, 14.6)))
        _inside(painter)
        painter.drawLine(QPointF(8, 5.6), QPointF(8, 9.8))
        painter.drawPoint(QPointF(8, 12.4))
    elif mark is Mark.RUNNING:
        _filled(painter, colour)
        painter.drawPolygon(_points((3.5, 1.8), (13.8, 8), (3.5, 14.2)))
    else:
        _outlined(painter, colour)
        _draw_outline(painter, mark, colour)


def _draw_outline(painter: QPainter, mark: Mark, colour: QColor) -> None:
    if mark is Mark.LOOKED:
        painter.drawEllipse(QRectF(0.9, 3.6, 14.2, 8.8))
        painter.setBrush(QBrush(colour))
        painter.drawEllipse(QRectF(5.8, 5.8, 4.4, 4.4))
        return
    painter.drawEllipse(QRectF(1.5, 1.5, 13, 13))
    if mark is Mark.WAITING:
        painter.drawPolyline(_points((8, 4.4), (8, 8.2), (10.8, 9.8)))
    else:
        painter.drawLine(QPointF(3.6, 12.4), QPointF(12.4, 3.6))


def _filled(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.NoPen)
    painter.setBrush(QBrush(colour))


def _outlined(painter: QPainter, colour: QColor) -> None:
    painter.setPen(QPen(colour, 1.5, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    painter.setBrush(Qt.NoBrush)


def _inside(painter: QPainter) -> None:
    painter.setPen(QPen(QColor("white"), 1.9, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    painter.setBrush(Qt.NoBrush)


def _points(*pairs: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in pairs])
