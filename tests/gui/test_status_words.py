from __future__ import annotations

from datetime import datetime

import pytest

from hookspecs import HealthResult
from sync_gui.icons import NAMES
from sync_gui.services import ApiState, ApiStatus
from sync_gui.setup_words import NOT_ASKED, not_set_up
from sync_gui.status_words import (
    Reach,
    advance,
    api_light,
    check_summary,
    health_light,
    names_light,
    tasks_light,
)

NOON = datetime(2025, 10, 6, 12, 0)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (ApiStatus.RUNNING, "API läuft auf 127.0.0.1:5555"),
        (ApiStatus.PORT_IN_USE, "API: Port 5555 belegt"),
        (ApiStatus.STOPPED, "API gestoppt"),
        (ApiStatus.STARTING, "API startet …"),
    ],
)
def test_the_api_light(status, text):
    assert api_light(ApiState(status, "127.0.0.1:5555")).text == text


@pytest.mark.parametrize("address", ["0.0.0.0:5555", "192.0.2.4:80", "[fd00::7]:80", "lab-pc:81"])
def test_an_api_that_other_computers_reach_is_a_warning(address):
    light = api_light(ApiState(ApiStatus.RUNNING, address))
    assert (light.icon, address in light.text) == ("warning", True)
    assert "Schlüssel" in light.hint
    for near in ("127.0.0.1:5555", "[::1]:5555", "localhost:1"):
        assert api_light(ApiState(ApiStatus.RUNNING, near)).icon == "ok"


def test_each_state_has_a_shape_of_its_own():
    lights = [api_light(ApiState(status, "127.0.0.1:1")) for status in ApiStatus]
    icons = {light.icon for light in lights}
    assert len(icons) == 4
    icons |= {tasks_light(0).icon, tasks_light(1).icon, names_light().icon}
    assert icons <= NAMES
    assert len(icons) == 7


def test_a_system_that_nobody_asks_is_neither_good_nor_bad():
    reach = not_set_up(("sqlhk.url",))["sqlhk"]
    kinds = (None, reach, Reach(True, ""), Reach(False, "", NOON))
    assert len({health_light("SQLHK", kind, NOON).icon for kind in kinds}) == 4
    assert health_light("SQLHK", reach, NOON).text == "SQLHK nicht eingestellt"
    assert "Adresse der Datenbank" in health_light("SQLHK", reach, NOON).hint
    assert health_light("SQLHK", NOT_ASKED, NOON).text == "SQLHK wird nicht geprüft"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1:5555", "http://127.0.0.1:5555"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("[::]:80", "http://127.0.0.1:80"),
        ("lab-pc:81", "http://lab-pc:81"),
    ],
)
def test_the_address_for_a_browser_on_this_machine(address, url):
    assert ApiState(ApiStatus.RUNNING, address).url == url


def test_a_failure_keeps_its_first_moment_until_it_is_over():
    down = {"sqlhk": HealthResult(False, "refused")}
    first = advance({}, down, datetime(2025, 10, 6, 14, 3))
    second = advance(first, down, datetime(2025, 10, 6, 14, 30))
    assert health_light("SQLHK", second["sqlhk"], datetime(2025, 10, 6, 15, 0)).text == (
        "SQLHK nicht erreichbar seit 14:03"
    )
    up = advance(second, {"sqlhk": HealthResult(True, "ok")}, NOON)
    assert health_light("SQLHK", up["sqlhk"], NOON).text == "SQLHK erreichbar"
    again = advance(up, down, datetime(2025, 10, 6, 16, 5))
    assert again["sqlhk"].since == datetime(2025, 10, 6, 16, 5)


def test_what_staff_read_of_a_check_is_german():
    told = advance({}, {"sqlhk": HealthResult(False, "refused", "Bitte warten.")}, NOON)["sqlhk"]
    assert (told.message, told.meaning) == ("refused", "Bitte warten.")
    assert health_light("SQLHK", told, NOON).hint == "Bitte warten."
    silent = Reach(False, "refused", NOON)
    assert silent.meaning == "Nicht in Ordnung. Kurz warten; bleibt es so, die IT verständigen."
    assert health_light("SQLHK", Reach(True, "reachable"), NOON).hint == "In Ordnung."
    good = advance({}, {"x": HealthResult(True, "answers", "CallDoc antwortet.")}, NOON)["x"]
    assert good.meaning == "CallDoc antwortet."


def test_a_failure_of_another_day_names_the_day():
    reach = Reach(False, "refused", datetime(2025, 10, 5, 23, 59))
    assert health_light("SQLHK", reach, NOON).text == "SQLHK nicht erreichbar seit 05.10. 23:59"


def test_tasks_are_counted_in_words():
    assert tasks_light(0).text == "Kein Abgleich läuft"
    assert tasks_light(1).text == "1 Abgleich läuft"
    assert tasks_light(12).text == "12 Abgleiche laufen"


def test_a_check_is_summed_up():
    good, bad = Reach(True, ""), Reach(False, "", NOON)
    assert check_summary({}) == "Es ist keine Verbindung eingerichtet."
    assert check_summary({"a": good}) == "Alle Verbindungen sind in Ordnung."
    partly = "Nicht alle Verbindungen werden geprüft; die geprüften sind in Ordnung."
    assert check_summary({"a": good, "b": NOT_ASKED}) == partly
    assert check_summary({"b": NOT_ASKED}) == "Es ist keine Verbindung eingerichtet."
    assert check_summary({"a": good, "b": bad, "c": NOT_ASKED}).startswith("1 von 2 ")
    assert check_summary({"a": good, "b": bad}) == "1 von 2 Verbindungen ist gestört."
