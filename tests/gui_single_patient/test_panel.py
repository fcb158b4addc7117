from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAbstractButton, QApplication, QLabel, QTableView, QWidget

from plugins.single_patient.panel.controller import Order, Purpose
from plugins.single_patient.panel.panel import SinglePatientPanel, create_panel
from plugins.single_patient.panel.preview import Preview
from plugins.single_patient.panel.preview_words import looked_heading, written_heading
from plugins.single_patient.panel.result_texts import MASK, advice_for
from plugins.single_patient.panel.task_columns import Column
from plugins.single_patient.panel.task_facts import Mark, Result
from sync_core.errors import (
    CallDocUnavailableError,
    PatientMismatchError,
    PlanChangedError,
    Refusal,
)
from sync_core.task_model import TaskOutcome, TaskSource, TaskStatus, TaskWarning
from tests.clock import PATIENCE
from tests.gui_single_patient.house import KIND, TOKEN, write_or_look
from tests.gui_single_patient.samples import (
    body,
    completed,
    failed,
    mismatched,
    pending,
    request,
    running,
)


def ask_preview(panel, qtbot, piz: str = "1234567") -> None:
    panel.form.piz.setText(piz)
    with qtbot.waitSignal(panel.controller.starting):
        qtbot.keyClick(panel.form.piz, Qt.Key_Return)


def wait_ended(panel, qtbot) -> None:
    qtbot.waitUntil(lambda: shown(panel).status.ended)


def shown(panel):
    view = panel.preview._view
    return view if view is not None else pending()


def fresh_preview(panel, qtbot) -> None:
    ask_preview(panel, qtbot)
    wait_ended(panel, qtbot)


def put(house, panel, qtbot, *views) -> None:
    for view in views:
        house.bridge.emit("task_changed", view)
    qtbot.waitUntil(lambda: panel.model.task(views[-1].task_id) == views[-1])


def test_enter_starts_a_dry_run_from_the_window(panel, house, qtbot) -> None:
    panel.form.birth_date.setText("31.01.1950")
    fresh_preview(panel, qtbot)
    assert house.requests == [
        {
            "piz": "1234567",
            "date": "2025-10-06",
            "appointment_type_id": 24,
            "expected_birth_date": "1950-01-31",
            "dry_run": True,
        }
    ]
    (view,) = house.tasks.ended(kind="single_patient")
    assert view.source == TaskSource("window")


def test_the_preview_shows_the_person_above_the_button_and_every_field(panel, qtbot) -> None:
    panel.form.birth_date.setText("31.01.1950")
    fresh_preview(panel, qtbot)
    preview = panel.preview
    assert preview.name.text() == "Mustermann, Max"
    assert preview.birth.text() == "geb. 31.01.1950"
    assert preview.name.font().pointSizeF() > preview.outcome.font().pointSizeF() * 1.4
    place = preview.mapToGlobal(preview.rect().topLeft())
    assert preview.name.mapToGlobal(place).y() < preview.apply_button.mapToGlobal(place).y()
    fields = [preview.changes.item(row, 0).text() for row in range(preview.changes.rowCount())]
    assert fields[0] == "Untersuchung: neue Zeile"
    assert "Herzkatheterlabor" in fields
    assert len(fields) == 11
    assert preview.apply_button.isEnabled()


def test_without_a_birth_date_the_preview_says_so(panel, qtbot) -> None:
    fresh_preview(panel, qtbot)
    assert panel.preview.birth.text() == "Geburtsdatum nicht bekannt"


def test_the_birth_date_of_the_result_is_preferred(panel, house, qtbot) -> None:
    def script(context, asked):
        known = body("would_create", dry_run=True)
        known["patient"]["birth_date"] = "1950-01-31"
        return TaskOutcome("", known)

    house.script = script
    fresh_preview(panel, qtbot)
    assert panel.preview.birth.text() == "geb. 31.01.1950"


def test_apply_sends_the_plan_token_and_shows_what_was_written(panel, house, qtbot) -> None:
    fresh_preview(panel, qtbot)
    qtbot.waitUntil(panel.preview.apply_button.is_settled)
    qtbot.mouseClick(panel.preview.apply_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: len(house.requests) == 2)
    wait_ended(panel, qtbot)
    applied = house.requests[1]
    assert applied["plan_token"] == TOKEN
    assert not applied.get("dry_run")
    assert applied["piz"] == "1234567"
    assert panel.preview.title.text() == "Angelegt"
    assert panel.preview.outcome.text() == (
        "Patient ist in SQLHK vorhanden. 2 Termine: 1 angelegt, 1 übersprungen."
    )
    assert not panel.preview.apply_button.isVisible()


def test_nothing_to_do_offers_nothing(panel, house, qtbot) -> None:
    house.script = lambda context, asked: TaskOutcome("", body("unchanged", dry_run=True))
    fresh_preview(panel, qtbot)
    assert "Alles ist bereits eingetragen." in panel.preview.outcome.text()
    assert not panel.preview.apply_button.isVisible()


def test_changed_input_forbids_applying_until_it_is_changed_back(panel, qtbot) -> None:
    fresh_preview(panel, qtbot)
    panel.form.piz.setText("7654321")
    assert not panel.preview.apply_button.isEnabled()
    assert "Eingaben" in panel.preview.reason.text()
    panel.form.piz.setText("123 4567")
    assert panel.preview.apply_button.isEnabled()
    assert not panel.preview.reason.isVisible()


def test_input_changed_while_the_preview_runs_forbids_applying_too(panel, house, qtbot) -> None:
    go = threading.Event()

    def script(context, asked):
        assert go.wait(PATIENCE)
        return write_or_look(context, asked)

    house.script = script
    ask_preview(panel, qtbot)
    panel.form.piz.setText("7654321")
    go.set()
    wait_ended(panel, qtbot)
    assert not panel.preview.apply_button.isEnabled()


def test_an_old_preview_cannot_be_applied(panel, house, qtbot) -> None:
    fresh_preview(panel, qtbot)
    order, view = panel.preview._order, panel.preview._view
    old = Preview(names_hidden=False, max_age_ms=1)
    qtbot.addWidget(old)
    old.show_task(order, view)
    qtbot.waitUntil(lambda: not old.apply_button.isEnabled())
    assert "älter als 5 Minuten" in old.reason.text()


def test_a_failed_preview_shows_the_error_and_what_to_do(panel, house, qtbot) -> None:
    def script(context, asked):
        raise CallDocUnavailableError

    house.script = script
    fresh_preview(panel, qtbot)
    assert "CallDoc ist nicht erreichbar" in panel.preview.error.text()
    assert advice_for("calldoc_unavailable") in panel.preview.advice.text()
    assert not panel.preview.apply_button.isVisible()


def test_a_plan_that_no_longer_holds_is_told(panel, house, qtbot) -> None:
    def script(context, asked):
        if asked.get("plan_token"):
            raise PlanChangedError
        return write_or_look(context, asked)

    house.script = script
    fresh_preview(panel, qtbot)
    panel.preview.apply_button.click()
    qtbot.waitUntil(lambda: shown(panel).error_code == "plan_changed")
    assert advice_for("plan_changed") in panel.preview.advice.text()


def test_warnings_are_shown(panel, house, qtbot) -> None:
    note = TaskWarning("default_used", "Vorgabe <b>eingesetzt</b>")
    house.script = lambda context, asked: TaskOutcome(
        "", body("would_create", dry_run=True), warnings=(note,)
    )
    fresh_preview(panel, qtbot)
    assert "Vorgabe <b>eingesetzt</b>" in panel.preview.warnings.text()


def test_progress_is_shown_and_can_be_cancelled(panel, house, qtbot) -> None:
    def script(context, asked):
        context.progress("calldoc", 40, "CallDoc wird gefragt")
        stop = threading.Event()
        with context.control.abortable(stop.set):
            stop.wait(5)
        context.control.check()
        raise AssertionError("not stopped")

    house.script = script
    ask_preview(panel, qtbot)
    qtbot.waitUntil(lambda: panel.preview.progress.value() == 40)
    cell = panel.table.view.model().index(0, Column.PROGRESS)
    assert cell.data(Qt.AccessibleTextRole).endswith("40 %")
    qtbot.waitUntil(panel.preview.cancel_button.is_settled)
    qtbot.mouseClick(panel.preview.cancel_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: shown(panel).status is TaskStatus.CANCELLED)
    qtbot.waitUntil(lambda: "abgebrochen" in panel.message.text())
    assert "Abgebrochen" in panel.preview.outcome.text()


def test_a_second_enter_does_not_start_the_same_preview_twice(panel, house, qtbot) -> None:
    go = threading.Event()
    house.script = lambda context, asked: (go.wait(PATIENCE), write_or_look(context, asked))[1]
    ask_preview(panel, qtbot)
    qtbot.keyClick(panel.form.piz, Qt.Key_Return)
    qtbot.waitUntil(panel.preview.cancel_button.isVisible)
    qtbot.keyClick(panel.form.piz, Qt.Key_Return)
    go.set()
    wait_ended(panel, qtbot)
    assert len(house.requests) == 1


def test_discard_puts_the_preview_away(panel, qtbot) -> None:
    fresh_preview(panel, qtbot)
    panel.preview.discard_button.click()
    assert not panel.preview.name.isVisible()
    assert not panel.preview.apply_button.isVisible()


def test_synchronise_writes_at_once(panel, house, qtbot) -> None:
    panel.form.piz.setText("42")
    qtbot.mouseClick(panel.form.sync_button, Qt.LeftButton)
    wait_ended(panel, qtbot)
    assert house.requests == [{"piz": "42", "date": "2025-10-06", "appointment_type_id": 24}]


def test_refusals_are_explained(panel, house, qtbot) -> None:
    house.refusal = Refusal("queue_full", "Too many tasks wait", retry_after=5)
    ask_preview(panel, qtbot)
    qtbot.waitUntil(panel.preview.error.isVisible)
    assert "zu viele Abgleiche" in panel.preview.error.text()
    assert "5 Sekunden" in panel.preview.advice.text()
    assert not panel.preview.progress.isVisible()


def test_a_running_sync_in_the_way_is_chosen_in_the_table(panel, house, qtbot) -> None:
    other = running(pending(5))
    put(house, panel, qtbot, other)
    house.refusal = Refusal("already_running", "…", members={"task_id": other.task_id})
    panel.form.piz.setText("1000005")
    panel.form.sync_button.click()
    qtbot.waitUntil(lambda: panel.details.shown_id() == other.task_id)


def test_our_own_fault_is_told_as_such(panel, house, qtbot, caplog) -> None:
    house.fault = RuntimeError("Max Mustermann")
    ask_preview(panel, qtbot)
    qtbot.waitUntil(panel.preview.error.isVisible)
    assert "Fehler im Programm" in panel.preview.error.text()
    assert "Mustermann" not in panel.preview.error.text()
    assert "could not start a task" in caplog.text


def test_an_invalid_request_marks_its_field(panel, house, qtbot) -> None:
    view = failed(pending(request=request(appointment_type_id=24)))
    panel.form.piz.setText("1")
    panel.controller.retry(replace(view, request={**view.request, "piz": 5}))
    qtbot.waitUntil(lambda: panel.form.piz.property("invalid") is True)
    assert "nicht angenommen" in panel.preview.error.text()


def test_the_api_s_tasks_appear_with_their_source(panel, house, qtbot) -> None:
    put(house, panel, qtbot, completed(pending(1)))
    assert panel.model.index(0, Column.SOURCE).data() == "API 127.0.0.1"


def test_tasks_that_ended_before_the_panel_opened_are_there(house, qtbot) -> None:
    def every_third_fails(context, asked):
        if int(asked["piz"]) % 3 == 0:
            raise CallDocUnavailableError
        return write_or_look(context, asked)

    house.script = every_third_fails
    news = []
    house.bridge.subscribe("task_changed", news.append)
    for number in range(30):
        asked = {"piz": str(number), "date": "2025-10-06", "appointment_type_id": 24}
        house.run(KIND, asked)
    qtbot.waitUntil(lambda: sum(view.status.ended for view in news) == 30)
    panel = SinglePatientPanel(house.context(), now=lambda: news[-1].created_at)
    qtbot.addWidget(panel)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 30)
    qtbot.waitUntil(lambda: panel.errors.model.rowCount() == 10)
    assert panel.tabs.tabText(1) == "Fehlerliste (10)"  # nobody has seen them yet
    assert panel.counters.text_of("angelegt") == "20"
    assert panel.counters.text_of("fehlgeschlagen") == "10"


def test_details_show_mismatch_advice_and_ids(panel, house, qtbot) -> None:
    view = mismatched(pending(3))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    details = panel.details
    assert "Geburtsdaten stimmen nicht" in details.error.text()
    assert advice_for("patient_mismatch") in details.advice.text()
    assert [(where.text(), born.text()) for where, born in details.mismatch][1:3] == [
        ("Patient in CallDoc", "31.01.1950"),
        ("Patient in SQLHK", "31.01.1951"),
    ]
    assert details.facts["Anfragenummer"].text() == "req-3"
    assert details.facts["Aufgabe"].text() == view.task_id
    assert details.ledger.item(0, 3).text() == "Geburtsdaten verschieden"


def test_details_show_what_was_written_and_the_times(panel, house, qtbot) -> None:
    view = completed(pending(3))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    assert panel.details.changes.rowCount() == 11
    assert panel.details.times.item(1, 1).text() == "2,1 s"
    assert not panel.details.retry_button.isEnabled()
    assert not panel.details.cancel_button.isEnabled()


def test_details_follow_a_running_task_and_can_cancel_it(panel, house, qtbot) -> None:
    view = pending(3)
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    assert panel.details.cancel_button.isEnabled()
    panel.details.cancel_button.click()  # the registry does not know this one
    qtbot.waitUntil(lambda: "schon beendet" in panel.message.text())
    put(house, panel, qtbot, replace(failed(view, "outcome_unknown"), resolution="written"))
    assert "Es wurde geschrieben" in panel.details.advice.text()
    assert panel.details.retry_button.isEnabled()


def test_retry_repeats_what_may_be_repeated(panel, house, qtbot) -> None:
    view = failed(pending(request=request("77", plan_token="plan-1")))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    panel.details.retry_button.click()
    wait_ended(panel, qtbot)
    assert house.requests[0] == {
        "piz": "77",
        "date": "2025-10-06",
        "appointment_type_id": 24,
        "plan_token": "plan-1",
    }
    assert panel.form.piz.text() == "77"


def test_retry_of_what_must_be_looked_at_is_a_preview(panel, house, qtbot) -> None:
    view = failed(
        pending(request=request("77", plan_token="old")), "plan_changed", safe_to_retry=False
    )
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    panel.details.retry_button.click()
    wait_ended(panel, qtbot)
    assert house.requests[0]["dry_run"] is True
    assert "plan_token" not in house.requests[0]
    assert panel.preview.apply_button.isEnabled()


def test_the_status_address_is_copied(panel, house, qtbot) -> None:
    view = completed(pending(3))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    panel.details.copy_button.click()
    address = f"{house.context().api_url()}/api/sync/status/{view.task_id}"
    assert QApplication.clipboard().text() == address


def test_the_status_is_saved_as_json(panel, house, qtbot, tmp_path) -> None:
    view = completed(pending(3))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    panel.details.save_button.click()
    path = tmp_path / f"{view.task_id}.json"
    qtbot.waitUntil(lambda: "Gespeichert" in panel.message.text())
    assert json.loads(path.read_text("utf-8"))["patient"]["name"] == "Mustermann"
    assert [file.name for file in tmp_path.glob("*.part")] == []


def test_a_folder_that_is_gone_is_told(panel, house, qtbot, tmp_path) -> None:
    panel._exports._ask_file = lambda *_args: str(tmp_path / "gone" / "x.csv")
    put(house, panel, qtbot, failed(pending(3)))
    panel.errors.export_button.click()
    qtbot.waitUntil(lambda: panel.message.text() != "")
    assert panel.message.text() == "Nicht gespeichert: der Ordner ist nicht mehr da."


def test_the_error_log_counts_unread_on_its_tab_and_exports(panel, house, qtbot, tmp_path) -> None:
    put(house, panel, qtbot, *(failed(pending(number)) for number in range(3)))
    assert panel.tabs.tabText(1) == "Fehlerliste (3)"
    known = replace(failed(pending(2)), resolution="not_written")
    put(house, panel, qtbot, known)
    assert panel.tabs.tabText(1) == "Fehlerliste (3)"
    panel.tabs.setCurrentIndex(1)
    assert panel.tabs.tabText(1) == "Fehlerliste"
    model = panel.errors.model
    assert model.index(0, 4).data() == advice_for("calldoc_unavailable")
    assert model.index(0, 0).data().startswith("● ")
    panel.errors.export_button.click()
    path = tmp_path / "fehlerliste_2025-10-06.csv"
    qtbot.waitUntil(path.exists)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfZeit;PIZ;")
    assert path.stat().st_mode & 0o077 == 0
    panel.tabs.setCurrentIndex(0)
    assert not model.index(0, 0).data().startswith("● ")
    put(house, panel, qtbot, failed(pending(8)))
    assert panel.tabs.tabText(1) == "Fehlerliste (1)"


def test_nobody_sees_the_error_log_while_another_panel_is_in_front(panel, house, qtbot) -> None:
    panel.tabs.setCurrentIndex(1)
    panel.hide()  # as the window does with a panel whose tab is left
    put(house, panel, qtbot, failed(pending(1)))
    assert panel.tabs.tabText(1) == "Fehlerliste (1)"
    assert panel._seen_until is None
    panel.show()
    assert panel.tabs.tabText(1) == "Fehlerliste"
    assert panel._seen_until is not None
    assert panel.errors.model.index(0, 0).data().startswith("● ")


def test_an_entry_of_the_error_log_leads_to_its_details(panel, house, qtbot) -> None:
    put(house, panel, qtbot, failed(pending(1)), failed(pending(2)))
    panel.table.text.setText("nothing holds this")
    panel.tabs.setCurrentIndex(1)
    panel.errors.table.activated.emit(panel.errors.model.index(1, 0))
    assert panel.tabs.currentIndex() == 0
    assert panel.details.shown_id() == pending(1).task_id


def test_the_error_log_keeps_qts_rules(qtmodeltester, panel, house, qtbot) -> None:
    qtmodeltester.check(panel.errors.model, force_py=True)
    put(house, panel, qtbot, *(failed(pending(number)) for number in range(4)))
    panel.errors.load([failed(pending(20)), completed(pending(21))], None)
    assert panel.errors.model.rowCount() == 5


def test_counters_follow(panel, house, qtbot) -> None:
    put(house, panel, qtbot, completed(pending(1)), completed(pending(2), "updated"))
    put(house, panel, qtbot, completed(pending(3), "unchanged"), failed(pending(4)))
    qtbot.waitUntil(lambda: panel.counters.text_of("fehlgeschlagen") == "1")
    assert [panel.counters.text_of(name) for name in ("angelegt", "aktualisiert")] == ["1", "1"]
    assert panel.counters.text_of("unverändert") == "1"
    assert panel.counters.text_of("mittlere Dauer") == "2,4 s"


def texts_on(widget: QWidget) -> str:
    parts = [label.text() for label in widget.findChildren(QLabel)]
    for table in widget.findChildren(QTableView):
        model = table.model()
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                index = model.index(row, column)
                parts += [str(index.data()), str(index.data(Qt.ToolTipRole))]
    return "\n".join(parts)


def test_hidden_names_appear_nowhere(panel, house, qtbot) -> None:
    fresh_preview(panel, qtbot)
    view = mismatched(pending(3))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    assert "Mustermann" in texts_on(panel)
    house.names.switch(True)
    qtbot.waitUntil(lambda: panel.preview.name.text() == MASK)
    assert "Mustermann" not in texts_on(panel)
    house.names.switch(False)
    qtbot.waitUntil(lambda: "Mustermann" in panel.preview.name.text())


def test_names_can_be_hidden_from_the_start(house, qtbot) -> None:
    house.names.switch(True)
    panel = create_panel(house.context())
    qtbot.addWidget(panel)
    put(house, panel, qtbot, completed(pending(1)))
    assert panel.model.index(0, Column.PATIENT).data() == MASK


def test_foreign_text_is_plain_text_everywhere(panel, house, qtbot) -> None:
    evil = "<img src=x><b>fett</b>"
    view = completed(pending(1), body=body("created", name=evil))
    put(house, panel, qtbot, view)
    panel.table.choose(view.task_id)
    assert all(
        label.textFormat() == Qt.PlainText
        for label in panel.findChildren(QLabel)
        if label.text() and label.objectName() != "qt_spinbox_lineedit"
    )
    assert evil in panel.details.facts["Patient"].text()


def test_a_panel_that_is_gone_gets_nothing_any_more(house, qtbot, caplog) -> None:
    panel = create_panel(house.context())
    panel.deleteLater()
    with qtbot.waitSignal(panel.destroyed):
        pass
    house.bridge.emit("task_changed", completed(pending(1)))
    house.bridge.emit("names_hidden", True)
    done = []
    house.bridge.in_background(lambda: 1, done.append)
    qtbot.waitUntil(lambda: done == [1])
    assert caplog.records == []


def test_mnemonics_are_unique_and_controls_have_names(panel) -> None:
    texts = [button.text() for button in panel.findChildren(QAbstractButton)]
    texts += [label.text() for label in panel.findChildren(QLabel) if label.buddy()]
    letters = [text[text.index("&") + 1].upper() for text in texts if "&" in text]
    assert len(letters) == len(set(letters)), letters
    for table in panel.findChildren(QTableView):
        if table.objectName() != "qt_calendar_calendarview":
            assert table.accessibleName()
    for field in (panel.form.piz, panel.form.birth_date, panel.table.text, panel.table.state):
        assert field.accessibleName()


@pytest.mark.parametrize("error", [PatientMismatchError, CallDocUnavailableError])
def test_every_failure_of_the_window_reaches_the_log(panel, house, qtbot, error) -> None:
    """One of a preview stood beside the form already, so it is no news; one of a sync is."""

    def script(context, asked):
        raise error

    house.script = script
    fresh_preview(panel, qtbot)
    assert panel.tabs.tabText(1) == "Fehlerliste"
    assert not panel.errors.model.index(0, 0).data().startswith("●")
    assert panel.errors.model.index(0, 3).data().endswith(" (Vorschau)")
    panel.form.sync_button.click()
    qtbot.waitUntil(lambda: panel.errors.model.rowCount() == 2)
    assert panel.tabs.tabText(1) == "Fehlerliste (1)"
    assert panel.errors.model.index(0, 0).data().startswith("●")


def test_a_preview_that_somebody_else_asked_for_is_news(panel, house, qtbot) -> None:
    asked = request("1000001", dry_run=True)
    put(house, panel, qtbot, failed(pending(1, request=asked)))
    assert panel.tabs.tabText(1) == "Fehlerliste (1)"


def test_the_heading_tells_whether_something_was_written(panel, house, qtbot) -> None:
    fresh_preview(panel, qtbot)
    preview = panel.preview
    assert (preview.title.text(), preview.discard_button.text()) == ("Vorschau", "Ver&werfen")
    preview.apply_button.click()
    qtbot.waitUntil(lambda: len(house.requests) == 2)
    wait_ended(panel, qtbot)
    assert (preview.title.text(), preview.discard_button.text()) == ("Angelegt", "Sch&ließen")
    assert preview.mark.isVisible()
    assert preview.discard_button.accessibleName() == "Schließen"


def test_the_heading_tells_that_nothing_was_written(panel, house, qtbot) -> None:
    def script(context, asked):
        raise CallDocUnavailableError("down")

    house.script = script
    panel.form.piz.setText("42")
    panel.form.sync_button.click()
    wait_ended(panel, qtbot)
    assert panel.preview.title.text() == "Nicht übertragen"


def test_the_heading_fits_the_end() -> None:
    view, unknown = pending(), failed(pending(), "outcome_unknown")
    assert written_heading(None) == Result(Mark.RUNNING, "Wird übertragen …")
    assert written_heading(completed(view)) == Result(Mark.DONE, "Angelegt")
    assert written_heading(completed(view, "unchanged")) == Result(Mark.SAME, "Unverändert")
    assert written_heading(failed(view)) == Result(Mark.FAILED, "Nicht übertragen")
    assert written_heading(unknown) == Result(Mark.UNKNOWN, "Ausgang noch offen")
    resolved = written_heading(replace(unknown, resolution="written"))
    assert resolved == Result(Mark.DONE, "Übertragen")
    not_written = replace(unknown, resolution="not_written")
    assert written_heading(not_written) == Result(Mark.FAILED, "Nicht übertragen")


def test_the_heading_of_a_preview_fits_its_end() -> None:
    view = pending(request=request(dry_run=True))
    assert looked_heading(running(view)) == Result(Mark.RUNNING, "Vorschau")
    planned = completed(view, body=body("would_create", dry_run=True))
    assert looked_heading(planned) == Result(Mark.LOOKED, "Vorschau")
    same = completed(view, body=body("unchanged", dry_run=True))
    assert looked_heading(same) == Result(Mark.LOOKED, "Vorschau: unverändert")
    assert looked_heading(mismatched(view)) == Result(Mark.FAILED, "Vorschau")


def test_a_refused_order_can_be_put_away(panel, house, qtbot) -> None:
    house.refusal = Refusal("shutting_down", "The program is shutting down")
    panel.form.piz.setText("42")
    panel.form.sync_button.click()
    qtbot.waitUntil(panel.preview.error.isVisible)
    assert panel.preview.title.text() == "Nicht übertragen"
    panel.preview.discard_button.click()
    assert not panel.preview.error.isVisible()


def test_a_mismatch_shows_the_birth_dates_beside_the_form(panel) -> None:
    panel.preview.show_task(Order(Purpose.PREVIEW, {}), mismatched(pending()))
    assert panel.preview.comparison.text().splitlines() == [
        "Termin in CallDoc: 31.01.1950",
        "Patient in CallDoc: 31.01.1950",
        "Patient in SQLHK: 31.01.1951",
    ]
    assert panel.preview.discard_button.text() == "Sch&ließen"


@pytest.mark.parametrize("name", ["apply_button", "discard_button"])
def test_the_number_is_ready_for_the_next_patient(panel, qtbot, name) -> None:
    panel.window().activateWindow()
    fresh_preview(panel, qtbot)
    button = getattr(panel.preview, name)
    button.setFocus()
    button.click()
    assert panel.form.piz.hasFocus()
    assert panel.form.piz.selectedText() == "1234567"


def test_retry_leaves_the_focus_in_the_table_and_says_what_it_does(panel, house, qtbot) -> None:
    panel.window().activateWindow()
    unreachable, different = failed(pending(1)), mismatched(pending(2))
    put(house, panel, qtbot, unreachable, different)
    panel.table.choose(different.task_id)
    assert "Vorschau" in panel.details.retry_button.toolTip()
    panel.table.choose(unreachable.task_id)
    button = panel.details.retry_button
    assert "sofort" in button.toolTip()
    button.setFocus()
    button.click()
    assert panel.table.view.hasFocus()


def test_a_preview_needs_no_more_height_than_its_texts(panel, qtbot) -> None:
    fresh_preview(panel, qtbot)
    tables = panel.preview.tables
    assert tables.sizeHint().height() < panel.fontMetrics().height() * 9
