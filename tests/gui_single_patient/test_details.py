"""What the details show first, and how much they ask for a repetition."""

from __future__ import annotations

from PyQt5.QtCore import Qt

from sync_core.task_model import TaskSource
from tests.gui_single_patient.samples import (
    body,
    completed,
    failed,
    mismatched,
    pending,
    running,
)
from tests.gui_single_patient.test_panel import put


def choose(panel, view) -> None:
    panel.table.choose(view.task_id)


def test_a_failed_one_opens_with_its_reason(panel, house, qtbot) -> None:
    good, bad, other = completed(pending(1)), failed(pending(2)), mismatched(pending(3))
    put(house, panel, qtbot, good, bad, other)
    tabs = panel.details.tabs
    choose(panel, good)
    tabs.setCurrentIndex(3)
    choose(panel, bad)
    assert tabs.tabText(tabs.currentIndex()) == "Überblick"
    tabs.setCurrentIndex(3)
    panel.details.set_names_hidden(True)  # shows the same task again
    assert tabs.currentIndex() == 3
    choose(panel, good)
    assert tabs.currentIndex() == 3
    choose(panel, other)
    assert tabs.currentIndex() == 0


def test_one_that_fails_while_it_is_shown_tells_why(panel, house, qtbot) -> None:
    view = running(pending(1))
    put(house, panel, qtbot, view)
    choose(panel, view)
    panel.details.tabs.setCurrentIndex(3)
    put(house, panel, qtbot, failed(view))
    assert panel.details.tabs.currentIndex() == 0


def test_repeating_is_quiet_where_it_would_not_help_yet(panel, house, qtbot) -> None:
    down, different = failed(pending(1)), mismatched(pending(2))
    changed = failed(pending(3), "plan_changed", safe_to_retry=False)
    put(house, panel, qtbot, down, different, changed)
    button = panel.details.retry_button
    roles = {}
    for view in (different, down, changed, different):
        choose(panel, view)
        assert button.isEnabled()
        assert not button.isDefault()
        roles[view.task_id] = button.property("role")
    assert [roles[view.task_id] for view in (down, changed, different)] == ["", "", "quiet"]
    assert "Hilft erst, wenn berichtigt ist" in button.toolTip()
    assert button.accessibleDescription() == button.toolTip()


def test_a_mistyped_birth_date_is_told_on_both_sides(panel, house, qtbot) -> None:
    view = mismatched(pending(1, source=TaskSource("window")))
    dates = {
        "appointment": "1950-01-31",
        "calldoc": "1950-01-31",
        "sqlhk": None,
        "expected": "1951-01-31",
    }
    own = failed(
        view,
        "patient_mismatch",
        error="…",
        safe_to_retry=False,
        body=body(None, mismatch={"birth_date": dates}),
    )
    put(house, panel, qtbot, own)
    choose(panel, own)
    assert "Ihr eingegebenes Geburtsdatum passt nicht zu CallDoc" in panel.details.error.text()
    assert "Eingabe prüfen" in panel.details.advice.text()
    assert [born.text() for _where, born in panel.details.mismatch][-1] == "31.01.1951"
    assert "Eingabe prüfen" in panel.errors.model.index(0, 4).data()


def test_the_overview_is_a_tab_stop_with_an_edge(panel, house, qtbot) -> None:
    """Keys scroll it; the style sheet shows by this role that it has the focus."""
    put(house, panel, qtbot, failed(pending(1)))
    choose(panel, failed(pending(1)))
    area = panel.details.tabs.widget(0)
    assert area.focusPolicy() & Qt.TabFocus
    assert area.property("role") == "page"
