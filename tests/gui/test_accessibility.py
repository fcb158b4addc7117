"""Every control of the real window has a name and can be reached by keyboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QAction,
    QCalendarWidget,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QTabBar,
    QTextEdit,
    QToolBar,
    QWidget,
)

from screenshots.stage import Stage, opened_stage

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
)
OF_QT = (QAbstractSpinBox, QCalendarWidget, QComboBox, QHeaderView, QLineEdit, QTabBar, QToolBar)
"""What Qt puts into these is reached and read through them."""


@pytest.fixture(scope="module")
def stage(qapp, tmp_path_factory) -> Iterator[Stage]:
    with opened_stage(qapp, tmp_path_factory.mktemp("demo")) as opened:
        opened.sync_to_the_end("1300005")
        opened.find(QLineEdit, "PIZ").setText("1234567")
        opened.find(QPushButton, "Vorschau").click()
        opened.wait(lambda: len(opened.running.program.tasks.ended()) == 2, "the preview")
        opened.find(QPushButton, "Störungen einstellen").click()
        opened.settle()
        yield opened


def of_qt(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, OF_QT) and not (
            isinstance(parent, QToolBar) and parent.objectName() in ("ribbon", "setup")
        ):
            return True
        if isinstance(parent, QAbstractItemView) and not isinstance(widget, QAbstractItemView):
            return True
        parent = parent.parentWidget()
    return isinstance(widget, QHeaderView) or widget.objectName().startswith("qt_")


def controls(root: QWidget) -> list[QWidget]:
    return [w for w in root.findChildren(QWidget) if isinstance(w, CONTROLS) and not of_qt(w)]


def name_of(widget: QWidget, root: QWidget) -> str:
    buddies = [label.text() for label in root.findChildren(QLabel) if label.buddy() is widget]
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text or "".join(buddies)


def reached_by_keyboard(widget: QWidget) -> bool:
    if isinstance(widget, QProgressBar):
        return True
    by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab or (isinstance(widget, QAbstractButton) and not widget.shortcut().isEmpty())


def described(widget: QWidget) -> str:
    parents = []
    parent = widget.parentWidget()
    while parent is not None:
        parents.append(type(parent).__name__)
        parent = parent.parentWidget()
    return f"{type(widget).__name__} in {' < '.join(parents[:4])}"


def mnemonics(root: QWidget) -> Counter[str]:
    """The letters that Alt offers now, with how often."""
    texts: list[str] = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not root.window():
            continue
        is_button = isinstance(widget, QAbstractButton) and not of_qt(widget)
        if is_button or (isinstance(widget, QLabel) and widget.buddy() is not None):
            texts.append(widget.text())
        elif isinstance(widget, QTabBar):
            texts += [widget.tabText(number) for number in range(widget.count())]
    bar = root.menuBar() if hasattr(root, "menuBar") else None
    texts += [action.text() for action in bar.actions()] if bar is not None else []
    bare = [text.replace("&&", "") for text in texts]
    return Counter(text[text.index("&") + 1].lower() for text in bare if "&" in text)


def twice(root: QWidget) -> list[str]:
    return [letter for letter, count in mnemonics(root).items() if count > 1]


def test_every_control_of_the_window_has_a_name(stage):
    found = controls(stage.window)
    assert len(found) > 25
    assert [described(w) for w in found if not name_of(w, stage.window)] == []


def test_every_control_of_the_window_is_reached_by_keyboard(stage):
    found = controls(stage.window)
    assert [described(w) for w in found if not reached_by_keyboard(w)] == []


def test_no_letter_is_offered_twice_in_any_panel(stage):
    for frame in stage.window.panels.frames:
        stage.window.panels.show_panel(frame)
        stage.settle(0.1)
        assert (frame.spec.id, twice(stage.window)) == (frame.spec.id, [])
    stage.window.panels.show_panel(stage.window.panels.frames[0])


def test_tab_walks_through_every_control_of_the_first_panel_and_back(qtbot, stage):
    frame = stage.window.panels.frames[0]
    stage.window.activateWindow()
    stage.window.panels.show_panel(frame)
    stage.settle(0.1)
    wanted = {
        w
        for w in controls(frame)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    reached = set()
    for _ in range(80):
        focused = stage.window.focusWidget()
        if focused is not None:
            reached.add(focused)
        qtbot.keyClick(focused or stage.window, Qt.Key.Key_Tab)
    assert [described(w) for w in wanted - reached] == []


def dialog_entries(stage: Stage) -> list[QAction]:
    return [
        action
        for menu in stage.window.findChildren(QMenu)
        for action in menu.actions()
        if action.text().endswith("…") or "Verbindungen" in action.text()
    ]


def test_every_dialog_has_names_keys_and_distinct_letters(stage):
    entries = dialog_entries(stage)
    assert len(entries) >= 3
    for entry in entries:
        entry.trigger()
        stage.wait(stage.dialogs, entry.text())
        stage.settle(0.2)
        for dialog in stage.dialogs():
            assert isinstance(dialog, QDialog)
            assert dialog.windowTitle()
            found = controls(dialog)
            assert [described(w) for w in found if not name_of(w, dialog)] == []
            assert [described(w) for w in found if not reached_by_keyboard(w)] == []
            assert (entry.text(), twice(dialog)) == (entry.text(), [])
            dialog.close()
        stage.settle(0.1)


def test_the_help_has_names_keys_and_distinct_letters(qtbot, stage):
    stage.action("Handbuch").trigger()
    stage.wait(lambda: stage.window.help.window is not None, "the help")
    helping = stage.window.help.window
    helping.activateWindow()
    stage.settle(0.2)
    found = controls(helping)
    assert len(found) > 5
    assert [described(w) for w in found if not name_of(w, helping)] == []
    assert [described(w) for w in found if not reached_by_keyboard(w)] == []
    assert twice(helping) == []
    stage.find(QLineEdit, "Im Handbuch suchen", helping).setText("CallDoc")
    wanted = {w for w in found if w.isVisible() and w.isEnabled()}
    reached = set()
    for _ in range(300):  # the page's links are stops on the way
        focused = helping.focusWidget()
        reached.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert [described(w) for w in wanted - reached] == []
    helping.close()


def test_states_are_told_in_words_beside_their_pictures(stage):
    lights = [stage.window.strip.api, *stage.window.strip.health.values(), stage.window.strip.tasks]
    assert all(light.text() and light.accessibleName() == light.text() for light in lights)
