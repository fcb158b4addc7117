"""The shapes beside results, drawn so that they differ without colour and at every scaling."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
)
from PyQt5.QtWidgets import QApplication, QWidget

from plugins.single_patient.panel.task_facts import Mark

_ON_LIGHT = {
    Mark.WAITING: "#5f6368",
    Mark.RUNNING: "#1f5fae",
    Mark.DONE: "#1b7f3b",
    Mark.SAME: "#4d6b57",
    Mark.LOOKED: "#1f5fae",
    Mark.FAILED: "#b3261e",
    Mark.UNKNOWN: "#8f5a00",
    Mark.STOPPED: "#5f6368",
}
_ON_DARK = {
    Mark.WAITING: "#a3aeb9",
    Mark.RUNNING: "#7db8f0",
    Mark.DONE: "#56c98f",
    Mark.SAME: "#a5c2b0",
    Mark.LOOKED: "#7db8f0",
    Mark.FAILED: "#ff8d84",
    Mark.UNKNOWN: "#f0b84a",
    Mark.STOPPED: "#a3aeb9",
}
_ROUND = QRectF(1, 1, 14, 14)


def mark_icons() -> dict[Mark, QIcon]:
    """One icon for each mark; they follow the application's palette, light or dark."""
    return {mark: QIcon(_MarkEngine(mark)) for mark in Mark}


class MarkPicture(QWidget):
    """A mark as a widget of ``size`` pixels."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._mark: Mark | None = None
        self.setFixedSize(size, size)

    def show_mark(self, mark: Mark) -> None:
        """Show another mark."""
        self._mark = mark
        self.update()

    def paintEvent(self, _event: object) -> None:
        """Draw the mark in the colours of now."""
        if self._mark is not None:
            painter = QPainter(self)
            _draw_into(painter, QRectF(self.rect()), self._mark)
            painter.end()


class _MarkEngine(QIconEngine):
    """Draws a mark when asked to, in the colours of that moment."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self._mark = mark

    def paint(self, painter: QPainter, rect: QRect, _mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Draw into ``rect``, whatever the painter's scale."""
        _draw_into(painter, QRectF(rect), self._mark)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The mark in device pixels."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """One more of the same."""
        return _MarkEngine(self._mark)


def _draw_into(painter: QPainter, area: QRectF, mark: Mark) -> None:
    edge = min(area.width(), area.height())
    colours = _ON_DARK if _is_dark() else _ON_LIGHT
    painter.save()
    painter.setRenderHint(QPainter.Antialiasing)
    painter.translate(area.center() - QPointF(edge / 2, edge / 2))
    painter.scale(edge / 16, edge / 16)
    _draw(painter, mark, QColor(colours[mark]))
    painter.restore()


def _is_dark() -> bool:
    return QApplication.palette().color(QPalette.Base).lightness() < 128


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
    painter.setPen(
        QPen(
            QApplication.palette().color(QPalette.Base),
            1.9,
            Qt.SolidLine,
            Qt.RoundCap,
            Qt.RoundJoin,
        )
    )
    painter.setBrush(Qt.NoBrush)


def _points(*pairs: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in pairs])
