"""Deliveries over a real socket: batches, repeats, what is given up, and the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from notify_plugin.address import read_address
from notify_plugin.courier import MOST_ATTEMPTS, QUEUE_LIMIT, Courier, wait_before
from notify_plugin.news import News
from notify_plugin.settings import NotifySettingsSchema, read_settings
from tests.clock import AT_ONCE, PATIENCE
from tests.contrib.chat import SECRET_PATH, Chat
from tests.end_to_end.program import until

Start = Callable[..., tuple[Courier, Chat]]


@pytest.fixture
def start() -> Iterator[Start]:
    undo: list[Callable[[], object]] = []

    def begin(*answers: Any, hangs: bool = False, url: str = "", **given: Any) -> Any:
        chat = Chat(answers, hangs=hangs)
        undo.append(chat.stop)
        address = url or chat.url
        settings = read_settings(NotifySettingsSchema().load({"webhook_url": address, **given}))
        soon = replace(settings, interval=given.get("interval", 0.1))
        courier = Courier(
            *(read_address(address), soon, logging.getLogger("test.notify")),
            wait_after=lambda attempt, answer: min(wait_before(attempt, answer), 0.02),
        )
        courier.start()
        undo.append(lambda: courier.stop(1.5))
        return courier, chat

    yield begin
    while undo:
        undo.pop()()


def test_what_comes_together_goes_together(start: Start) -> None:
    courier, chat = start(most=2)
    for number in range(5):
        courier.take(News("created", f"line {number}"))
    until(lambda: chat.messages or None, PATIENCE, "no message")
    assert chat.text == "line 0\nline 1\n… und 3 weitere: 3 angelegt"
    until(lambda: courier.state().messages or None, PATIENCE, "not noted")
    assert courier.state().problem == ""


def test_a_chat_that_fails_is_tried_again(start: Start) -> None:
    courier, chat = start((503, {}), (429, {"Retry-After": "0"}))
    courier.take(News("created", "patience"))
    until(lambda: courier.state().messages or None, PATIENCE, "not delivered")
    assert chat.posts == 3
    assert courier.state().problem == ""


def test_in_the_end_it_is_given_up_and_counted_and_told(start: Start, caplog: Any) -> None:
    courier, chat = start(*[(500, {})] * MOST_ATTEMPTS)
    courier.take(News("created", "Mustermann"))
    until(lambda: courier.state().lost or None, PATIENCE, "not given up")
    assert chat.posts == MOST_ATTEMPTS
    assert courier.state().problem == "HTTP 500"
    until(lambda: "HTTP 500); given up" in caplog.text or None, PATIENCE, "not told")
    courier.take(News("created", "next"))
    until(lambda: chat.messages or None, PATIENCE, "no message")
    assert "(1 frühere Meldungen konnten nicht zugestellt werden.)" in chat.text
    assert "Mustermann" not in caplog.text
    assert SECRET_PATH not in caplog.text


@pytest.mark.parametrize("status", [302, 307, 400, 403, 404])
def test_no_redirect_is_followed_and_a_refusal_is_final(start: Start, status: int) -> None:
    courier, chat = start((status, {"Location": "/elsewhere"}))
    courier.take(News("created", "x"))
    until(lambda: courier.state().lost or None, PATIENCE, "not given up")
    assert chat.posts == 1
    assert courier.state().problem == f"HTTP {status}"


def test_nobody_there(start: Start, caplog: Any) -> None:
    gone = Chat()
    gone.stop()
    courier, _ = start(url=gone.url)
    courier.take(News("created", "x"))
    until(lambda: courier.state().lost or None, PATIENCE, "not given up")
    assert courier.state().problem == "no answer (ConnectionRefusedError)"
    assert SECRET_PATH not in caplog.text


def test_what_waits_is_sent_at_the_end(start: Start) -> None:
    courier, chat = start(interval=3600)
    courier.take(News("created", "last words"))
    begin = time.monotonic()
    courier.stop(PATIENCE)
    assert time.monotonic() - begin < AT_ONCE
    assert chat.text == "last words"
    assert courier.state().lost == 0


def test_a_chat_that_hangs_holds_up_neither_news_nor_the_end(start: Start, caplog: Any) -> None:
    courier, chat = start(hangs=True)
    courier.take(News("created", "x"))
    until(lambda: chat.posts or None, PATIENCE, "no post")
    begin = time.monotonic()
    for number in range(QUEUE_LIMIT + 7):
        courier.take(News("created", str(number)))
    assert time.monotonic() - begin < AT_ONCE
    assert courier.state().lost == 7
    begin = time.monotonic()
    courier.stop(1.7)
    assert time.monotonic() - begin < 1.7 + AT_ONCE
    assert courier.state().lost == QUEUE_LIMIT + 8
    assert f"{QUEUE_LIMIT + 8} pieces of news for the chat were not delivered" in caplog.text
