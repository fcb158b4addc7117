from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from PyQt5.QtCore import QEvent, Qt, QTimer
from PyQt5.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QTableView, QWidget

from sync_core.error_catalogue import task_error
from sync_core.errors import CallDocUnavailableError, Refusal
from sync_core.task_model import TaskOutcome, TaskWarning
from sync_gui.colours import DARK, LIGHT
from sync_gui.day_panel.confirm_dialog import ConfirmDialog
from sync_gui.day_panel.panel import DayPanel, create_panel
from sync_gui.day_panel.runs_model import RESULT_COLUMN
from sync_gui.host_plugin import create_window_plugin
from sync_gui.style import apply_style
from tests.clock import PATIENCE
from tests.gui_day.house import API, WINDOW, House, carry_over
from tests.gui_day.samples import (
    NOW,
    TOMORROW,
    body,
    completed,
    failed,
    pending,
    request,
    unconfirmed,
)


def start(panel, qtbot) -> None:
    with qtbot.waitSignal(panel.controller.starting):
        qtbot.mouseClick(panel.form.start_button, Qt.LeftButton)


def wait_ended(panel, qtbot) -> None:
    def has_ended() -> bool:
        view = panel.result.view
        return view is not None and view.status.ended

    qtbot.waitUntil(has_ended)


def put(house, panel, qtbot, *views) -> None:
    for view in views:
        house.bridge.emit("task_changed", view)
    qtbot.waitUntil(lambda: panel.model.task(views[-1].task_id) == views[-1])


class Gate:
    """A script that waits half-way until it is let through or stopped."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self, context, asked):
        context.progress("write", 40, "Patient 3 von 6")
        context.keep(TaskOutcome("", body(asked["date"])))
        self.reached.set()
        while not self.open.wait(0.02):
            context.control.check()
        return carry_over(context, asked)


def delete_if_confirmed(context, asked):
    """Three of five rows would go; they go when that very number was agreed to."""
    if asked.get("confirm_delete") != 3:
        return TaskOutcome("", unconfirmed(asked["date"]))
    gone = [
        {**line, "outcome": "deleted", "code": None} if line["code"] else line
        for line in unconfirmed(asked["date"])["untersuchungen"]
    ]
    return TaskOutcome("", body(asked["date"], [], gone))


def ask_to_delete(panel, qtbot) -> None:
    qtbot.mouseClick(panel.form.tomorrow_button, Qt.LeftButton)
    panel.form.delete_obsolete.setChecked(True)
    start(panel, qtbot)


# --- starting and following ----------------------------------------------------------------------


def test_start_syncs_the_day_and_shows_what_came_of_it(panel, house, qtbot) -> None:
    start(panel, qtbot)
    wait_ended(panel, qtbot)
    assert house.requests == [
        {
            "date": "2025-10-06",
            "appointment_type_id": [24, 25],
            "delete_obsolete": False,
            "smart_status_filter": True,
        }
    ]
    (view,) = house.tasks.ended(kind="day")
    assert view.source == WINDOW
    result = panel.result
    assert result.title.text() == "Montag, 06.10.2025: übertragen, 5 auffällig"
    assert "24 Herzkatheter, 25 Ablation" in result.subtitle.text()
    assert "8 Termine" in result.summary.text()
    assert "Untersuchungen: 2\xa0angelegt, 1\xa0geändert" in result.summary.text()
    assert result.counts.table.item(0, 2).text() == "2"
    assert "angelegt: 1 Patient, 2 Untersuchungen" in result.counts.chart.accessibleDescription()
    assert result.lines.examinations.filter.rowCount() == 8
    assert panel.model.rowCount() == 1
    assert not panel.form.stop_button.isEnabled()


def test_progress_is_shown_step_by_step_and_can_be_stopped(panel, house, qtbot) -> None:
    house.script = gate = Gate()
    start(panel, qtbot)
    qtbot.waitUntil(lambda: panel.result.progress.value() == 40)
    assert gate.reached.is_set()
    assert panel.result.progress.isVisible()
    assert panel.result.step.text() == "Übertragen · Patient 3 von 6"
    assert panel.model.index(0, 3).data() == "läuft, 40 %"
    assert not panel.result.counts.isVisible()
    qtbot.mouseClick(panel.form.stop_button, Qt.LeftButton)
    wait_ended(panel, qtbot)
    assert panel.result.title.text().endswith(": angehalten")
    assert "1 Patient angelegt" in panel.result.summary.text()
    assert "Ein neuer Abgleich macht dort weiter" in panel.result.summary.text()
    assert panel.result.counts.isVisible()
    assert "angehalten" in panel.message.text() or "beendet" in panel.message.text()


def test_stopping_what_has_just_ended_says_so(panel, house, qtbot) -> None:
    panel.controller.stop("sync_nothing")
    qtbot.waitUntil(lambda: "schon beendet" in panel.message.text())


def test_start_pressed_twice_starts_once(panel, house, qtbot) -> None:
    house.script = gate = Gate()
    start(panel, qtbot)
    qtbot.mouseClick(panel.form.start_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: panel.result.view is not None)
    gate.open.set()
    wait_ended(panel, qtbot)
    assert len(house.requests) == 1


def test_a_second_start_of_a_running_day_is_refused_and_the_running_one_stays(
    panel, house, qtbot
) -> None:
    house.script = gate = Gate()
    start(panel, qtbot)
    qtbot.waitUntil(lambda: panel.result.view is not None)
    first = panel.result.view.task_id
    panel.form.smart_filter.setChecked(False)
    start(panel, qtbot)
    qtbot.waitUntil(lambda: "läuft schon ein Abgleich" in panel.message.text())
    qtbot.waitUntil(lambda: panel.result.view is not None)
    assert panel.result.view.task_id == first
    assert panel.form.stop_button.isEnabled()
    gate.open.set()
    wait_ended(panel, qtbot)


# --- tasks of others -----------------------------------------------------------------------------


def test_a_sync_begun_over_the_api_shows_up_by_itself(panel, house, qtbot) -> None:
    house.script = gate = Gate()
    house.tasks.start("day", request(), API)
    qtbot.waitUntil(lambda: panel.result.progress.value() == 40)
    assert panel.model.index(0, 2).data() == "API"
    assert panel.form.stop_button.isEnabled()
    gate.open.set()
    wait_ended(panel, qtbot)


def test_whoever_reads_is_not_torn_away_by_a_sync_of_others(panel, house, qtbot) -> None:
    start(panel, qtbot)
    wait_ended(panel, qtbot)
    mine = panel.result.view.task_id
    house.tasks.start("day", request(TOMORROW), API)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    qtbot.waitUntil(lambda: "API 127.0.0.1 hat den Abgleich" in panel.message.text())
    assert panel.result.view.task_id == mine


def test_a_running_sync_is_there_when_the_panel_opens_later(house, qtbot) -> None:
    house.script = gate = Gate()
    house.tasks.start("day", request(), API)
    assert gate.reached.wait(PATIENCE)
    late = DayPanel(house.context(), now=lambda: NOW)
    qtbot.addWidget(late)
    qtbot.waitUntil(lambda: late.result.view is not None)
    assert late.form.stop_button.isEnabled()
    gate.open.set()
    wait_ended(late, qtbot)


def test_syncs_of_earlier_runs_are_in_the_list_and_can_be_read(tmp_path, qapp, qtbot) -> None:
    earlier = House(tmp_path)
    ended = [earlier.tasks.start("day", request(f"2025-10-0{n}"), API) for n in (1, 2)]
    assert all(earlier.tasks.wait(view.task_id, 5).status.ended for view in ended)
    earlier.close()
    house = House(tmp_path)
    panel = create_panel(house.context())
    qtbot.addWidget(panel)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert panel.result.view is None  # nobody chose one
    panel.runs.choose(ended[0].task_id)
    assert panel.result.title.text().startswith("Mittwoch, 01.10.2025")
    assert panel.result.lines.examinations.filter.rowCount() == 8
    house.close()


def test_an_unreadable_journal_is_told(house, qtbot, caplog) -> None:
    house.journal.close()
    panel = DayPanel(house.context(), now=lambda: NOW)
    qtbot.addWidget(panel)
    qtbot.waitUntil(lambda: "nicht aus dem Journal" in panel.message.text())


def test_tasks_of_other_kinds_are_none_of_its_business(panel, house, qtbot) -> None:
    house.bridge.emit("task_changed", replace(pending(1), kind="other"))
    put(house, panel, qtbot, pending(2))
    assert panel.model.rowCount() == 1


# --- failures and refusals -----------------------------------------------------------------------


def test_a_failure_tells_what_to_do(panel, house, qtbot) -> None:
    def script(context, asked):
        raise CallDocUnavailableError

    house.script = script
    start(panel, qtbot)
    wait_ended(panel, qtbot)
    assert "CallDoc ist nicht erreichbar" in panel.result.error.text()
    assert task_error("calldoc_unavailable").advice_de in panel.result.advice.text()
    assert panel.result.view.request_id in panel.result.subtitle.text()
    assert not panel.result.counts.isVisible()  # there is nothing to count
    assert not panel.result.lines.isVisible()


def test_a_failure_half_way_tells_what_was_done(panel, house, qtbot) -> None:
    half = body(patients=body()["patients"][:2], examinations=[])
    put(house, panel, qtbot, failed(pending(), "sqlhk_unavailable", body=half))
    panel.runs.choose(pending().task_id)
    assert "Übertragen wurde: 1 Patient angelegt." in panel.result.summary.text()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_configured", "Einstellung"),
        ("queue_full", "warten schon"),
        ("shutting_down", "beendet"),
        ("journal_unavailable", "Journal"),
    ],
)
def test_refusals_are_told_as_sentences(panel, house, qtbot, code, words) -> None:
    house.refusal = Refusal(code, "gateway.url is missing")
    start(panel, qtbot)
    qtbot.waitUntil(lambda: words in panel.result.error.text())
    assert panel.result.advice.text().startswith("Was tun: ")
    assert panel.model.rowCount() == 0
    house.refusal = None
    start(panel, qtbot)
    wait_ended(panel, qtbot)
    assert not panel.result.error.isVisible()


def test_a_fault_of_ours_is_told_and_logged(panel, house, qtbot, caplog) -> None:
    house.fault = RuntimeError("broken")
    start(panel, qtbot)
    qtbot.waitUntil(lambda: "Ein Fehler im Programm" in panel.result.error.text())
    assert "could not start a task" in caplog.text


def test_a_request_that_the_program_does_not_take_marks_the_field(panel, qtbot) -> None:
    panel.controller.start({**request(), "appointment_type_id": "no"})
    qtbot.waitUntil(lambda: panel.form.more_types.property("invalid") is True)
    assert "nicht angenommen" in panel.result.error.text()


def test_warnings_are_shown_as_plain_text(panel, house, qtbot) -> None:
    note = TaskWarning("default_used", "Vorgabe <b>eingesetzt</b>")
    put(house, panel, qtbot, completed(pending(), warnings=(note,)))
    panel.runs.choose(pending().task_id)
    assert "Vorgabe <b>eingesetzt</b>" in panel.result.warnings.text()
    labels = panel.findChildren(QLabel)
    assert all(label.textFormat() == Qt.PlainText for label in labels if "<b>" in label.text())


def test_many_warnings_stand_together_in_a_tab_of_their_own(panel, house, qtbot) -> None:
    notes = tuple(TaskWarning("unknown_status", f"Termin {n} ist seltsam.") for n in range(5))
    put(house, panel, qtbot, completed(pending(), warnings=notes))
    panel.runs.choose(pending().task_id)
    shown = panel.result.warnings.text().splitlines()
    assert len(shown) == 3
    assert shown[-1] == "⚠ … und 3 weitere unter „Bemerkungen“."
    lines = panel.result.lines
    assert lines.tabs.tabText(2) == "Bemer&kungen (5)"
    assert lines.remarks.toPlainText().splitlines() == [note.message for note in notes]
    lines.tabs.setCurrentWidget(lines.remarks)
    assert lines.details.text() == ""


# --- deleting only what somebody agreed to -------------------------------------------------------


def test_a_deletion_is_carried_out_after_the_very_number_was_agreed_to(panel, house, qtbot) -> None:
    house.script = delete_if_confirmed
    ask_to_delete(panel, qtbot)
    qtbot.waitUntil(lambda: panel.question is not None)
    question = panel.question
    assert question.heading.text().startswith("3 von 5 Untersuchungen löschen?")
    assert "Untersuchung 9201, PIZ 7770001" in question.rows.toPlainText()
    assert question.delete_button.text() == "3 Untersuchungen &löschen"
    qtbot.mouseClick(question.delete_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: len(house.requests) == 2)
    agreed = {"confirm_delete": 3, "confirm_rows": [9200, 9201, 9202]}
    assert house.requests[1] == {**house.requests[0], **agreed}
    qtbot.waitUntil(
        lambda: "Ohne übernommenen Termin: 3\xa0gelöscht." in panel.result.summary.text(),
    )
    assert panel.question is None
    assert not panel.result.confirm_frame.isVisible()

    # The list tells the later sync's fate, and of the first one that it was taken up.
    words = [panel.model.index(row, RESULT_COLUMN).data() for row in range(2)]
    assert words == ["übertragen", "Löschen bestätigt"]
    panel.runs.table.selectRow(1)
    assert panel.result.title.text().endswith("Löschen bestätigt (neuer Abgleich)")
    assert not panel.result.confirm_frame.isVisible()
    begun = panel.model.task_at(0).created_at.astimezone()
    assert panel.result.advice.text().startswith("Das Löschen wurde bestätigt.")
    assert f"{begun:%H:%M}" in panel.result.advice.text()


def test_an_open_deletion_that_is_looked_at_learns_that_it_was_taken_up(
    panel, house, qtbot
) -> None:
    first = completed(pending(request=request(TOMORROW, delete_obsolete=True)), unconfirmed())
    put(house, panel, qtbot, first)
    panel.runs.choose(first.task_id)
    assert panel.result.confirm_frame.isVisible()
    agreed = request(TOMORROW, delete_obsolete=True, confirm_delete=3)
    put(house, panel, qtbot, completed(pending(2, request=agreed)))
    assert panel.result.view.task_id == first.task_id
    assert not panel.result.confirm_frame.isVisible()
    assert "Das Löschen wurde bestätigt" in panel.result.advice.text()


@pytest.mark.parametrize("key", [Qt.Key_Return, Qt.Key_Enter, Qt.Key_Escape])
def test_enter_and_escape_delete_nothing(panel, house, qtbot, key) -> None:
    house.script = delete_if_confirmed
    ask_to_delete(panel, qtbot)
    qtbot.waitUntil(lambda: panel.question is not None)
    assert panel.question.keep_button.isDefault()
    qtbot.keyClick(panel.question, key)
    qtbot.waitUntil(lambda: panel.question is None)
    assert panel.message.text() == "Es wurde nichts gelöscht."
    assert len(house.requests) == 1
    assert panel.result.confirm_frame.isVisible()
    qtbot.mouseClick(panel.result.confirm_button, Qt.LeftButton)
    assert panel.question is not None
    panel.question.reject()


def test_nobody_is_asked_about_a_sync_of_others_but_may_agree(panel, house, qtbot) -> None:
    house.script = delete_if_confirmed
    house.tasks.start("day", request(TOMORROW, delete_obsolete=True), API)
    wait_ended(panel, qtbot)
    assert panel.question is None
    assert panel.result.confirm_frame.isVisible()
    qtbot.mouseClick(panel.result.confirm_button, Qt.LeftButton)
    qtbot.mouseClick(panel.question.delete_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: len(house.requests) == 2)
    assert house.requests[1]["confirm_delete"] == 3
    wait_ended(panel, qtbot)


def test_the_question_waits_until_the_panel_is_looked_at(panel, house, qtbot) -> None:
    house.script = delete_if_confirmed
    ask_to_delete(panel, qtbot)
    panel.hide()
    wait_ended(panel, qtbot)
    assert panel.question is None
    panel.show()
    qtbot.waitUntil(lambda: panel.question is not None)
    panel.question.reject()


def test_on_the_day_itself_nobody_can_agree_any_more(house, qtbot) -> None:
    today = [NOW]
    panel = DayPanel(house.context(), now=lambda: today[0])
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    put(
        house,
        panel,
        qtbot,
        completed(pending(request=request(TOMORROW, delete_obsolete=True)), unconfirmed()),
    )
    panel.runs.choose(pending(request=request(TOMORROW)).task_id)
    today[0] = NOW.replace(day=7)
    qtbot.mouseClick(panel.result.confirm_button, Qt.LeftButton)
    assert panel.question is None
    assert "gelöscht wird nichts mehr" in panel.message.text()


def test_no_button_of_the_question_but_the_safe_one_takes_enter(qtbot, panel) -> None:
    view = completed(pending(request=request(TOMORROW, delete_obsolete=True)), unconfirmed())
    panel._ask(view)
    assert not panel.question.delete_button.autoDefault()
    assert isinstance(panel.question, ConfirmDialog)
    panel.question.reject()


# --- the panel as a whole ------------------------------------------------------------------------


def test_the_panel_comes_through_the_hooks_behind_the_single_patients(house, qtbot) -> None:
    plugin = create_window_plugin(house.bridge, None)
    spec = next(one for one in plugin.sync_gui_panels(house.context()) if one.id == "day")
    assert (spec.title, spec.area, spec.icon, spec.order) == (
        *("Tagesabgleich", "centre", "calendar"),
        20,
    )
    built = spec.factory()
    qtbot.addWidget(built)
    assert isinstance(built, DayPanel)
    assert built.form.day.typed().day == date(2025, 10, 6)  # the demo's day


def test_closed_while_a_sync_runs_the_panel_leaves_nothing_behind(house, qtbot) -> None:
    house.script = gate = Gate()
    panel = DayPanel(house.context(), now=lambda: NOW)
    with qtbot.waitExposed(panel):
        panel.show()
    start(panel, qtbot)
    qtbot.waitUntil(lambda: panel.result.progress.value() == 40)
    panel.controller.stop("sync_nothing")
    timers = panel.findChildren(QTimer)
    assert timers
    with qtbot.waitSignal(panel.destroyed):
        panel.close()
        panel.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.DeferredDelete)
    gate.open.set()
    (view,) = house.tasks.active() or house.tasks.ended(kind="day")
    assert house.tasks.wait(view.task_id, 5).status.ended
    told = []
    house.bridge.subscribe("done", told.append)
    house.bridge.emit("done", 1)  # delivered after all news of the task, which nobody minded
    qtbot.waitUntil(lambda: told == [1])
    assert not house.bridge._topics.get("task_changed")


def test_the_parts_stand_side_by_side_or_below_each_other_as_there_is_room(
    house, qtbot, qapp
) -> None:
    panel = DayPanel(house.context(), now=lambda: NOW)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    qtbot.addWidget(area)
    em = panel.fontMetrics().height()
    area.resize(em * 75, em * 45)
    with qtbot.waitExposed(area):
        area.show()
    qtbot.waitUntil(lambda: panel.result.geometry().isValid())

    def beside() -> bool:
        form = panel.form.mapTo(panel, panel.form.rect().topRight())
        return panel.result.mapTo(panel, panel.result.rect().topLeft()).x() > form.x()

    qtbot.waitUntil(beside)
    area.resize(em * 44, em * 28)
    qtbot.waitUntil(lambda: not beside())
    put(house, panel, qtbot, completed(pending(request=request(TOMORROW))))
    start(panel, qtbot)
    wait_ended(panel, qtbot)
    assert area.horizontalScrollBar().maximum() == 0  # everything fits in width
    assert not panel.result.title.visibleRegion().isEmpty()
    area.resize(em * 75, em * 45)
    qtbot.waitUntil(beside)


def test_no_two_controls_that_can_be_seen_share_a_key(panel, house, qtbot) -> None:
    put(
        house,
        panel,
        qtbot,
        completed(pending(request=request(TOMORROW, delete_obsolete=True)), unconfirmed()),
    )
    panel.runs.choose(pending(request=request(TOMORROW)).task_id)
    texts = [
        widget.text()
        for widget in panel.findChildren(QWidget)
        if widget.isVisible() and (isinstance(widget, QAbstractButton) or _has_buddy(widget))
    ]
    texts += [panel.result.lines.tabs.tabText(index) for index in (0, 1, 2)]
    keys = [text[text.index("&") + 1].casefold() for text in texts if "&" in text]
    assert len(keys) == 18
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set("dapehi")  # the menus' and the ribbon's


def _has_buddy(widget: QWidget) -> bool:
    return isinstance(widget, QLabel) and widget.buddy() is not None


def test_every_table_and_field_has_a_name(panel, house, qtbot) -> None:
    put(house, panel, qtbot, completed(pending()))
    panel.runs.choose(pending().task_id)
    assert all(table.accessibleName() for table in panel.result.findChildren(QTableView))
    assert all(
        widget.accessibleName()
        for widget in (panel.runs.table, panel.result.progress, panel.result.lines.text)
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_bars_are_painted_in_the_colours_of_the_theme(panel, house, qtbot, qapp, theme) -> None:
    apply_style(qapp, theme)
    try:
        put(house, panel, qtbot, completed(pending()))
        panel.runs.choose(pending().task_id)
        picture = panel.result.counts.chart.grab().toImage()
        colours = {
            picture.pixelColor(x, y).name()
            for x in range(0, picture.width(), 2)
            for y in range(0, picture.height(), 2)
        }
        assert theme["info"] in colours
    finally:
        apply_style(qapp, LIGHT)


def test_what_nobody_wanted_to_delete_is_no_warning_but_stands_in_the_lists(
    panel, house, qtbot
) -> None:
    note = TaskWarning("obsolete_not_future", "2 Untersuchungen ohne Termin bleiben.")
    left_out = [{"appointment_id": 300, "piz": "8880000", "reason": "did_not_take_place"}]
    put(
        house,
        panel,
        qtbot,
        completed(pending(), {**body(), "left_out": left_out}, warnings=(note,)),
    )
    panel.runs.choose(pending().task_id)
    assert panel.result.warnings.text() == ""
    lines = panel.result.lines
    assert lines.remarks.toPlainText() == note.message
    lines.text.setText("8880000")
    table = lines.examinations
    assert table.filter.rowCount() == 1
    table.selectRow(0)
    assert lines.details.text().startswith("Der Termin ist nicht abgeschlossen")
    assert "nicht übernommen" in panel.result.counts.table.item(5, 0).text()
