"""How the window was arranged: found again, put back, and never a reason to fail."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PyQt5.QtCore import QRect, QSettings, Qt
from PyQt5.QtWidgets import (
    QAction,
    QDialog,
    QDockWidget,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QWidget,
)

from hookspecs import PanelSpec
from sync_gui.arrangement import Arrangement, is_on_screen
from sync_gui.names_hidden import NamesSwitch


def table(name: str = "A") -> QTableWidget:
    made = QTableWidget(2, 3)
    made.setHorizontalHeaderLabels([name, "B", "C"])
    made.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return made


def parts() -> QSplitter:
    made = QSplitter(Qt.Orientation.Horizontal)
    made.addWidget(table())
    made.addWidget(QWidget())
    return made


PANELS = (
    ("p", PanelSpec("one", "Eins", parts, order=1)),
    ("p", PanelSpec("two", "Zwei", QWidget, order=2)),
    ("p", PanelSpec("side", "Seite", QWidget, area="right")),
)


@pytest.fixture
def open_again(open_window, qtbot, tmp_path):
    """Opens the window as the next run would, its panels built."""

    def opened():
        window = open_window(panels=PANELS, arrangement=Arrangement(tmp_path / "window.ini"))
        qtbot.waitUntil(lambda: all(frame.built for frame in window.panels.frames))
        return window

    return opened


def trigger(window, text: str) -> None:
    next(a for a in window.findChildren(QAction) if a.text() == text).trigger()


def test_the_next_run_finds_everything_as_it_was(open_again, qapp):
    window = open_again()
    window.setGeometry(60, 70, 700, 500)
    window.panels.choose_tab("two")
    window.findChild(QDockWidget, "dock_side").hide()
    window.findChild(QTableWidget).setColumnWidth(0, 143)
    window.findChild(QTableWidget).setColumnWidth(1, 87)
    window.panels.choose_tab("one")
    qapp.processEvents()
    splitter = window.panels.frames[0].findChild(QSplitter)
    splitter.setSizes([400, 100])
    sizes = splitter.sizes()
    window.panels.choose_tab("two")
    window.close()

    again = open_again()
    assert again.geometry() == QRect(60, 70, 700, 500)
    assert again.panels.tab == "two"
    assert again.findChild(QDockWidget, "dock_side").isHidden()
    assert [again.findChild(QTableWidget).columnWidth(column) for column in (0, 1)] == [143, 87]
    again.panels.choose_tab("one")
    qapp.processEvents()
    assert again.panels.frames[0].findChild(QSplitter).sizes() == sizes


def test_the_arrangement_can_be_reset(open_again, qapp, tmp_path):
    window = open_again()
    first = window.size()
    widths = [window.findChild(QTableWidget).columnWidth(column) for column in (0, 1)]
    window.close()
    window = open_again()
    window.resize(640, 480)
    window.findChild(QTableWidget).setColumnWidth(0, 300)
    window.findChild(QDockWidget, "dock_side").hide()
    window.panels.choose_tab("two")
    trigger(window, "Anordnung &zurücksetzen")
    qapp.processEvents()
    assert window.size() == first
    assert window.panels.tab == "one"
    assert not window.findChild(QDockWidget, "dock_side").isHidden()
    assert [window.findChild(QTableWidget).columnWidth(column) for column in (0, 1)] == widths


def test_hidden_names_are_remembered_at_once(open_window, bridge, tmp_path):
    file = tmp_path / "names.ini"
    arrangement = Arrangement(file)
    assert not arrangement.names_hidden
    window = open_window(arrangement=arrangement, names_hidden=NamesSwitch(bridge))
    trigger(window, "&Namen verbergen")
    assert Arrangement(file).names_hidden
    trigger(window, "Anordnung &zurücksetzen")
    assert Arrangement(file).names_hidden
    trigger(window, "&Namen verbergen")
    assert not Arrangement(file).names_hidden


def test_dialogs_keep_their_size(open_window, qtbot, tmp_path):
    window = open_window(arrangement=Arrangement(tmp_path / "d.ini"))
    trigger(window, "&Liste der Erweiterungen …")
    dialog = next(found for found in window.findChildren(QDialog) if found.isVisible())
    dialog.resize(655, 511)
    dialog.accept()
    trigger(window, "&Liste der Erweiterungen …")
    dialog = next(found for found in window.findChildren(QDialog) if found.isVisible())
    assert (dialog.width(), dialog.height()) == (655, 511)
    dialog.accept()


GARBAGE = base64.b64encode(b"no state of Qt's at all" * 3).decode()


@pytest.mark.parametrize(
    "values",
    [
        {"geometry": "%%%", "state": "===", "tab": "gone", "one/table0": "{", "one/splitter0": "x"},
        {"geometry": GARBAGE, "state": GARBAGE, "tab": "", "one/splitter0": GARBAGE},
        {"one/table0": '{"of": "|A|B|C", "widths": [50, 50, 50]}'},
        {"one/table0": "[1, 2]", "dialog/PluginDialog": "0x-3"},
        {"geometry": ["a", "b"], "state": ["a"], "tab": ["x", "y"], "one/table0": ["1"]},
    ],
)
def test_nonsense_is_left_out(open_again, tmp_path, values):
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    for name, value in values.items():
        kept.setValue(f"arrangement/{name}", value)
    kept.sync()
    window = open_again()
    assert window.isVisible()
    assert is_on_screen(window.geometry())
    assert window.panels.tab == "one"
    assert window.findChild(QTableWidget).columnWidth(0) > 50


def test_a_damaged_file_hides_names_and_is_written_anew(open_again, tmp_path):
    file = tmp_path / "window.ini"
    file.write_bytes(b"\x00\xff[[[\nno ini at all\n=\n" * 3)
    assert Arrangement(file).names_hidden
    window = open_again()
    window.setGeometry(60, 70, 700, 500)
    window.close()
    assert open_again().geometry() == QRect(60, 70, 700, 500)


def test_a_window_that_was_on_a_screen_that_is_gone_is_seen(open_again):
    window = open_again()
    window.setGeometry(9000, 9000, 700, 500)
    window.close()
    assert is_on_screen(open_again().geometry())


def test_widths_of_other_columns_are_not_taken(qtbot, tmp_path):
    arrangement = Arrangement(tmp_path / "x.ini")
    before, after = QWidget(), QWidget()
    for root, name in ((before, "A"), (after, "Z")):
        qtbot.addWidget(root)
        table(name).setParent(root)
    before.findChild(QTableWidget).setColumnWidth(0, 222)
    arrangement.save_parts(before, "p")
    arrangement.restore_parts(after, "p")
    assert after.findChild(QTableWidget).columnWidth(0) != 222


def test_the_file_holds_nothing_of_patients(open_again, tmp_path):
    window = open_again()
    window.findChild(QTableWidget).setItem(0, 0, None)
    window.close()
    lines = Path(tmp_path / "window.ini").read_text(encoding="utf-8").splitlines()
    keys = {line.partition("=")[0] for line in lines if "=" in line}
    assert keys == {
        "names_hidden",
        "geometry",
        "state",
        "tab",
        r"one\table0",
        r"one\splitter0",
    }
