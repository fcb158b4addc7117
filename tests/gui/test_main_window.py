from __future__ import annotations

import threading

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import (
    QAction,
    QApplication,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMenu,
    QTabWidget,
    QToolBar,
    QWidget,
)

from hookspecs import HealthResult, PanelSpec
from sync_gui.close_question import CloseQuestion
from sync_gui.connections_dialog import ConnectionsDialog
from sync_gui.names_hidden import NamesSwitch
from sync_gui.services import ApiStatus
from tests.gui.conftest import SwitchedApi
from tests.gui.test_task_news import PICTURE


def action(window: QWidget, text: str) -> QAction:
    return next(
        found for found in window.findChildren(QAction) if found.text().replace("&", "") == text
    )


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def answer_soon(press: str, asked: list[str]) -> QTimer:
    """Presses a button of the close question as soon as it is there."""
    timer = QTimer()

    def look() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, CloseQuestion) and widget.isVisible():
                asked.append(widget.text())
                timer.stop()
                getattr(widget, press).click()

    timer.timeout.connect(look)
    timer.start(10)
    return timer


def test_closing_without_tasks_asks_nothing_and_shuts_down_once(open_window, program):
    window = open_window()
    assert window.close()
    assert not window.isVisible()
    window.close()
    window.close_without_asking()
    assert program.shutdowns == 1


def test_closing_with_tasks_asks_and_staying_keeps_the_program(open_window, program):
    program.active = 2
    window = open_window()
    asked: list[str] = []
    timer = answer_soon("stay", asked)
    assert not window.close()
    timer.stop()
    assert asked == ["Laufende Abgleiche abbrechen und beenden?"]
    assert window.isVisible()
    assert program.shutdowns == 0


def test_closing_with_tasks_asks_once_and_agreeing_ends_the_program(open_window, program):
    program.active = 1
    window = open_window()
    asked: list[str] = []
    timer = answer_soon("agree", asked)
    assert window.close()
    timer.stop()
    assert len(asked) == 1
    assert program.shutdowns == 1
    assert not window.isVisible()


def test_the_question_answers_itself_when_the_last_task_ends(qtbot, open_window, program, bridge):
    program.active = 2
    window = open_window()
    left = [1, 0]
    timer = QTimer()

    def look() -> None:
        if any(isinstance(w, CloseQuestion) and w.isVisible() for w in app.topLevelWidgets()):
            assert window.isVisible()
            program.active = left.pop(0)
            bridge.emit("task_changed", PICTURE)
            if not left:
                timer.stop()

    app = QApplication.instance()
    timer.timeout.connect(look)
    timer.start(200)
    assert window.close()
    assert left == []
    assert program.shutdowns == 1
    assert not window.isVisible()


def test_enter_and_escape_keep_the_program_running(open_window, program):
    window = open_window()
    question = CloseQuestion(window)
    assert question.defaultButton() is question.stay
    assert question.escapeButton() is question.stay


def test_the_session_end_never_asks(open_window, program):
    program.active = 3
    window = open_window()
    app = QGuiApplication.instance()
    assert app.receivers(app.commitDataRequest) > 0
    window._session_ends(None)
    assert program.shutdowns == 1
    assert not window.isVisible()


def test_an_end_from_outside_withdraws_an_open_question(open_window, program):
    program.active = 1
    window = open_window()
    timer = QTimer()

    def look() -> None:
        if any(isinstance(w, CloseQuestion) and w.isVisible() for w in app.topLevelWidgets()):
            timer.stop()
            window.close_without_asking()

    app = QApplication.instance()
    timer.timeout.connect(look)
    timer.start(10)
    assert window.close()
    assert program.shutdowns == 1


def test_panels_stand_where_they_want_and_in_their_order(qtbot, open_window):
    def panel(name: str, area: str, order: int) -> tuple[str, PanelSpec]:
        return name, PanelSpec(name, f"Titel & {name}", lambda: QLineEdit(name), area, "", order)

    window = open_window(
        panels=(
            panel("second", "centre", 20),
            panel("first", "centre", 10),
            panel("side", "right", 1),
            panel("below", "bottom", 1),
        )
    )
    tabs = window.centralWidget()
    assert isinstance(tabs, QTabWidget)
    assert [tabs.tabText(n) for n in range(2)] == ["Titel && first", "Titel && second"]
    docks = {dock.objectName(): dock for dock in window.findChildren(QDockWidget)}
    assert window.dockWidgetArea(docks["dock_side"]) == Qt.DockWidgetArea.RightDockWidgetArea
    assert window.dockWidgetArea(docks["dock_below"]) == Qt.DockWidgetArea.BottomDockWidgetArea
    qtbot.waitUntil(lambda: len(window.findChildren(QLineEdit)) == 4)

    docks["dock_side"].close()
    next(a for a in window.findChildren(QAction) if a.text().endswith("side")).trigger()
    assert docks["dock_side"].isVisible()
    next(a for a in window.findChildren(QAction) if a.text().endswith("second")).trigger()
    assert tabs.currentIndex() == 1


def test_panels_are_built_after_the_window_appeared_and_once(qtbot, open_window):
    built: list[str] = []

    def factory() -> QWidget:
        built.append(threading.current_thread().name)
        return QWidget()

    window = open_window(panels=(("p", PanelSpec("p", "P", factory)),))
    qtbot.waitUntil(lambda: len(built) == 1)
    window.hide()
    window.show()
    QApplication.processEvents()
    assert built == [threading.main_thread().name]


def test_the_first_panels_first_field_has_the_focus(qtbot, open_window):
    window = open_window(panels=(("p", PanelSpec("p", "P", QLineEdit)),))
    qtbot.waitUntil(lambda: window.findChild(QLineEdit) is not None)
    qtbot.waitUntil(lambda: window.focusWidget() is window.findChild(QLineEdit))


def test_a_raising_factory_shows_a_placeholder_and_is_reported(qtbot, open_window, program):
    def broken() -> QWidget:
        raise RuntimeError("<b>no driver</b>\nsecond line")

    def leaving() -> QWidget:
        raise SystemExit(3)

    window = open_window(
        panels=(
            ("bad", PanelSpec("broken", "Statistik", broken, order=1)),
            ("leaver", PanelSpec("leaving", "Weg", leaving, order=2)),
            ("strange", PanelSpec("nothing", "Nichts", lambda: None, order=3)),
            ("good", PanelSpec("fine", "Gut", lambda: QLineEdit("works"), order=4)),
        )
    )
    qtbot.waitUntil(lambda: window.findChild(QLineEdit) is not None)
    assert program.failed_panels == [
        ("broken", "RuntimeError: <b>no driver</b>"),
        ("leaving", "SystemExit: 3"),
        ("nothing", "TypeError: the factory returned NoneType, not a widget"),
    ]
    first = window.panels.frames[0]
    assert "„Statistik“ kann nicht angezeigt werden" in texts(first)
    assert "Die Erweiterung „bad“" in texts(first)
    assert "RuntimeError: <b>no driver</b>" in texts(first)
    plain = Qt.TextFormat.PlainText
    assert all(label.textFormat() == plain for label in first.findChildren(QLabel) if label.text())


def test_the_lights_follow_the_health_checks(qtbot, open_window, program, bridge):
    told: list[object] = []
    bridge.subscribe("health", told.append)
    program.health = {"calldoc": HealthResult(True, "ok"), "sqlhk": HealthResult(False, "refused")}
    window = open_window()
    lights = window.strip.health
    qtbot.waitUntil(lambda: lights["calldoc"].text() == "CallDoc erreichbar")
    assert lights["sqlhk"].text().startswith("SQLHK nicht erreichbar seit ")
    assert lights["sqlhk"].accessibleName() == lights["sqlhk"].text()
    qtbot.waitUntil(lambda: len(told) == 1)

    program.health = {name: HealthResult(True, "ok") for name in ("calldoc", "sqlhk")}
    action(window, "Verbindungen prüfen").trigger()
    qtbot.waitUntil(lambda: lights["sqlhk"].text() == "SQLHK erreichbar")
    dialog = window.findChild(ConnectionsDialog)
    assert dialog.summary.text() == "Alle Verbindungen sind in Ordnung."
    assert dialog.table.item(1, 0).text() == "SQLHK erreichbar"


def test_the_connections_are_told_in_german_and_the_technical_words_stay(
    qtbot, open_window, program
):
    long = "CallDoc ist nicht erreichbar. Kurz warten; bleibt es so, die IT verständigen. " * 2
    program.health = {
        "calldoc": HealthResult(False, "not reachable", long),
        "sqlhk": HealthResult(True, "reachable"),
    }
    window = open_window()
    action(window, "Verbindungen prüfen").trigger()
    dialog = window.findChild(ConnectionsDialog)
    qtbot.waitUntil(lambda: dialog.summary.text() == "1 von 2 Verbindungen ist gestört.")
    table = dialog.table
    shown = [[table.item(row, column).text() for column in (1, 2)] for row in (0, 1)]
    assert shown == [[long, "not reachable"], ["In Ordnung.", "reachable"]]
    dialog.resize(dialog.fontMetrics().height() * 40, 400)
    qtbot.waitUntil(lambda: table.rowHeight(0) > 2 * table.fontMetrics().height())  # all of it
    assert table.horizontalScrollBar().maximum() == 0
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(ConnectionsDialog) is None)


def test_lights_wait_for_a_hanging_check_and_the_window_does_not(qtbot, open_window):
    answer = threading.Event()

    def check() -> dict[str, HealthResult]:
        answer.wait(10)
        return {"calldoc": HealthResult(True, "ok")}

    window = open_window(check_health=check)
    assert window.strip.health["calldoc"].text() == "CallDoc wird geprüft"
    answer.set()
    qtbot.waitUntil(lambda: window.strip.health["calldoc"].text() == "CallDoc erreichbar")


def test_a_raising_check_does_not_end_the_checking(qtbot, open_window, caplog):
    answers = [RuntimeError("no"), {"calldoc": HealthResult(True, "ok")}]

    def check() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    window = open_window(check_health=check)
    qtbot.waitUntil(lambda: len(answers) == 1)
    qtbot.waitUntil(lambda: "could not be asked" in caplog.text)
    qtbot.wait(1)
    action(window, "Verbindungen prüfen").trigger()
    qtbot.waitUntil(lambda: window.strip.health["calldoc"].text() == "CallDoc erreichbar")


def test_the_task_light_follows_the_news_of_tasks(qtbot, open_window, program, bridge):
    window = open_window()
    assert window.strip.tasks.text() == "Kein Abgleich läuft"
    program.active = 3
    for _ in range(50):
        bridge.emit("task_changed", PICTURE)
    qtbot.waitUntil(lambda: window.strip.tasks.text() == "3 Abgleiche laufen")


def test_the_api_can_be_stopped_and_started(qtbot, open_window, program):
    window = open_window()
    start, stop = action(window, "Starten"), action(window, "Stoppen")
    assert not start.isEnabled()
    stop.trigger()
    assert not stop.isEnabled()
    qtbot.waitUntil(lambda: window.strip.api.text() == "API gestoppt")
    assert not action(window, "Adresse kopieren").isEnabled()
    start.trigger()
    qtbot.waitUntil(lambda: window.strip.api.text() == "API läuft auf 127.0.0.1:5555")
    qtbot.waitUntil(stop.isEnabled)


def test_a_taken_port_is_said_in_the_window(qtbot, open_window, program):
    program.api.status = ApiStatus.PORT_IN_USE
    window = open_window()
    assert window.strip.api.text() == "API: Port 5555 belegt"
    assert "Port 5555" in window.strip.api.accessibleDescription()
    assert action(window, "Starten").isEnabled()


def test_a_switch_that_raises_is_said_and_the_menu_works_again(qtbot, open_window, program):
    window = open_window()

    def broken() -> None:
        raise OSError("no")

    program.api.stop = broken
    action(window, "Stoppen").trigger()
    qtbot.waitUntil(lambda: "Fehler" in window.strip.message())
    assert action(window, "Stoppen").isEnabled()


def test_the_address_goes_to_the_clipboard(open_window):
    window = open_window()
    action(window, "Adresse kopieren").trigger()
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:5555"
    assert window.strip.message() == "Kopiert: http://127.0.0.1:5555"
    assert window.strip.api.isVisible()


def test_hiding_names_is_told_to_panels(qtbot, open_window, bridge):
    names = NamesSwitch(bridge)
    told: list[bool] = []
    bridge.subscribe("names_hidden", told.append)
    window = open_window(names_hidden=names)
    switch = action(window, "Namen verbergen")
    assert switch.isCheckable()
    assert not switch.isChecked()
    assert not switch.shortcut().isEmpty()
    switch.trigger()
    assert names.hidden
    switch.trigger()
    assert not names.hidden
    qtbot.waitUntil(lambda: told == [True, False])


def test_a_hidden_start_is_shown_in_menu_and_strip(open_window, bridge):
    window = open_window(names_hidden=NamesSwitch(bridge, hidden=True))
    switch = action(window, "Namen verbergen")
    assert switch.isChecked()
    assert window.strip.names.isVisible()
    assert window.strip.names.text() == "Namen verborgen"
    switch.trigger()
    assert not window.strip.names.isVisible()
    switch.trigger()
    assert window.strip.names.isVisible()


def test_an_api_that_starts_is_not_told_as_stopped(qtbot, open_window, program):
    opened = threading.Event()
    program.api.status = ApiStatus.STOPPED
    window = open_window()
    assert window.strip.api.text() == "API gestoppt"
    program.api.start = lambda: opened.wait(10) and SwitchedApi.start(program.api)
    action(window, "Starten").trigger()
    assert window.strip.api.text() == "API startet …"
    qtbot.wait(1200)  # the window looks once a second
    assert window.strip.api.text() == "API startet …"
    opened.set()
    qtbot.waitUntil(lambda: window.strip.api.text() == "API läuft auf 127.0.0.1:5555")


def test_the_first_thing_seen_of_the_api_is_how_it_is(open_window, program):
    window = open_window()
    window.hide()
    program.api.status = ApiStatus.PORT_IN_USE
    window._look.stop()  # as before the window was shown for the first time
    window.show()
    assert window.strip.api.text() == "API: Port 5555 belegt"


def test_the_demo_says_so_and_the_real_program_does_not(open_window):
    demo = open_window(demo=True)
    ribbon = demo.findChild(QToolBar, "ribbon")
    assert ribbon.isVisible()
    assert "DEMO" in texts(ribbon)
    assert "DEMO" in demo.windowTitle()
    assert demo.createPopupMenu() is None
    real = open_window()
    assert real.findChild(QToolBar, "ribbon") is None
    assert "DEMO" not in real.windowTitle()


def test_mnemonics_are_unique_in_every_menu(open_window):
    panels = tuple((str(n), PanelSpec(f"p{n}", f"A & B {n}", QWidget)) for n in range(12))
    window = open_window(panels=panels)
    bar = window.menuBar()
    for entries in [bar.actions(), *(menu.actions() for menu in bar.findChildren(QMenu))]:
        keys = [mnemonic(entry.text()) for entry in entries]
        keys = [key for key in keys if key]
        assert len(keys) == len(set(keys))
    assert [mnemonic(entry.text()) for entry in bar.actions()] == ["d", "a", "p", "e", "h"]
    shortcuts = [a.shortcut().toString() for a in window.findChildren(QAction)]
    shortcuts = [shortcut for shortcut in shortcuts if shortcut]
    assert len(shortcuts) == len(set(shortcuts))


def mnemonic(text: str) -> str:
    bare = text.replace("&&", "")
    return bare[bare.index("&") + 1].lower() if "&" in bare else ""


def test_lights_take_more_lines_rather_than_cut_words(qtbot, open_window):
    window = open_window()
    lights = [window.strip.api, *window.strip.health.values(), window.strip.tasks]

    def settled(lines: int) -> bool:
        lowest = max(light.geometry().bottom() for light in lights)
        return (
            len({light.y() for light in lights}) == lines
            and all(light.width() >= light.sizeHint().width() for light in lights)
            and lowest < window.strip.height() < lowest + 2 * window.fontMetrics().height()
        )

    for width, lines in ((1600, 1), (window.minimumWidth(), 2), (1600, 1)):
        window.resize(width, 600)
        qtbot.waitUntil(lambda lines=lines: settled(lines))


def test_the_window_comes_back_to_the_front(qtbot, open_window):
    window = open_window()
    window.showMinimized()
    window.bring_to_front()
    assert window.isVisible()
    assert not window.isMinimized()
