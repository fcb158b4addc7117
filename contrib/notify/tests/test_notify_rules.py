"""What is told, in which words, and where it may go."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from notify_plugin.address import AddressError, read_address
from notify_plugin.courier import LONGEST_WAIT, wait_before
from notify_plugin.message import LONGEST_TEXT, body_of, compose
from notify_plugin.news import News, news_of
from notify_plugin.post import MOST_WAIT_ASKED_FOR, Answer, wait_asked_for
from notify_plugin.settings import NotifySettingsSchema, read_settings

SECRET = "T000SECRET"
NOW = datetime(2025, 10, 6, 13, 5, tzinfo=timezone.utc)


def settings(**given: Any) -> Any:
    return read_settings(NotifySettingsSchema().load(given))


def view(kind: str = "single_patient", status: str = "completed", **fields: Any) -> Any:
    plain: dict[str, Any] = {
        "kind": kind,
        "status": SimpleNamespace(value=status, ended=status not in ("pending", "running")),
        "request": {"piz": "1234567", "date": "2025-10-06", "appointment_type_id": 24},
        "body": {
            "patient": {"name": "Mustermann", "vorname": "Max"},
            "sqlhk_sync": {"action": "created"},
        },
        "finished_at": NOW,
        "created_at": NOW,
        "error": None,
        "error_code": None,
        "resolution": None,
    }
    return SimpleNamespace(**{**plain, **fields})


def line(task: Any, **given: Any) -> str | None:
    news = news_of(task, settings(**given), lambda code: f"Rat zu {code}.")
    return None if news is None else news.line


def test_neither_name_nor_number_unless_switched_on() -> None:
    assert line(view()) == "➕ 13:05 Abgleich 06.10.2025, Terminart 24: angelegt"
    named = line(view(), with_names=True, with_numbers=True)
    assert (
        named == "➕ 13:05 Abgleich 06.10.2025, Max Mustermann, PIZ 1234567, Terminart 24: angelegt"
    )


def test_a_failure_tells_code_sentence_and_advice_and_no_number() -> None:
    failed = view(
        status="failed",
        error_code="patient_not_found",
        error="CallDoc kennt 1234567 und 01234567 nicht, wohl aber 12345678.",
    )
    told = line(failed)
    assert told is not None
    assert "[patient_not_found] CallDoc kennt ••• und ••• nicht, wohl aber 12345678." in told
    assert told.endswith("Rat zu patient_not_found.")
    assert "1234567 " in (line(failed, with_numbers=True) or "")


def test_what_is_nobodys_news() -> None:
    assert line(view(status="running")) is None
    assert line(view(status="cancelled")) is None
    assert line(view(body={"dry_run": True})) is None
    assert line(view(body={"sqlhk_sync": {"action": "unchanged"}})) is None
    assert line(view(body={"sqlhk_sync": {"action": "unchanged"}}), tell_unchanged=True)
    assert line(view(), tell_created=False) is None
    assert line(view(status="failed"), tell_failed=False) is None


def test_an_unknown_outcome_is_told_again_when_it_is_known() -> None:
    known = view(status="failed", error_code="outcome_unknown", resolution="not_written")
    assert "Ausgang geklärt: Es wurde nichts geschrieben." in (line(known) or "")


def test_a_day_is_told_by_counts() -> None:
    counts = {"inserted": 3, "updated": 2, "unchanged": 40, "errors": 0}
    body = {"date": "2025-10-06", "result": {"untersuchungen": counts, "patients": {"failed": 0}}}
    told = line(view("day", body=body))
    assert told == "➕ 13:05 Tagesabgleich 06.10.2025: 3 angelegt, 2 aktualisiert, 40 unverändert"
    body["result"]["patients"] = {"failed": 1}  # type: ignore[index]
    told = line(view("day", body=body), tell_created=False)
    assert told is not None
    assert told.startswith("⚠️")
    assert told.endswith("1 Patienten mit Fehler")


def test_names_cannot_mention_or_link() -> None:
    body = {"patient": {"name": "<!channel> [x](http://y) @all", "vorname": "`Zoë`"}}
    told = line(view(body=body, status="failed"), with_names=True)
    assert told is not None
    assert "Zoë channel xhttpy all" in told


def test_other_kinds_are_told_by_their_name() -> None:
    assert "stock:" in (line(view("stock", request={}, body={}), tell_unchanged=True) or "")


@given(st.lists(st.sampled_from(["failed", "created", "updated", "unchanged"])), st.integers(1, 50))
def test_a_message_is_bounded_and_counts_what_it_leaves_out(outcomes, most) -> None:
    news = [News(one, one * 40) for one in outcomes]
    lines = compose(news, most, 0).split("\n") if news else []
    shown = [text for text in lines if not text.startswith("…")]
    assert len(shown) <= most
    assert sum(map(len, shown)) <= LONGEST_TEXT + 400
    rest = len(news) - len(shown)
    assert rest == (int(lines[-1].split()[2]) if len(lines) > len(shown) else 0)
    if "failed" in outcomes:
        assert shown[0].startswith("failed")


def test_the_forms() -> None:
    assert json.loads(body_of("a\nb", "text")) == {"text": "a\nb"}
    card = json.loads(body_of("a\nb", "teams"))
    assert card["type"] == "message"
    content = card["attachments"][0]["content"]
    assert [block["text"] for block in content["body"]] == ["a", "b"]
    assert "2 frühere" in compose([News("created", "x")], 5, 2)
    assert "<" not in compose([News("created", "<!here>")], 5, 0)


@pytest.mark.parametrize(
    "url",
    [
        f"http://chat.example/{SECRET}",
        f"ftp://chat.example/{SECRET}",
        f"https://user:{SECRET}@chat.example/",
        f"https:///{SECRET}",
        f"https://chat.example:99999/{SECRET}",
        f"https://chat.example/ {SECRET}",
        f"https://[::1/{SECRET}",
        f"http://127.0.0.1.evil.example/{SECRET}",
        SECRET,
    ],
)
def test_unfit_addresses_are_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(AddressError) as refused:
        read_address(url)
    with pytest.raises(ValidationError) as invalid:
        settings(webhook_url=url)
    assert SECRET not in str(refused.value) + str(invalid.value)


def test_fit_addresses() -> None:
    address = read_address(f" https://chat.example/hooks/{SECRET}?x=1 ")
    assert (address.secure, address.host, address.port) == (True, "chat.example", 443)
    assert address.target == f"/hooks/{SECRET}?x=1"
    assert SECRET not in repr(address)
    assert SECRET not in repr(settings(webhook_url=f"https://chat.example/{SECRET}"))
    for local in ("http://127.0.0.1:8065/x", "http://localhost/x", "http://[::1]:1/"):
        assert read_address(local).loopback
    assert settings(webhook_url="  ").webhook_url == ""


def test_the_address_is_marked_as_a_secret() -> None:
    fields = NotifySettingsSchema().fields
    assert fields["webhook_url"].metadata["secret"] is True
    for field in fields.values():
        assert {"label_de", "description", "description_de"} <= set(field.metadata)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("7", 7.0),
        ("99999999999999", MOST_WAIT_ASKED_FOR),
        ("Mon, 06 Oct 2025 13:05:30 GMT", 30.0),
        ("Mon, 06 Oct 2025 12:00:00 GMT", 0.0),
        ("Mon, 06 Oct 2031 12:00:00 GMT", MOST_WAIT_ASKED_FOR),
    ],
)
def test_the_wait_that_is_asked_for(header: str | None, seconds: float | None) -> None:
    assert wait_asked_for(header, NOW) == seconds


@given(st.integers(1, 20), st.none() | st.floats(0, MOST_WAIT_ASKED_FOR))
def test_waits_are_bounded(attempt: int, asked: float | None) -> None:
    wait = wait_before(attempt, Answer(429, "", asked))
    assert 1.0 <= wait <= max(LONGEST_WAIT, MOST_WAIT_ASKED_FOR)
    assert asked is None or wait >= asked


def test_what_is_worth_another_try() -> None:
    again = [
        status
        for status in (0, 302, 400, 403, 404, 408, 410, 429, 500, 503)
        if Answer(status).worth_retrying
    ]
    assert again == [0, 408, 429, 500, 503]
