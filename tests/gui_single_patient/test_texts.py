from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from marshmallow import ValidationError

from plugins.single_patient.panel.error_export import error_csv
from plugins.single_patient.panel.refusal_texts import PATIENT_WORDS
from plugins.single_patient.panel.result_texts import (
    MASK,
    OUTCOMES,
    REASONS,
    STAGES,
    advice_for,
    day_words,
    duration_words,
    ledger_rows,
    ledger_summary,
    mismatch_rows,
    moment_words,
    row_changes,
)
from plugins.single_patient.panel.status_address import status_address
from plugins.single_patient.panel.task_facts import (
    Mark,
    birth_date_of,
    patient_of,
    piz_of,
    result_of,
    supersedes,
)
from plugins.single_patient.panel.today_counts import TodayCounts, count_today
from sync_core.error_catalogue import TASK_ERRORS
from sync_core.errors import Refusal
from sync_core.task_model import STAGES as STAGE_WORDS
from sync_core.task_model import TaskStatus
from tests.gui_single_patient.samples import (
    NEW_EXAMINATION,
    NEW_PATIENT,
    NOW,
    body,
    completed,
    failed,
    mismatched,
    pending,
    request,
    running,
    warned,
)


def test_every_error_code_and_stage_has_german_words() -> None:
    assert {entry.code for entry in TASK_ERRORS} <= set(REASONS)
    assert set(STAGE_WORDS) == set(STAGES)
    assert all(advice_for(entry.code) == entry.advice_de for entry in TASK_ERRORS)


def test_an_unknown_code_still_gets_advice() -> None:
    assert "IT" in advice_for("from_a_later_version")


@pytest.mark.parametrize(
    ("spent", "words"),
    [(None, ""), (0, "0 ms"), (999, "999 ms"), (2350, "2,4 s"), (59_999, "1 min 00 s")],
)
def test_durations(spent: int | None, words: str) -> None:
    assert duration_words(spent) == words


def test_days_and_moments() -> None:
    assert day_words("2025-10-06") == "06.10.2025"
    assert day_words(None) == "–"
    assert day_words("irgendwann") == "irgendwann"
    assert moment_words(NOW, NOW) == "15:00:00"
    assert moment_words(NOW - timedelta(days=2), NOW) == "04.10. 15:00"


def test_changes_field_by_field() -> None:
    (row,) = row_changes(
        [{"table": "Untersuchung", "key": 7, "column": "HerzkatheterID", "before": 1, "after": 3}],
        patient="",
        names_hidden=False,
    )
    assert row.title == "Untersuchung: Zeile 7"
    (changed,) = row.fields
    assert (changed.field, changed.before, changed.after) == ("Herzkatheterlabor", "1", "3")
    assert changed.column == "Untersuchung.HerzkatheterID"


def test_changes_of_several_rows_are_kept_apart() -> None:
    rows = row_changes(NEW_PATIENT + NEW_EXAMINATION, patient="", names_hidden=False)
    assert [(row.title, len(row.fields)) for row in rows] == [
        ("Patient: neue Zeile", 5),
        ("Untersuchung: neue Zeile", 10),
    ]


def test_hidden_names_are_masked_in_changes_but_the_second_identifier_stays() -> None:
    (row,) = row_changes(NEW_PATIENT, patient=MASK, names_hidden=True)
    shown = {changed.field: changed.after for changed in row.fields}
    assert shown["Nachname"] == shown["Vorname"] == MASK
    assert shown["Geburtsdatum"] == "31.01.1950"
    assert shown["Geschlecht"] == "männlich (1)"


def test_hidden_names_cover_the_whole_address() -> None:
    address = {"PLZ": 50667, "Stadt": "Köln", "Strasse": "Am Dom 1"}
    changes = [
        {"table": "Patient", "key": None, "column": column, "before": None, "after": value}
        for column, value in address.items()
    ]
    (hidden,) = row_changes(changes, patient=MASK, names_hidden=True)
    assert [(field.before, field.after) for field in hidden.fields] == [("–", MASK)] * 3
    (shown,) = row_changes(changes, patient="", names_hidden=False)
    assert [field.after for field in shown.fields] == ["50667", "Köln", "Am Dom 1"]


def changed(column: str, before: object, after: object, **more: object) -> tuple[str, str]:
    """What is shown before and after for one column of an examination."""
    change = {"table": "Untersuchung", "key": 7, "column": column, "before": before, "after": after}
    (row,) = row_changes([{**change, **more}], patient="Mustermann, Max", names_hidden=False)
    return row.fields[0].before, row.fields[0].after


def test_a_name_stands_before_its_key() -> None:
    named = {"before_name": None, "after_name": "Labor 3"}
    assert changed("HerzkatheterID", 4711, 3, **named) == ("4711", "Labor 3 (3)")
    assert changed("UntersucherAbrechnungID", None, 2, after_name="Dr. Weißhaupt") == (
        "–",
        "Dr. Weißhaupt (2)",
    )


def test_a_task_from_before_there_were_names_is_shown_all_the_same() -> None:
    assert changed("HerzkatheterID", 1, 3) == ("1", "3")


def test_the_patients_key_has_the_patients_name() -> None:
    assert changed("PatientID", None, 815) == ("–", "Mustermann, Max (815)")
    assert changed("PatientID", None, None) == ("–", "Mustermann, Max (neu)")
    (row,) = row_changes(NEW_EXAMINATION, patient=MASK, names_hidden=True)
    assert {field.field: field.after for field in row.fields}["Patient"] == f"{MASK} (815)"
    (row,) = row_changes(NEW_EXAMINATION, patient="", names_hidden=False)
    assert {field.field: field.after for field in row.fields}["Patient"] == "815"


def test_money_is_written_as_in_german() -> None:
    assert changed("Materialpreis", None, 1234.5) == ("–", "1234,50")


def test_many_and_one_have_their_own_words() -> None:
    new = {"appointment_id": 1, "outcome": "would_create"}
    assert ledger_summary([new]) == "1 Termin: 1 würde angelegt."
    assert ledger_summary([new, new]) == "2 Termine: 2 würden angelegt."


def test_the_ledger_tells_outcome_and_reason() -> None:
    items = body("created")["appointments"]["items"]
    assert ledger_rows(items)[1] == ("244101", OUTCOMES["skipped"], "–", "abgesagt")
    assert ledger_summary(items) == "2 Termine: 1 angelegt, 1 übersprungen."
    assert ledger_summary([]) == "Kein Termin an diesem Tag."


def test_the_mismatch_shows_every_place() -> None:
    rows = dict(mismatch_rows(mismatched(pending()).body["mismatch"]))
    assert rows["Patient in CallDoc"] == "31.01.1950"
    assert rows["Patient in SQLHK"] == "31.01.1951"
    assert rows["Ihre Eingabe"] == "–"


def test_results_in_words_and_shapes() -> None:
    view = pending()
    assert result_of(view).mark is Mark.WAITING
    assert result_of(running(view)).mark is Mark.RUNNING
    assert result_of(completed(view)).words == "angelegt"
    assert result_of(completed(view, "unchanged")).mark is Mark.SAME
    assert result_of(warned(view)).words == "unverändert, 1 Hinweis"
    looked = completed(view, body=body("would_create", dry_run=True))
    assert result_of(looked).words == "Vorschau: würde angelegt"
    assert result_of(mismatched(view)).words == "Fehler: Geburtsdaten verschieden"
    open_end = failed(view, "outcome_unknown")
    assert result_of(open_end).mark is Mark.UNKNOWN
    assert "geschrieben" in result_of(replace(open_end, resolution="written")).words
    assert result_of(replace(view, status=TaskStatus.CANCELLED)).mark is Mark.STOPPED


def test_an_old_picture_never_replaces_a_newer_one() -> None:
    first = pending()
    later = running(first, percent=60)
    end = completed(first)
    assert supersedes(later, first)
    assert supersedes(end, later)
    assert not supersedes(first, end)
    assert not supersedes(running(first, percent=30), later)
    unknown = failed(first, "outcome_unknown")
    known = replace(unknown, resolution="written")
    assert supersedes(known, unknown)
    assert not supersedes(unknown, known)


def test_a_picture_without_the_kinds_fields_can_be_read() -> None:
    bare = replace(completed(pending()), body={}, request={})
    assert (piz_of(bare), patient_of(bare, names_hidden=False), birth_date_of(bare)) == (
        "",
        "",
        None,
    )
    assert result_of(bare).words == "erledigt"


def test_an_expected_birth_date_counts_only_when_it_was_met() -> None:
    asked = request(expected_birth_date="1950-01-31")
    assert birth_date_of(completed(pending(request=asked))) == "1950-01-31"
    assert birth_date_of(mismatched(pending(request=asked))) is None


def test_today_counts_only_real_syncs_of_today() -> None:
    yesterday = NOW - timedelta(days=1)
    views = [
        completed(pending(1), "created", execution_time_ms=1000),
        completed(pending(2), "updated", execution_time_ms=3000),
        completed(pending(3), "unchanged", execution_time_ms=2000),
        failed(pending(4)),
        completed(pending(5), body=body("would_create", dry_run=True)),
        completed(pending(6, created=yesterday)),
        running(pending(7)),
    ]
    assert count_today(views, NOW) == TodayCounts(1, 1, 1, 1, 2000)
    assert count_today([], NOW) == TodayCounts()


def test_refusals_in_german() -> None:
    told = PATIENT_WORDS.explain_refusal(
        Refusal("already_running", "A sync is running", members={"task_id": "patient_sync_1"})
    )
    assert told.task_id == "patient_sync_1"
    assert "läuft schon" in told.sentence
    assert (
        "7 Sekunden"
        in PATIENT_WORDS.explain_refusal(Refusal("queue_full", "…", retry_after=7)).advice
    )
    assert (
        "calldoc.base_url"
        in PATIENT_WORDS.explain_refusal(
            Refusal("not_configured", "calldoc.base_url is missing")
        ).sentence
    )
    for code in ("shutting_down", "journal_unavailable", "key_required"):
        assert PATIENT_WORDS.explain_refusal(Refusal(code, "…")).advice


def test_an_invalid_request_names_its_fields() -> None:
    told = PATIENT_WORDS.explain_invalid(ValidationError({"piz": ["Not a valid number."]}))
    assert set(told.fields) == {"piz"}
    assert PATIENT_WORDS.explain_invalid(ValidationError("nothing named")).sentence


def test_the_status_address() -> None:
    assert status_address("http://127.0.0.1:5555", "x") == (
        "http://127.0.0.1:5555/api/sync/status/x"
    )
    assert status_address("http://[::1]:1", "x").startswith("http://[::1]:1/")
    assert status_address("http://0.0.0.0:5", "x").startswith("http://127.0.0.1:")


def test_the_csv_is_safe_for_spreadsheets_and_holds_no_names() -> None:
    evil = failed(pending(1), error='=HYPERLINK("http://x";"y")', request_id="-1+1")
    text = error_csv([evil, mismatched(pending(2))])
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert rows[0][:3] == ["Zeit", "PIZ", "Tag"]
    assert rows[1][6] == '\'=HYPERLINK("http://x";"y")'
    assert rows[1][9] == "'-1+1"
    assert rows[2][4] == "patient_mismatch"
    assert rows[2][7] == advice_for("patient_mismatch")
    assert "Mustermann" not in text
