from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.single_patient.panel.error_export import error_csv
from plugins.single_patient.panel.failure_words import (
    advice_of,
    can_be_retried,
    error_of,
    must_be_mended_first,
    retry_hint,
)
from plugins.single_patient.panel.result_texts import advice_for
from sync_core.task_model import TaskSource, TaskStatus, TaskView
from tests.gui_single_patient.samples import body, completed, failed, mismatched, pending, request


def differing(source: str = "window", **dates: str | None) -> TaskView:
    """A mismatch with these birth dates."""
    born = {"appointment": None, "calldoc": None, "sqlhk": None, "expected": None, **dates}
    view = pending(source=TaskSource(source))
    return replace(mismatched(view), body=body(None, mismatch={"birth_date": born}))


ONE, OTHER, THIRD = "1950-01-31", "1951-01-31", "1952-01-31"


def test_ones_own_input_is_told_as_such() -> None:
    view = differing(appointment=ONE, calldoc=ONE, expected=OTHER)
    assert error_of(view) == (
        "Ihr eingegebenes Geburtsdatum passt nicht zu CallDoc; es wurde nichts geschrieben."
    )
    assert advice_of(view).startswith("Die Eingabe prüfen")
    assert "berichtigen" not in advice_of(view)
    both = differing(calldoc=ONE, sqlhk=ONE, expected=OTHER)
    assert "passt nicht zu CallDoc und SQLHK;" in error_of(both)
    sqlhk = differing(sqlhk=ONE, expected=OTHER)
    assert "passt nicht zu SQLHK;" in error_of(sqlhk)


def test_another_programs_input_is_not_ones_own() -> None:
    view = differing("api", calldoc=ONE, expected=OTHER)
    assert error_of(view).startswith("Das angegebene Geburtsdatum passt nicht zu CallDoc;")


@pytest.mark.parametrize(
    "dates",
    [
        {"calldoc": ONE, "sqlhk": OTHER},
        {"calldoc": ONE, "sqlhk": OTHER, "expected": ONE},
        {"calldoc": ONE, "sqlhk": OTHER, "expected": THIRD},
        {"appointment": ONE, "calldoc": OTHER, "expected": THIRD},
        {"expected": ONE},
        {},
    ],
)
def test_differing_systems_are_no_matter_of_the_input(dates) -> None:
    view = differing(**dates)
    assert error_of(view) == view.error
    assert advice_of(view) == advice_for("patient_mismatch")


def test_what_went_well_has_neither_error_nor_advice() -> None:
    assert (error_of(completed(pending())), advice_of(completed(pending()))) == ("", "")


def test_the_csv_tells_the_same_as_the_window() -> None:
    text = error_csv([differing(calldoc=ONE, expected=OTHER)])
    assert "Ihr eingegebenes Geburtsdatum" in text
    assert "Die Eingabe prüfen" in text


def test_who_may_repeat_what() -> None:
    view = pending()
    cancelled = replace(view, status=TaskStatus.CANCELLED)
    changed = failed(view, "plan_changed", safe_to_retry=False)
    told = {
        "none": None,
        "running": view,
        "done": completed(view),
        "cancelled": cancelled,
        "down": failed(view),
        "preview": failed(pending(request=request(dry_run=True))),
        "changed": changed,
        "mismatch": mismatched(view),
        "scope": failed(view, "scope_violation", safe_to_retry=False),
    }
    offered = {name for name, one in told.items() if can_be_retried(one)}
    assert offered == {"cancelled", "down", "preview", "changed", "mismatch", "scope"}
    mended = {name for name, one in told.items() if must_be_mended_first(one)}
    assert mended == {"mismatch", "scope"}
    hints = {name: retry_hint(one) for name, one in told.items()}
    assert hints["none"] == hints["running"] == hints["done"]
    assert "sofort" in hints["down"]
    assert hints["cancelled"] == hints["down"]
    assert hints["changed"] == hints["preview"]
    assert hints["changed"].startswith("Zeigt links zuerst eine neue Vorschau")
    assert hints["mismatch"].startswith("Hilft erst, wenn berichtigt ist")
