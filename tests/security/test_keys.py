"""Guessing the API key, and listening on the network."""

from __future__ import annotations

import logging
import socket
import statistics
import time

import pytest
import requests

from api_blueprints import key_attempts
from api_blueprints.key_attempts import ADDRESSES, FREE_ATTEMPTS, SECONDS_AN_ATTEMPT, KeyAttempts
from api_blueprints.request_rules import AccessRules
from sync_core.errors import SettingsError
from sync_core.settings_loader import load_settings
from tests.api.house import House, Starter
from tests.api.problems import assert_problem

KEY = "k" * 40


def outer_address() -> str | None:
    """An address of this machine that is not a loopback one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def ask(url: str, key: str) -> requests.Response:
    return requests.get(f"{url}/api/sync/active", headers={"X-API-Key": key})


def test_guessing_on_this_computer_does_not_lock_out_others(
    start: Starter, caplog: pytest.LogCaptureFixture
) -> None:
    house = start(key=KEY)
    with caplog.at_level(logging.WARNING, "test.api"):
        for number in range(60):
            assert_problem(ask(house.server.url, f"guess{number}"), "key_invalid")
            if number % 20 == 0:
                assert ask(house.server.url, KEY).status_code == 200
    seen = [record.getMessage() for record in caplog.records]
    assert seen == ["many wrong API keys from 127.0.0.1"]


@pytest.mark.skipif(outer_address() is None, reason="this machine has no outer address")
def test_guessing_from_the_network_is_slowed(start: Starter) -> None:
    house = start(host="0.0.0.0", key=KEY, allowed_hosts=(str(outer_address()),))
    url = f"http://{outer_address()}:{house.port}"
    codes = [ask(url, f"guess{number}").status_code for number in range(FREE_ATTEMPTS + 20)]
    assert codes[:FREE_ATTEMPTS] == [401] * FREE_ATTEMPTS
    assert codes.count(429) >= 18
    refused = ask(url, "another guess")
    assert_problem(refused, "too_many_attempts")
    assert 1 <= int(refused.headers["Retry-After"]) <= SECONDS_AN_ATTEMPT
    assert ask(url, KEY).status_code == 429  # the right one is not looked at either
    assert ask(f"http://127.0.0.1:{house.port}", KEY).status_code == 200
    assert requests.get(f"{url}/health").status_code == 200


@pytest.mark.skipif(outer_address() is None, reason="this machine has no outer address")
def test_client_with_the_right_key_never_suffers(start: Starter) -> None:
    """Somebody behind the same address guesses; whoever had the key before goes on."""
    house = start(host="0.0.0.0", key=KEY, allowed_hosts=(str(outer_address()),))
    url = f"http://{outer_address()}:{house.port}"
    assert ask(url, KEY).status_code == 200
    for number in range(FREE_ATTEMPTS + 20):
        assert_problem(ask(url, f"guess{number}"), "key_invalid")
    assert ask(url, KEY).status_code == 200


def test_memory_of_attempts_is_bounded_and_fades() -> None:
    now = 0.0
    attempts = KeyAttempts(lambda: now)
    for _ in range(FREE_ATTEMPTS):
        assert attempts.seconds_to_wait("2001:db8::1") == 0
        attempts.was_wrong("2001:db8::1")
    assert attempts.seconds_to_wait("2001:db8::ffff:2") == SECONDS_AN_ATTEMPT  # same network
    assert attempts.seconds_to_wait("2001:db8:0:1::1") == 0
    now += SECONDS_AN_ATTEMPT
    assert attempts.seconds_to_wait("2001:db8::1") == 0
    for number in range(3 * ADDRESSES):
        attempts.was_wrong(f"10.{number % 200}.{number // 200}.1")
    assert len(attempts) == ADDRESSES
    attempts.was_right("192.0.2.9")
    for _ in range(FREE_ATTEMPTS * 2):
        attempts.was_wrong("192.0.2.9")
    assert attempts.seconds_to_wait("192.0.2.9") == 0
    now += key_attempts.TRUST_SECONDS - SECONDS_AN_ATTEMPT
    for _ in range(FREE_ATTEMPTS * 2):
        attempts.was_wrong("192.0.2.9")
    now += SECONDS_AN_ATTEMPT / 2
    assert attempts.seconds_to_wait("192.0.2.9") == 0
    now += SECONDS_AN_ATTEMPT / 4
    attempts.was_wrong("192.0.2.9")
    now += SECONDS_AN_ATTEMPT / 4
    assert attempts.seconds_to_wait("192.0.2.9") > 0


def test_time_tells_nothing_of_the_key() -> None:
    """A key that is right but for its last letter takes as long as one that is all wrong."""
    rules = AccessRules(frozenset(), key=KEY * 50)
    near, far, short = KEY * 49 + "k" * 39 + "x", "x" * 2000, "x"
    times: dict[str, list[float]] = {near: [], far: []}
    for _ in range(3000):
        for key, taken in times.items():
            begin = time.perf_counter()
            assert not rules.key_matches([key])
            taken.append(time.perf_counter() - begin)
    near_median, far_median = (statistics.median(taken) for taken in times.values())
    assert abs(near_median - far_median) < 0.2 * far_median
    assert not rules.key_matches([short, ""])
    assert rules.key_matches([short, KEY * 50])


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": f"Bearer {KEY[:-1]}"},
        {"Authorization": f"Bearer {KEY.upper()}"},
        {"X-API-Key": f"{KEY}, {KEY}"},
        {"X-API-Key": "%6b" * 40},
    ],
    ids=range(5),
)
def test_nearly_right_keys(start: Starter, headers: dict[str, str]) -> None:
    house = start(key=KEY)
    answer = requests.get(f"{house.server.url}/api/sync/active", headers=headers)
    assert_problem(answer, "key_invalid")
    in_query = requests.get(f"{house.server.url}/api/sync/active?api_key={KEY}&X-API-Key={KEY}")
    assert_problem(in_query, "key_required")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.4", "lab-pc"])
def test_network_without_a_key_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match=r"api\.key must be set"):
        load_settings(None, {"SYNC_GUI_API__HOST": host})
    with_key = {"SYNC_GUI_API__HOST": host, "SYNC_GUI_API__KEY": KEY}
    assert load_settings(None, with_key).api.host == host


def test_network_is_said_in_the_log(start: Starter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "test.api"):
        start()
        assert not caplog.records
        start(host="0.0.0.0", key=KEY)
    assert "other computers can reach it" in caplog.records[0].getMessage()


def test_every_call_that_shows_or_changes_something_needs_the_key(start: Starter) -> None:
    house: House = start(key=KEY)
    document = requests.get(f"{house.server.url}/api/openapi.json").json()
    asked = 0
    for path, methods in document["paths"].items():
        for method in set(methods) - {"parameters"}:
            url = house.server.url + path.replace("{task_id}", "x")
            answer = requests.request(method, url, json={} if method == "post" else None)
            if path == "/health":
                assert answer.status_code == 200
            else:
                assert_problem(answer, "key_required")
                asked += 1
    assert asked >= 6
