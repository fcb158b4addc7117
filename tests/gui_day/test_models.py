from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PyQt5.QtCore import QItemSelectionModel, Qt

from sync_gui.day_panel.line_words import CHOOSE
from sync_gui.day_panel.lines import EXAMINATION_HEADINGS, examination_rows
from sync_gui.day_panel.lines_model import LinesFilter, LinesModel
from sync_gui.day_panel.lines_view import LinesView
from sync_gui.day_panel.runs_model import TASK_ROLE, RunsModel
from sync_gui.day_panel.runs_view import RunsView
from tests.gui_day.samples import (
    EXAMINATIONS,
    NOW,
    body,
    completed,
    examination,
    failed,
    pending,
    running,
)


def lines() -> LinesModel:
    model = LinesModel(EXAMINATION_HEADINGS)
    model.show_lines(examination_rows(EXAMINATIONS))
    return model


def shown(model) -> list[str]:
    return [model.index(row, 1).data() for row in range(model.rowCount())]


def ids(model: RunsModel) -> list[str]:
    return [model.task_at(row).task_id[-2:] for row in range(model.rowCount())]


def runs(*views, limit: int = 200) -> RunsModel:
    model = RunsModel(lambda: NOW, limit=limit)
    model.load(views)
    return model


def test_models_keep_qts_rules(qapp, qtmodeltester) -> None:
    model = lines()
    kept = LinesFilter(model)
    qtmodeltester.check(model)
    qtmodeltester.check(kept)
    kept.set_only_remarkable(True)
    model.show_lines(examination_rows(EXAMINATIONS[:6]))
    assert shown(kept) == ["244097"]
    listed = runs(completed(pending(1)))
    qtmodeltester.check(listed)
    first = pending(2, created=NOW + timedelta(seconds=1))
    for view in (first, running(first), completed(first), failed(pending(3))):
        listed.put(view)
    assert listed.rowCount() == 3


def test_filter_by_words_and_by_what_is_remarkable(qapp) -> None:
    kept = LinesFilter(lines())
    kept.set_words("ANGELEGT 234")
    assert shown(kept) == ["244093"]
    kept.set_words("patientennummer")
    assert shown(kept) == ["244098"]
    kept.set_words("")
    kept.set_only_remarkable(True)
    assert shown(kept) == ["244097", "244098", "244099"]


def test_numbers_are_sorted_as_numbers(qapp) -> None:
    model = LinesModel(EXAMINATION_HEADINGS)
    model.show_lines(
        examination_rows([examination(n, "1", "unchanged") for n in (100, 9, 20)])
        + examination_rows([examination(None, "1", "deleted", 7)])
    )
    kept = LinesFilter(model)
    kept.sort(1)
    assert shown(kept) == ["9", "20", "100", "–"]


def test_the_same_lines_again_leave_the_choice_alone(qtbot) -> None:
    view = LinesView()
    qtbot.addWidget(view)
    assert view.details.text() == ""
    view.show_task(completed(pending()))
    assert view.details.text() == CHOOSE
    view.examinations.selectRow(5)
    assert "Geburtsdaten" in view.details.text()
    assert "Was tun" in view.details.text()
    view.show_task(completed(pending()))
    assert view.examinations.selectionModel().selectedRows()[0].row() == 5
    view.show_task(completed(pending(), body(examinations=[])))
    assert view.details.text() == ""


def test_the_filter_holds_for_both_tables_and_says_how_much_there_is(qtbot) -> None:
    view = LinesView()
    qtbot.addWidget(view)
    view.show_task(completed(pending()))
    assert view.tabs.tabText(0) == "Untersuchunge&n (8)"
    assert view.tabs.tabText(1) == "Patienten (6)"
    assert view.only_remarkable.text() == "Nur Au&ffälliges (5)"
    qtbot.mouseClick(view.only_remarkable, Qt.LeftButton, pos=view.only_remarkable.rect().center())
    view.only_remarkable.setChecked(True)
    assert (view.examinations.filter.rowCount(), view.patients.filter.rowCount()) == (3, 2)
    qtbot.keyClicks(view.text, "pat")
    assert (view.examinations.filter.rowCount(), view.patients.filter.rowCount()) == (1, 1)
    assert view.details.text() == CHOOSE
    view.text.setText("Zwiebelkuchen")
    assert view.details.text() == ""
    view.text.setText("pat")
    view.tabs.setCurrentIndex(1)
    view.patients.selectRow(0)
    assert "Patientennummer" in view.details.text()


def test_living_runs_stand_on_top_and_ended_ones_below_newest_first(qapp) -> None:
    views = [pending(n, created=NOW + timedelta(minutes=n)) for n in range(1, 5)]
    model = runs(completed(views[0]), completed(views[1]), running(views[2]))
    assert ids(model) == ["03", "02", "01"]
    model.put(views[3])
    assert ids(model) == ["04", "03", "02", "01"]
    model.put(completed(views[3]))
    assert ids(model) == ["03", "04", "02", "01"]
    model.put(running(views[3], 99))  # late news
    assert model.task(views[3].task_id).status.ended
    model.put(completed(views[2]))
    assert ids(model) == ["04", "03", "02", "01"]


def test_the_list_is_bounded_and_the_oldest_go(qapp) -> None:
    model = runs(limit=3)
    for n in range(6):
        model.put(completed(pending(n, created=NOW + timedelta(minutes=n))))
    assert ids(model) == ["05", "04", "03"]
    model.load([completed(pending(9, created=NOW + timedelta(hours=1)))])
    assert ids(model) == ["09", "05", "04"]


def test_tasks_of_other_kinds_stay_out(qapp) -> None:
    model = runs(completed(pending(1)), replace(completed(pending(2)), kind="other"))
    assert ids(model) == ["01"]


def test_the_columns_say_when_which_day_who_and_what(qapp) -> None:
    model = runs(completed(pending()))
    cells = [model.index(0, column).data() for column in range(4)]
    assert cells == ["15:00:00", "06.10.25", "API", "5 auffällig"]
    hints = [model.index(0, column).data(Qt.ToolTipRole) for column in range(4)]
    assert "24 Herzkatheter, 25 Ablation" in hints[1]
    assert "API 127.0.0.1" in hints[2]
    assert "1 Patient angelegt" in hints[3]
    assert not model.index(0, 3).data(Qt.DecorationRole).isNull()
    assert model.index(0, 0).data(TASK_ROLE) == completed(pending())


def test_a_choice_survives_the_moves_of_the_list(qtbot) -> None:
    model = runs(*(completed(pending(n)) for n in range(3)))
    view = RunsView(model)
    qtbot.addWidget(view)
    view.choose(pending(1).task_id)
    model.put(pending(7, created=NOW + timedelta(minutes=7)))
    rows = view.table.selectionModel().selectedRows()
    assert [index.data(TASK_ROLE).task_id for index in rows] == [pending(1).task_id]
    with qtbot.waitSignal(view.chosen) as chosen:
        model.load(())
    assert chosen.args[0].task_id == pending(1).task_id
    view.table.selectionModel().select(
        model.index(0, 0), QItemSelectionModel.ClearAndSelect | QItemSelectionModel.Rows
    )
    view.choose("nothing")
    assert view.table.selectionModel().selectedRows()[0].row() == 0
