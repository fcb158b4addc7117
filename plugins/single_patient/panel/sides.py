"""The two sides of the panel: beside each other, or one below the other where that is too wide."""

from __future__ import annotations

from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PyQt5.QtGui import QResizeEvent, QShowEvent
from PyQt5.QtWidgets import (
    QApplication,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

_LEFT_IN_EMS = 27
_GAP = 8


class Sides(QStackedWidget):
    """Beside each other both scroll for themselves; one below the other they scroll as one.

    The left side gets the width that a form needs, the right one the rest.
    """

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        self._left, self._right = _Side(left), _Side(right)
        self._beside = QSplitter(Qt.Horizontal)
        self._beside.setChildrenCollapsible(False)
        self._below = _scroll_area(QWidget())
        box = self._column = QVBoxLayout(self._below.widget())
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.addWidget(self._beside)
        self.addWidget(self._below)
        self._least_beside = 0
        self._stand_beside()

    def are_beside(self) -> bool:
        """Whether there is room for both beside each other."""
        return self.currentWidget() is self._beside

    def showEvent(self, event: QShowEvent) -> None:
        """Measure the sides, now that the style sheet has given them their fonts."""
        super().showEvent(event)
        if not self._least_beside:
            sides = (self._left, self._right)
            least = sum(side.measure() for side in sides)
            self._least_beside = least + self._beside.handleWidth()
            self._arrange()
            self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand as the room allows."""
        super().resizeEvent(event)
        if self._least_beside:
            self._arrange()

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider side: more is not needed to stand one below the other."""
        least = max(self._left.minimumWidth(), self._right.minimumWidth())
        return QSize(least, super().minimumSizeHint().height())

    def bring_into_sight(self, widget: QWidget, *others: QWidget) -> None:
        """Scroll until ``widget`` is seen, and of the ``others`` what there is room for.

        All are on the same side; hidden ones are passed over.
        """
        QCoreApplication.sendPostedEvents(None, QEvent.LayoutRequest)  # sizes of before mislead
        side = self._left if self._left.isAncestorOf(widget) else self._right
        area = side if self.are_beside() else self._below
        for one in (*others, widget):
            if one.isVisibleTo(self):
                # Not ensureWidgetVisible: of a field it only shows the cursor.
                centre = one.mapTo(area.widget(), one.rect().center())
                area.ensureVisible(centre.x(), centre.y(), 0, (one.height() + 1) // 2 + _GAP)

    def _arrange(self) -> None:
        has_room = self.width() >= self._least_beside
        if has_room is self.are_beside():
            return
        focus = QApplication.focusWidget()
        if has_room:
            self._stand_beside()
            self._share()
        else:
            self._stand_below()
        if focus is not None and self.isAncestorOf(focus):
            focus.setFocus(Qt.OtherFocusReason)  # it was lost with the place

    def _stand_beside(self) -> None:
        for stretch, side in enumerate((self._left, self._right)):
            side.set_scrolling(True)
            self._beside.addWidget(side)
            self._beside.setStretchFactor(stretch, stretch)
            side.show()
        self.setCurrentWidget(self._beside)

    def _stand_below(self) -> None:
        for side in (self._left, self._right):
            side.set_scrolling(False)
            self._column.addWidget(side)
            side.show()
        self.setCurrentWidget(self._below)

    def _share(self) -> None:
        left = min(self.fontMetrics().height() * _LEFT_IN_EMS, self.width() * 2 // 5)
        self._beside.setSizes([left, self.width() - left])


class _Side(QScrollArea):
    """Scrolls its content where the room is short, or is as high as the content needs."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        _make_plain(self)
        self._scrolling = True
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.measure()

    def measure(self) -> int:
        """Take the width that the content needs now for the least; returns it."""
        bar = self.verticalScrollBar().sizeHint()
        self.setMinimumWidth(self.widget().minimumSizeHint().width() + bar.width())
        return self.minimumWidth()

    def set_scrolling(self, scrolling: bool) -> None:
        """Scroll, or be as high as the content."""
        self._scrolling = scrolling
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarAsNeeded if scrolling else Qt.ScrollBarAlwaysOff
        )
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """A few lines, or what the content needs at this width."""
        hint = super().minimumSizeHint()
        content = self.widget()
        if not self._scrolling:
            least = max(content.minimumSizeHint().height(), content.minimumHeight())
            hint.setHeight(max(least, content.heightForWidth(self.viewport().width())))
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the content needs another height; Qt's own part watches it anyway."""
        handled = super().eventFilter(watched, event)
        if event.type() == QEvent.LayoutRequest and not self._scrolling:
            self.updateGeometry()
        return handled


def _scroll_area(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    _make_plain(area)
    area.setWidget(content)
    return area


def _make_plain(area: QScrollArea) -> None:
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.NoFrame)
    area.setFocusPolicy(Qt.NoFocus)
