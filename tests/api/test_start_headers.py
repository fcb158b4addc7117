"""What a client may write into ``Prefer`` and ``Idempotency-Key``."""

from __future__ import annotations

import time

import pytest

from api_blueprints.start_headers import is_idempotency_key, wanted_wait


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("wait=10", 10),
        ("wait=0", 0),
        ("wait=007", 7),
        ("wait=30", 30),
        ("wait=31", 30),
        ("wait=" + "9" * 9000, 30),
        ("wait=" + "0" * 9000 + "4", 4),
        ("WAIT=5", 5),
        (" wait = 5 ", 5),
        ('wait="5"', 5),
        ("wait=5; of=no; interest", 5),
        ("respond-async, wait=10", 10),
        ("respond-async,wait=10,handling=lenient", 10),
        ("wait=1, wait=2", 1),
        ("wait=soon, wait=2", 2),
        ('note="wait=3, \\" wait=4", wait=5', 5),
        (",,wait=5,,", 5),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_waits_that_are_understood(prefer: str, seconds: int) -> None:
    assert wanted_wait(prefer) == seconds


@pytest.mark.parametrize(
    "prefer",
    [
        *(None, "", " ", ",", "wait", "wait=", "wait=soon", "wait=-1", "wait=+1", "wait=1.5"),
        *("wait=1_0", "wait=1 0", "wait=\u0665", "await=5", "wait-5", "wait=5x", 'wait="5'),
        *('note="wait=5"', "note=wait=5", 'wait=""', "respond-async"),
    ],
)
def test_waits_that_are_passed_over(prefer: str | None) -> None:
    assert wanted_wait(prefer) is None


@pytest.mark.parametrize(
    "prefer",
    ['"' * 32_001, '\\"' * 16_000, 'wait="' * 5_000, "wait= " + " " * 32_000, "," * 32_000],
)
def test_no_header_keeps_us_busy(prefer: str) -> None:
    begin = time.process_time()
    wanted_wait(prefer)
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("key", ["1", "!", "~", "a" * 128, '"7d1f0c1e-1c55"', "a,b;c=d\\"])
def test_keys(key: str) -> None:
    assert is_idempotency_key(key)


@pytest.mark.parametrize(
    "key", ["", " ", "a b", "a" * 129, "a\n", "\x7f", "a\x00", "ä", "\u2003", "a, b"]
)
def test_texts_that_are_no_keys(key: str) -> None:
    assert not is_idempotency_key(key)
