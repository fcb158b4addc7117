from __future__ import annotations

import time
from datetime import timedelta

import pytest
from PyQt5.QtCore import Qt

from plugins.single_patient.panel.result_texts import MASK
from plugins.single_patient.panel.task_columns import Column
from plugins.single_patient.panel.task_facts import StateFilter
from plugins.single_patient.panel.task_filter import TaskFilter
from plugins.single_patient.panel.task_table import TaskTable
from plugins.single_patient.panel.task_table_model import (
    PERCENT_ROLE,
    TaskTableModel,
)
from sync_core.task_model import TaskStatus
from tests.gui_single_patient.samples import (
    NOW,
    completed,
    failed,
    mismatched,
    pending,
    request,
    running,
)


def model_of(*views: object, limit: int = 10_000, hidden: bool = False) -> TaskTableModel:
    model = TaskTableModel(names_hidden=hidden, now=lambda: NOW, limit=limit)
    for view in views:
        model.put(view)
    return model


def at(second: int):
    return NOW + timedelta(seconds=second)


def ids(model: TaskTableModel) -> list[str]:
    return [model.task_at(row).request_id for row in range(model.rowCount())]


def text(model, row: int, column: Column) -> str:
    return model.index(row, column).data()


@pytest.mark.parametrize("filtered", [False, True])
def test_the_models_keep_qts_rules_while_tasks_come_and_go(qtmodeltester, qapp, filtered) -> None:
    model = model_of(limit=6)
    proxy = TaskFilter(model)
    qtmodeltester.check(proxy if filtered else model, force_py=True)
    proxy.set_text("100")
    for number in range(10):
        view = pending(number, created=at(number))
        model.put(view)
        model.put(running(view))
        if number % 3:
            model.put(completed(view))
    for number in range(10):
        model.put(failed(pending(number, created=at(number))))
    proxy.set_state(StateFilter.COMPLETED)
    model.load([completed(pending(50, created=at(50)))], {})
    assert model.rowCount() == 6
    assert proxy.rowCount() == sum(
        model.task_at(row).status is TaskStatus.COMPLETED for row in range(6)
    )


def test_running_ones_stay_on_top_then_waiting_ones_and_new_ones_come_first(qapp) -> None:
    first, second, third, fourth = (pending(n, created=at(n)) for n in (1, 2, 3, 4))
    model = model_of(running(first), completed(second), third, fourth)
    assert ids(model) == ["req-1", "req-4", "req-3", "req-2"]
    model.put(running(third))
    assert ids(model) == ["req-3", "req-1", "req-4", "req-2"]
    model.put(completed(first))
    assert ids(model) == ["req-3", "req-4", "req-2", "req-1"]
    assert [view.request_id for view in model.newest_first()] == ["req-2", "req-1"]
    model.put(completed(third))
    assert ids(model) == ["req-4", "req-3", "req-2", "req-1"]
    rows = [model.row_of(view.task_id) for view in (fourth, third, second, first)]
    assert rows == [0, 1, 2, 3]


def test_a_late_old_picture_changes_nothing(qapp) -> None:
    view = pending()
    model = model_of(completed(view), running(view), view)
    assert model.rowCount() == 1
    assert text(model, 0, Column.RESULT) == "angelegt"


def test_other_kinds_are_not_shown(qapp) -> None:
    assert model_of(pending(kind="day")).rowCount() == 0


def test_the_cells(qapp) -> None:
    model = model_of(completed(pending(1)), running(pending(2)))
    assert text(model, 0, Column.PROGRESS) == "CallDoc fragen"
    spoken = model.index(0, Column.PROGRESS).data(Qt.AccessibleTextRole)
    assert spoken == "CallDoc fragen · 30 %"
    assert model.index(0, Column.PROGRESS).data(PERCENT_ROLE) == 30
    row = [text(model, 1, column) for column in Column]
    assert row == [
        "15:00",
        "1000001",
        "Mustermann, Max",
        "06.10.2025",
        "Herzkatheter",
        "Fertig",
        "angelegt",
        "API 127.0.0.1",
        "2,4 s",
    ]
    assert model.index(1, Column.PROGRESS).data(PERCENT_ROLE) is None
    assert "06.10.2025 15:00:00" in model.index(1, Column.TIME).data(Qt.ToolTipRole)


def test_a_failure_is_its_reason_beside_the_mark(qapp) -> None:
    model = model_of(
        mismatched(pending(1)), failed(pending(2, created=at(1)), resolution="written")
    )
    assert text(model, 1, Column.RESULT) == "Geburtsdaten verschieden"
    assert text(model, 1, Column.PROGRESS) == "bis: CallDoc fragen"
    assert text(model, 0, Column.RESULT) == "Ausgang geklärt: geschrieben"
    proxy = TaskFilter(model)
    proxy.set_text("fehler")
    assert proxy.rowCount() == 1


def test_foreign_text_in_a_tooltip_is_no_markup(qapp) -> None:
    model = model_of(failed(pending(), error="<b>fett</b>"))
    assert "&lt;b&gt;" in model.index(0, Column.RESULT).data(Qt.ToolTipRole)


def test_names_are_masked_and_cannot_be_searched_for(qapp) -> None:
    model = model_of(completed(pending()))
    proxy = TaskFilter(model)
    proxy.set_text("mustermann")
    assert proxy.rowCount() == 1
    model.set_names_hidden(True)
    proxy.invalidateFilter()
    assert proxy.rowCount() == 0
    assert text(model, 0, Column.PATIENT) == MASK


def test_filter_by_words_and_state(qapp) -> None:
    model = model_of(
        completed(pending(1)),
        failed(pending(2), "timeout"),
        running(pending(3, request=request("777"))),
    )
    proxy = TaskFilter(model)
    proxy.set_text("777 läuft")
    assert proxy.rowCount() == 1
    proxy.set_text("")
    for state, number in (
        (StateFilter.ALL, 3),
        (StateFilter.ACTIVE, 1),
        (StateFilter.COMPLETED, 1),
        (StateFilter.FAILED, 1),
        (StateFilter.CANCELLED, 0),
    ):
        proxy.set_state(state)
        assert proxy.rowCount() == number, state


def test_a_filtered_row_leaves_when_its_state_no_longer_fits(qapp) -> None:
    view = pending()
    model = model_of(running(view))
    proxy = TaskFilter(model)
    proxy.set_state(StateFilter.ACTIVE)
    model.put(completed(view))
    assert proxy.rowCount() == 0


def test_the_choice_stays_with_the_task(qtbot) -> None:
    model = model_of(*(completed(pending(n, created=at(n))) for n in range(5)))
    table = TaskTable(model)
    qtbot.addWidget(table)
    chosen = []
    table.chosen.connect(chosen.append)
    wanted = pending(9, created=at(9))
    model.put(wanted)
    table.choose(wanted.task_id)
    for number in range(10, 14):
        model.put(completed(pending(number, created=at(number))))
    model.put(completed(wanted))
    rows = table.view.selectionModel().selectedRows()
    assert [index.data(256).task_id for index in rows] == [wanted.task_id]
    assert {view.task_id for view in chosen} == {wanted.task_id}


def test_ten_thousand_rows_stay_quick(qtbot) -> None:
    many = [completed(pending(n, created=at(n))) for n in range(10_000)]
    model = model_of()
    table = TaskTable(model)
    qtbot.addWidget(table)
    table.resize(900, 500)
    table.show()
    begin = time.process_time()
    model.load(many, {})
    loaded = time.process_time() - begin
    begin = time.process_time()
    for number in range(20_000, 20_050):
        view = pending(number, created=at(number))
        for picture in (view, running(view), running(view, "write", 70), completed(view)):
            model.put(picture)
            qtbot.wait(0)
    each = (time.process_time() - begin) / 200
    begin = time.process_time()
    table.text.setText("1000042")
    filtered = time.process_time() - begin
    assert model.rowCount() == 10_000
    assert table.filter.rowCount() == 0 or table.filter.rowCount() == 1
    print(f"load {loaded:.3f} s, each picture {each * 1000:.2f} ms, filter {filtered:.3f} s")
    assert loaded < 1.5
    assert each < 0.1
    assert filtered < 1.0
