"""The facts and words of a day, without a window."""

from __future__ import annotations

from datetime import timedelta

import pytest
from marshmallow import ValidationError

from day_task.kind import EXAMPLE
from sync_core.error_catalogue import TASK_ERRORS, task_error
from sync_core.errors import Refusal
from sync_core.obsolete import Kept
from sync_core.task_model import TaskSource, TaskStatus, TaskView
from sync_gui.day_panel.counts import chart_words
from sync_gui.day_panel.day_facts import (
    answer_to,
    appointments_of,
    count_rows,
    deletion_to_confirm,
    left_out_lines,
    result_of,
    short_source_of,
    source_of,
    summary_words,
    supersedes,
    troubles_of,
    written_words,
)
from sync_gui.day_panel.day_words import (
    advice_of_line,
    duration_words,
    moment_words,
    reason_of_line,
)
from sync_gui.day_panel.lines import examination_rows, patient_rows
from sync_gui.day_panel.refusals import DAY_WORDS
from tests.gui_day.samples import (
    EXAMINATIONS,
    NOW,
    PATIENTS,
    TOMORROW,
    body,
    cancelled,
    completed,
    examination,
    failed,
    patient,
    pending,
    request,
    running,
    unconfirmed,
)


def test_the_counts_are_those_of_the_status() -> None:
    rows = {row.words: (row.patients, row.examinations) for row in count_rows(completed(pending()))}
    assert rows == {
        "angelegt": (1, 2),
        "geändert": (1, 1),
        "unverändert": (2, 1),
        "gelöscht": (None, 0),
        "übersprungen": (None, 3),
        "nicht übernommen": (None, 0),
        "bleibt stehen": (None, 0),
        "fehlgeschlagen": (2, 1),
        "gesamt": (6, 8),
    }


def test_the_counts_of_the_documented_example_add_up() -> None:
    rows = count_rows(completed(pending(), dict(EXAMPLE)))
    assert (rows[-1].patients, rows[-1].examinations) == (2, 3)
    assert chart_words(rows[:-1]).startswith("angelegt: 1 Patient, 1 Untersuchung; ")


def test_examinations_left_over_are_counted_by_themselves() -> None:
    rows = {row.words: row.examinations for row in count_rows(completed(pending(), unconfirmed()))}
    assert (rows["bleibt stehen"], rows["übersprungen"], rows["gesamt"]) == (3, 0, 5)


def test_appointments_that_were_not_taken_are_listed_with_their_reason() -> None:
    reasons = ("cancelled", "no_show", "did_not_take_place", "unreadable")
    left_out = [
        {"appointment_id": 300 + number, "piz": f"888000{number}", "reason": reason}
        for number, reason in enumerate(reasons)
    ]
    view = completed(pending(), {**body(), "left_out": left_out})
    rows = {row.words: row.examinations for row in count_rows(view)}
    assert (rows["nicht übernommen"], rows["gesamt"]) == (4, 12)
    lines = examination_rows(left_out_lines(view))
    assert [line.cells[1:3] for line in lines] == [
        (f"30{number}", "nicht übernommen") for number in range(4)
    ]
    assert all(line.reason and line.advice for line in lines)
    assert [line.remarkable for line in lines] == [False, False, False, True]
    whole = appointments_of(view) + 4
    assert summary_words(view).startswith(
        f"{whole} Termine in CallDoc. Nicht übernommen: 1\xa0abgesagt, 1\xa0nicht erschienen, "
        "1\xa0nicht abgeschlossen, 1\xa0nicht lesbar. Untersuchungen: "
    )
    nothing = {**body(patients=[], examinations=[]), "left_out": left_out[:1]}
    assert result_of(completed(pending(), nothing)).words == "keiner übernommen"
    assert left_out_lines(completed(pending())) == []  # of an earlier version


@pytest.mark.parametrize(
    ("view", "picture", "words"),
    [
        (pending(), "clock", "wartet"),
        (running(pending()), "running", "läuft, 40 %"),
        (completed(pending()), "warning", "5 auffällig"),
        (completed(pending(), body(examinations=[], patients=[])), "idle", "keine Termine"),
        (
            completed(pending(), body(patients=PATIENTS[:1], examinations=EXAMINATIONS[:1])),
            "ok",
            "nichts zu ändern",
        ),
        (
            completed(pending(), body(patients=PATIENTS[:2], examinations=EXAMINATIONS[:2])),
            "ok",
            "übertragen",
        ),
        (failed(pending()), "error", "CallDoc nicht erreichbar"),
        (failed(pending(), "something_new"), "error", "something_new"),
        (cancelled(pending()), "stopped", "angehalten"),
        (
            completed(pending(request=request(TOMORROW, delete_obsolete=True)), unconfirmed()),
            "warning",
            "Löschen offen",
        ),
    ],
)
def test_every_state_has_a_picture_and_words(view, picture, words) -> None:
    assert (result_of(view).picture, result_of(view).words) == (picture, words)


def test_what_is_to_be_confirmed() -> None:
    asked = pending(request=request(TOMORROW, delete_obsolete=True))
    deletion = deletion_to_confirm(completed(asked, unconfirmed()))
    assert deletion is not None
    assert (deletion.count, deletion.known) == (3, 5)
    assert deletion.rows == ((9200, "7770000"), (9201, "7770001"), (9202, "7770002"))
    assert deletion_to_confirm(completed(pending(), unconfirmed())) is None  # nobody asked
    assert deletion_to_confirm(completed(asked)) is None
    assert deletion_to_confirm(running(asked)) is None
    assert deletion_to_confirm(cancelled(asked, unconfirmed())) is None


def asking(number: int = 1, minutes: int = 0, **more: object) -> TaskView:
    """A sync that was to delete; the day's rows are not agreed to yet."""
    created = NOW + timedelta(minutes=minutes)
    asked = request(TOMORROW, **{"delete_obsolete": True, **more})
    return pending(number, created=created, request=asked)


OPEN = completed(asking(), unconfirmed())
AGREED = asking(2, 5, confirm_delete=3)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (AGREED, "Löschen bestätigt"),
        (running(AGREED), "Löschen bestätigt"),
        (completed(AGREED), "Löschen bestätigt"),
        (completed(AGREED, unconfirmed()), "Löschen bestätigt"),
        (failed(AGREED), "Löschen offen"),
        (cancelled(AGREED), "Löschen offen"),
        (completed(asking(2, 5)), "neu abgeglichen"),
        (running(asking(2, 5)), "Löschen offen"),
        (completed(asking(2, 5, delete_obsolete=False)), "Löschen offen"),
        (completed(asking(2, 5, appointment_type_id=31, confirm_delete=3)), "Löschen offen"),
        (completed(asking(2, -5, confirm_delete=3)), "Löschen offen"),
        (completed(pending(2, request=request(delete_obsolete=True))), "Löschen offen"),
        (OPEN, "Löschen offen"),
    ],
)
def test_what_a_later_sync_makes_of_an_open_deletion(other, words) -> None:
    answer = answer_to(OPEN, [OPEN, other])
    assert result_of(OPEN, answer).words == words
    assert answer_to(other, [OPEN, other]) is None  # the later one's fate is its own


def test_of_several_later_syncs_the_last_counts() -> None:
    last = running(asking(3, 9, confirm_delete=4))
    assert answer_to(OPEN, [completed(asking(2, 5)), last, OPEN]) is last


def test_every_number_of_the_summary_is_explained() -> None:
    def spaced(view: TaskView) -> str:
        return summary_words(view).replace("\xa0", " ")

    assert spaced(completed(pending())) == (
        "8 Termine in CallDoc. Untersuchungen: 2 angelegt, 1 geändert, 1 unverändert, "
        "3 übersprungen, 1 fehlgeschlagen. Patienten: 1 angelegt, 1 geändert, 2 unverändert, "
        "2 fehlgeschlagen."
    )
    one = completed(pending(), body(patients=PATIENTS[:1], examinations=EXAMINATIONS[:1]))
    assert spaced(one) == (
        "1 Termin in CallDoc. Untersuchungen: 1 unverändert. Patienten: 1 unverändert. "
        "Es war nichts zu schreiben."
    )
    nothing = completed(pending(), body(patients=[], examinations=[]))
    assert spaced(OPEN) == (
        "2 Termine in CallDoc. Untersuchungen: 1 geändert, 1 unverändert. "
        "Ohne übernommenen Termin: 3 bleiben. "
        "Patienten: 1 unverändert."
    )
    assert spaced(nothing) == "0 Termine in CallDoc. Es war nichts zu schreiben."


def test_what_was_written_in_words() -> None:
    assert written_words(completed(pending())) == (
        "1 Patient angelegt, 1 Patient mit PIZ ergänzt, 2 Untersuchungen angelegt, "
        "1 Untersuchung geändert"
    )
    assert written_words(pending()) == ""


def test_who_asked() -> None:
    assert source_of(pending()) == "API 127.0.0.1"
    assert short_source_of(pending()) == "API"
    assert source_of(pending(source=TaskSource("window"))) == "Fenster"
    assert source_of(pending(source=TaskSource("plugin", "night"))) == "Erweiterung night"


def test_an_old_picture_never_replaces_a_newer_one() -> None:
    first = pending()
    assert supersedes(running(first), first)
    assert supersedes(running(first, 60), running(first, 40))
    assert not supersedes(running(first, 20), running(first, 40))
    assert not supersedes(running(first), completed(first))
    assert supersedes(completed(first), running(first, 99))


def test_lines_of_examinations() -> None:
    rows = examination_rows(EXAMINATIONS)
    assert [row.cells[2] for row in rows] == [
        *("unverändert", "angelegt", "angelegt", "doppelt", "geändert"),
        *("übersprungen", "übersprungen", "Fehler"),
    ]
    assert [row.remarkable for row in rows] == [False] * 5 + [True] * 3
    assert rows[5].reason == "Die Geburtsdaten stimmen nicht überein."
    assert rows[5].advice == task_error("patient_mismatch").advice_de
    assert rows[6].cells[:2] == ("–", "244098")


def test_lines_of_patients() -> None:
    warned = patient("1", "unchanged", 5, code="surname_differs", message="Name anders.")
    rows = patient_rows([*PATIENTS, warned])
    assert rows[2].cells == ("3456789", "244094, 244095", "PIZ ergänzt", "815", "")
    assert [row.remarkable for row in rows] == [False] * 4 + [True] * 3
    assert (rows[-1].picture, rows[-1].cells[2], rows[-1].reason, rows[-1].advice) == (
        *("warning", "vorhanden"),
        *("Name anders.", ""),
    )
    assert troubles_of(completed(pending(), body(patients=[warned], examinations=[]))) == 1


@pytest.mark.parametrize("kept", list(Kept))
def test_every_reason_for_keeping_an_examination_has_words(kept) -> None:
    code = f"obsolete_{kept.value}"
    (row,) = examination_rows([examination(None, "1", "skipped", 7, code=code)])
    assert row.cells[2] == "bleibt stehen"
    assert row.reason.endswith(".")
    assert row.advice.endswith(".")
    expected = (Kept.NOT_ASKED, Kept.NOT_FUTURE, Kept.KIND_NOT_ASKED, Kept.NOT_TAKEN)
    assert row.remarkable is (kept not in expected)


def test_an_outcome_of_a_later_version_is_shown_as_it_is() -> None:
    (row,) = examination_rows([examination(1, "1", "moved", code="what_is_this")])
    assert (row.picture, row.cells[2], row.reason) == ("unknown", "moved", "Grund: what_is_this")
    assert examination_rows([{}])[0].cells[:2] == ("–", "–")


@pytest.mark.parametrize("code", [entry.code for entry in TASK_ERRORS])
def test_every_code_of_the_catalogue_has_words_that_suit_a_line(code) -> None:
    general = task_error(code).sentence_de
    assert reason_of_line(code, general) == reason_of_line(code, None) or code == "outcome_unknown"
    assert reason_of_line(code, "Genauer.") == "Genauer."
    assert "nichts geschrieben" not in reason_of_line(code, None)
    assert advice_of_line(code)


def test_a_line_without_a_code_needs_no_words() -> None:
    assert (reason_of_line(None, None), advice_of_line(None)) == ("", "")


def test_moments_and_durations() -> None:
    assert moment_words(NOW, NOW) == "15:00:00"
    assert moment_words(NOW.replace(day=1), NOW) == "01.10. 15:00"
    assert [duration_words(n) for n in (None, 240, 4200, 61000)] == [
        *("", "240 ms", "4,2 s", "1 min 01 s"),
    ]


def test_refusals_in_german() -> None:
    busy = DAY_WORDS.explain_refusal(
        Refusal("already_running", "busy", members={"task_id": "sync_1"})
    )
    assert busy.task_id == "sync_1"
    missing = DAY_WORDS.explain_refusal(Refusal("not_configured", "Not configured: gateway.url"))
    assert "gateway.url" in missing.sentence
    full = DAY_WORDS.explain_refusal(Refusal("queue_full", "full", retry_after=7))
    assert "7 Sekunden" in full.advice
    assert DAY_WORDS.explain_refusal(Refusal("shutting_down", "bye")).advice
    assert "not_running" in DAY_WORDS.explain_refusal(Refusal("not_running", "x")).sentence
    wrong = DAY_WORDS.explain_invalid(
        ValidationError({"json": {"date": ["bad"], "other": ["bad"]}})
    )
    assert set(wrong.fields) == {"date", "other"}
    assert DAY_WORDS.explain_invalid(ValidationError("bad")).sentence


def test_an_empty_body_of_an_earlier_version_is_no_fault() -> None:
    bare = completed(pending(), {}, status=TaskStatus.COMPLETED)
    assert result_of(bare).words == "keine Termine"
    assert count_rows(bare)[-1].examinations == 0
