"""Where panels stand in the window: tabs in the centre, docks at the right and the bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QDockWidget, QMainWindow, QTabWidget

from hookspecs import PanelSpec
from sync_gui.icons import icon
from sync_gui.panel_frame import PanelFrame
from sync_gui.plain_text import menu_text, plain_label

_DOCKS = {
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class PanelArea(QObject):
    """Places the panels' frames in ``window`` at once and builds them later, one at a time.

    Attributes: ``frames``, in the order of the panels' areas and numbers. ``built`` comes with a
    frame that got its panel.
    """

    built = pyqtSignal(object)

    def __init__(
        self,
        window: QMainWindow,
        panels: Sequence[tuple[str, PanelSpec]],
        on_failed: Callable[[PanelSpec, str], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks: dict[PanelFrame, QDockWidget] = {}
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setTabBarAutoHide(True)
        self._tabs.setAccessibleName("Ansichten")
        ordered = sorted(panels, key=lambda pair: (pair[1].area != "centre", pair[1].order))
        self._on_failed = on_failed
        self.frames = [PanelFrame(plugin, spec, on_failed) for plugin, spec in ordered]
        for frame in self.frames:
            self._place(frame)
        if self._tabs.count() == 0:
            empty = plain_label("Keine Ansicht geladen", role="hint")
            empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._tabs.addTab(empty, "")
        window.setCentralWidget(self._tabs)
        self._tabs.currentChanged.connect(self._build_current)
        self._waiting = list(self.frames)
        self._builder = QTimer(self)
        self._builder.timeout.connect(self._build_next)

    def build(self) -> None:
        """Begin to build the panels: one in each turn of the event loop, so that it can paint."""
        self._builder.start(0)

    def add(self, plugin: str, spec: PanelSpec) -> PanelFrame:
        """Place one more panel behind the others and build it in a later turn; its frame."""
        frame = PanelFrame(plugin, spec, self._on_failed)
        self.frames.append(frame)
        self._place(frame)
        dock = self._docks.get(frame)
        if dock is not None:
            self._window.restoreDockWidget(dock)
        self._waiting.append(frame)
        if self._window.isVisible():
            self._builder.start(0)
        return frame

    def stop(self) -> None:
        """Build nothing more."""
        self._builder.stop()

    def show_panel(self, frame: PanelFrame) -> None:
        """Bring the frame's panel into sight and give it the focus."""
        dock = self._docks.get(frame)
        if dock is None:
            self._tabs.setCurrentWidget(frame)
        else:
            dock.show()
            dock.raise_()
        frame.focus_content()

    @property
    def tab(self) -> str:
        """The id of the panel whose tab is in front; empty without one."""
        frame = self._tabs.currentWidget()
        return frame.spec.id if isinstance(frame, PanelFrame) else ""

    def in_use(self) -> PanelFrame | None:
        """The panel that has the focus, else the one whose tab is in front; None without any."""
        focus = self._window.focusWidget()
        for frame in self.frames:
            if focus is not None and frame.isAncestorOf(focus):
                return frame
        front = self._tabs.currentWidget()
        return front if isinstance(front, PanelFrame) else None

    def choose_tab(self, panel_id: str) -> None:
        """Bring a tab to the front by its panel's id; without an id, the first."""
        frames = [frame for frame in self.frames if frame not in self._docks]
        for frame in frames:
            if not panel_id or frame.spec.id == panel_id:
                self._tabs.setCurrentWidget(frame)
                return

    def _place(self, frame: PanelFrame) -> None:
        spec = frame.spec
        if spec.area not in _DOCKS:
            self._tabs.addTab(frame, icon(spec.icon), menu_text(spec.title))
            return
        dock = QDockWidget(menu_text(spec.title), self._window)
        dock.setObjectName(f"dock_{spec.id}")
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetClosable
            | QDockWidget.DockWidgetFeature.DockWidgetMovable
        )
        dock.setWidget(frame)
        self._window.addDockWidget(_DOCKS[spec.area], dock)
        self._docks[frame] = dock

    def _build_next(self) -> None:
        if self._waiting:
            frame = self._waiting.pop(0)
            self._build(frame)
            if frame is self._tabs.currentWidget():
                frame.focus_content()
        if not self._waiting:
            self._builder.stop()

    def _build_current(self, index: int) -> None:
        frame = self._tabs.widget(index)
        if isinstance(frame, PanelFrame) and self._builder.isActive():
            self._build(frame)

    def _build(self, frame: PanelFrame) -> None:
        if not frame.built:
            frame.build()
            self.built.emit(frame)
