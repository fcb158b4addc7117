"""A patient with unmistakable data goes through success and every fault; then all output is
searched. Names and birth dates may stand in a status's ``patient``, ``mismatch`` and ``changes``,
in SQLHK and in the journal, and nowhere else. Nor may the examiners' names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import END_SECONDS, Demo, Program
from tests.end_to_end.stage import Stage
from tests.end_to_end.test_faults import ENDPOINTS, FAULTS

CANARY: dict[str, Any] = {
    "surname": "Kanarienschrei",
    "name": "Zwitscherine",
    "date_of_birth": "1947-11-29",
    "insurance_number": "KV47112911",
    "city": "Vogelhausen",
    "street": "Käfigallee",
    "house_number": "4711x",
    "emails": [{"email": "zwitscherine@kanarien.example"}],
    "phones": [{"phone_type": "Mobile", "phone_number": "0176 04061129"}],
}
OTHER_BIRTH_DATE = "30.12.1948"
SIGNS = (
    "kanarien",
    "zwitscher",
    "1947-11-29",
    "29.11.1947",
    "29.11.47",
    "1948-12-30",
    "30.12.1948",
    "kv4711",
    "vogelhausen",
    "käfigallee",
    "4711x",
    "0176 04061129",
    # the examiners that the changes name
    "weißhaupt",
    "sommerfeld",
)
"""Unmistakable: none can be part of a time, a number or a request id by chance."""

OPEN_MEMBERS = ("patient", "mismatch")


class Ear:
    """Listens to everything that the program tells."""

    def __init__(self, program: Program, contract: Contract) -> None:
        self.program = program
        self._contract = contract
        self.heard: list[str] = []

    def hear(self, answer: requests.Response) -> Any:
        """Keep an answer's headers and body, without what may name the patient."""
        self.heard.append(f"{answer.url} {dict(answer.headers)}")
        body = answer.json()
        shown = json.loads(answer.text)
        if isinstance(shown, dict) and "sqlhk_sync" in shown:
            for name in OPEN_MEMBERS:
                shown.pop(name, None)
            shown["sqlhk_sync"].pop("changes")
        self.heard.append(json.dumps(shown, ensure_ascii=False))
        return body

    def sync(self, body: Any) -> dict[str, Any]:
        """Sync and hear every answer on the way."""
        accepted = self.hear(self.program.send(body))
        status = self.program.wait(accepted["task_id"])
        self.hear(self.program.get(accepted["status_url"]))
        self._contract.check_status(status)
        return status

    def everything(self) -> str:
        """All that was heard, printed and logged, and the names of all files; in small letters."""
        heard = [*self.heard, *self.program.lines.seen, self.program.errors()]
        for file in self.program.data_dir.rglob("*"):
            heard.append(str(file))
            if file.is_file() and not file.name.startswith("journal."):
                heard.append(file.read_bytes().decode("utf-8", "replace"))
        return "\n".join(heard).lower()


@pytest.fixture(scope="module")
def ear(demo: Demo, contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ear]:
    """A program that logs as much as it can."""
    settings = {**demo.settings(), "TASKS__TIMEOUT_SECONDS": "2", "LOG__LEVEL": "DEBUG"}
    with Program(tmp_path_factory.mktemp("privacy"), settings) as running:
        yield Ear(running.wait_until_ready(), contract)


@pytest.fixture
def canary(stage: Stage, ear: Ear) -> Iterator[Stage]:
    """The patient with one appointment; afterwards no sign of them anywhere."""
    stage.known(**CANARY)
    stage.planned(stage.appointment(**CANARY))
    yield stage
    told = ear.everything()
    assert "sync_gui.api task=" in told  # the log was heard, also where a test runs alone
    assert [sign for sign in SIGNS if sign in told] == []
    stage.demo.control("DELETE", f"patients/{stage.piz}")
    stage.planned()


def test_success(canary: Stage, ear: Ear) -> None:
    shown = ear.sync(canary.body(dry_run=True))
    assert shown["sqlhk_sync"]["patient_action"] == "would_create"
    token = shown["plan_token"]
    status = ear.sync(canary.body(plan_token=token, expected_birth_date="1947-11-29"))
    assert status["error_code"] == "plan_changed"
    status = ear.sync(canary.body(plan_token=token))
    assert status["sqlhk_sync"]["patient_action"] == "created"
    assert status["patient"]["name"] == "Kanarienschrei"
    assert ear.sync(canary.body())["sqlhk_sync"]["action"] == "unchanged"
    canary.execute("UPDATE Patient SET Nachname = 'Kanarienruf' WHERE M1Ziffer = ?", canary.piz)
    assert ear.sync(canary.body())["status"] == "completed"  # surname_differs
    for path in ("/api/sync/active", "/health", "/health/ready", "/api/plugins"):
        ear.hear(ear.program.get(path))


def test_linked_and_doubled(canary: Stage, ear: Ear) -> None:
    row = {"Nachname": "Kanarienschrei", "Vorname": "Zwitscherine", "Geburtsdatum": "29.11.1947"}
    canary.registered(**row, M1Ziffer=None)
    assert ear.sync(canary.body())["sqlhk_sync"]["patient_action"] == "linked"


def test_mismatch(canary: Stage, ear: Ear) -> None:
    canary.registered(Geburtsdatum=OTHER_BIRTH_DATE)
    status = ear.sync(canary.body())
    assert status["error_code"] == "patient_mismatch"
    assert status["mismatch"]["birth_date"]["sqlhk"] == "1948-12-30"
    assert ear.sync(canary.body(expected_birth_date="1948-12-30"))["error_code"]


def test_ambiguous(canary: Stage, ear: Ear) -> None:
    patient_id = canary.registered(Nachname="Kanarienschrei", Geburtsdatum="29.11.1947")
    for lab in (1, 2):
        canary.examined(patient_id, HerzkatheterID=lab, UntersucherAbrechnungID=12)
    assert ear.sync(canary.body())["error_code"] == "ambiguous_examination"
    canary.registered(Nachname="Kanarienschrei", Geburtsdatum="29.11.1947")
    assert ear.sync(canary.body())["error_code"] == "ambiguous_patient"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"room": 99}, "mapping_missing"),
        ({"room": "Kanarienzimmer"}, "mapping_missing"),
        ({"status": "canceled"}, "no_appointments"),
        ({"status": "Kanarienstatus"}, None),
        ({"id": "Kanarien-Id"}, "no_appointments"),
        ({"appointment_type": "Kanarientyp"}, "no_appointments"),
        ({"scheduled_for_datetime": "29.11.1947"}, "no_appointments"),
    ],
    ids=str,
)
def test_strange_appointments(
    canary: Stage, ear: Ear, fields: dict[str, Any], code: str | None
) -> None:
    canary.planned(canary.appointment(**{**CANARY, **fields}))
    assert ear.sync(canary.body())["error_code"] == code


def test_incomplete(canary: Stage, ear: Ear) -> None:
    canary.demo.control("PATCH", f"patients/{canary.piz}", {"date_of_birth": "29.11.47", "id": 1})
    canary.planned(canary.appointment(**{**CANARY, "date_of_birth": None}))
    assert ear.sync(canary.body())["error_code"] == "patient_incomplete"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_faults_of_calldoc(canary: Stage, ear: Ear, endpoint: str) -> None:
    for fault, *_ in FAULTS.values():
        canary.demo.faults(**{endpoint: fault})
        ear.sync(canary.body(dry_run=True))
    canary.demo.faults(listener="down")
    assert ear.sync(canary.body())["error_code"] == "calldoc_unavailable"
    ear.hear(ear.program.get("/health/ready"))


def test_time_is_over_and_cancelled(canary: Stage, ear: Ear) -> None:
    canary.demo.faults(appointments={"mode": "drip_body", "interval": 0.01})
    task_id = ear.program.start(canary.body())
    ear.program.wait_for_stage(task_id, "calldoc")
    ear.hear(ear.program.send(canary.body()))  # already running
    ear.hear(ear.program.cancel(task_id))
    assert ear.program.wait(task_id)["status"] == "cancelled"
    ear.hear(ear.program.get(f"/api/sync/status/{task_id}"))
    canary.demo.faults(sqlhk="locked")
    assert ear.sync(canary.body())["error_code"] == "timeout"


def test_faults_of_sqlhk(canary: Stage, ear: Ear) -> None:
    canary.demo.faults(sqlhk="down")
    assert ear.sync(canary.body())["error_code"] == "sqlhk_unavailable"
    canary.demo.faults()
    for table in ("Patient", "Untersuchung"):
        canary.execute(
            f"CREATE TRIGGER verraet BEFORE INSERT ON {table} BEGIN"
            " SELECT RAISE(ABORT, 'duplicate key value is (Kanarienschrei, 29.11.1947)'); END"
        )
        try:
            assert ear.sync(canary.body())["error_code"] == "sqlhk_error"
        finally:
            canary.execute("DROP TRIGGER verraet")


def test_requests_that_name_the_patient(canary: Stage, ear: Ear) -> None:
    for name in ("piz", "date", "appointment_type_id", "dry_run", "plan_token"):
        answer = ear.program.send(canary.body(**{name: "Kanarienschrei"}))
        assert answer.status_code == 400
        ear.hear(answer)
    url = ear.program.url
    for answer in (
        requests.post(f"{url}/api/sync/patient", data="Kanarienschrei 1947", timeout=PATIENCE),
        requests.get(f"{url}/Kanarienschrei/29.11.1947", timeout=PATIENCE),
        requests.get(f"{url}/api/docs/Kanarienschrei", timeout=PATIENCE),
        requests.get(f"{url}/api/sync/status/Kanarienschrei", timeout=PATIENCE),
        requests.post(f"{url}/api/sync/cancel/Kanarienschrei", timeout=PATIENCE),
        requests.get(f"{url}/health", headers={"Host": "kanarienschrei"}, timeout=PATIENCE),
        requests.get(f"{url}/health", headers={"Origin": "http://kanarien"}, timeout=PATIENCE),
    ):
        assert answer.status_code in (400, 403, 404, 415)
        ear.heard.append(f"{dict(answer.headers)} {answer.text}")


def test_end_tells_nothing_either(canary: Stage, ear: Ear) -> None:
    """The last test of this module: what is written when the program ends in the middle."""
    canary.demo.faults(patients={"mode": "hang"})
    task_id = ear.program.start(canary.body())
    ear.program.wait_for_stage(task_id, "calldoc")
    assert ear.program.terminate() < END_SECONDS
    assert "interrupted" in ear.everything()
