"""The simulated CallDoc: its two searches over HTTP, with the faults that are switched on."""

from __future__ import annotations

import json
from datetime import date, time
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.call_log import CallLog
from demo.calldoc_answers import Answer, Listing, listing_answer, spoilt_answer
from demo.calldoc_json import appointment_json, patient_json, with_old_field_names
from demo.calldoc_search import AppointmentQuery, read_query
from demo.calldoc_state import CallDocState
from demo.day_plan import HEART_CATHETER, Appointment
from demo.faults import EndpointFault, FaultBoard
from demo.http_server import LoopbackHandler, encode_json
from demo.people import STRANGER
from demo.switchable_server import SwitchableServer

BASE_PATH = "/api/v1/frontend"
STRANGERS_APPOINTMENT_ID = 999_999
_HOLD_GLANCE_SECONDS = 0.01
_APPOINTMENT_SEARCH = f"{BASE_PATH}/appointment_search"
_PATIENT_SEARCH = f"{BASE_PATH}/patient_search"
_PATIENTS_SEARCH = "/patients/search"


class CallDocServer(SwitchableServer):
    """The simulated CallDoc on one port of 127.0.0.1, which it keeps until ``stop()``.

    Attributes: ``state`` (what it holds), ``faults`` (the switches that it obeys), ``log`` (what it
    was asked), ``port``.
    """

    def __init__(self, state: CallDocState, faults: FaultBoard, port: int = 0) -> None:
        self.state = state
        self.faults = faults
        self.log = CallLog()
        super().__init__(port, partial(_Handler, state, faults, self.log), self.log.connection)


class _Handler(LoopbackHandler):
    def __init__(self, state: CallDocState, faults: FaultBoard, log: CallLog, *args: Any) -> None:
        self._state = state
        self._faults = faults
        self._log = log
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer the appointment search and the patient search by URL."""
        url = urlsplit(self.path)
        parameters = dict(parse_qsl(url.query))
        path = url.path.rstrip("/")
        if path == _APPOINTMENT_SEARCH:
            self._search_appointments(parameters)
        elif path == _PATIENT_SEARCH:
            self._search_patients(parameters.get("piz", ""))
        else:
            self._refuse(404, "not found")

    def do_POST(self) -> None:
        """Answer the patient search by JSON body."""
        try:
            body = self.read_body()
        except ValueError as error:
            self._refuse(400, str(error))
            return
        if urlsplit(self.path).path.rstrip("/") != _PATIENTS_SEARCH:
            self._refuse(404, "not found")
            return
        try:
            question = json.loads(body)
        except ValueError:
            question = None
        if isinstance(question, dict):
            self._search_patients(str(question.get("piz") or "").strip())
        else:
            self._refuse(400, "a JSON object is expected")

    def _search_appointments(self, parameters: dict[str, str]) -> None:
        try:
            query = read_query(parameters)
        except ValueError as error:
            self._refuse(400, str(error))
            return
        with self._log.call("appointments", self.requestline):
            stranger = _strangers_appointment(query)
            if self._state.options.field_names == "old":
                stranger = with_old_field_names(stranger)
            entries = self._state.search_appointments(query)
            listing = Listing("data", entries, stranger)
            self._answer("appointments", listing, listing_answer(listing))

    def _search_patients(self, number: str) -> None:
        with self._log.call("patients", self.requestline):
            listing = Listing(
                "patients", self._state.search_patients(number), patient_json(STRANGER)
            )
            right = listing_answer(listing)
            if not listing.entries:
                right = _unknown_patient(self._state.options.unknown_patient)
            self._answer("patients", listing, right)

    def _refuse(self, status: int, message: str) -> None:
        self.send_json(status, {"error": True, "message": message})

    def _answer(self, endpoint: str, listing: Listing, right: Answer) -> None:
        fault = self._faults.take(endpoint)
        if fault.mode == "close":
            self.close_connection = True
        elif fault.mode == "reset":
            self.reset_connection()
        elif fault.mode == "hang":
            self.client_stays(None)
            self.close_connection = True
        elif fault.mode in ("slow", "hold") and not self._client_waits(endpoint, fault):
            self.close_connection = True
        elif fault.mode in ("none", "slow", "hold", "drip_header", "drip_body"):
            self._write(right, fault)
        else:
            self._write(spoilt_answer(fault.mode, fault.status, listing), fault)

    def _client_waits(self, endpoint: str, fault: EndpointFault) -> bool:
        """Until a slow or held answer is due; False when the client goes."""
        if fault.mode == "slow":
            return self.client_stays(fault.seconds)
        while getattr(self._faults.current(), endpoint).mode == "hold":
            if not self.client_stays(_HOLD_GLANCE_SECONDS):
                return False
        return True

    def _write(self, answer: Answer, fault: EndpointFault) -> None:
        header = self.header_bytes(answer.status, len(answer.body), answer.content_type)
        if fault.mode == "drip_header":
            if self._drip(header, fault.interval):
                self.wfile.write(answer.body)
        elif fault.mode == "drip_body":
            self.wfile.write(header)
            self._drip(answer.body, fault.interval)
        else:
            self.wfile.write(header + answer.body)

    def _drip(self, data: bytes, interval: float) -> bool:
        for position in range(len(data)):
            self.wfile.write(data[position : position + 1])
            if not self.client_stays(interval):
                self.close_connection = True
                return False
        return True


def _unknown_patient(manner: str) -> Answer:
    if manner == "404":
        return Answer(404, encode_json({"message": "patient not found"}))
    return Answer(200, encode_json({"patients": None if manner == "null" else []}))


def _strangers_appointment(query: AppointmentQuery) -> Any:
    day: date = query.from_date
    asked_type = query.filters.get("appointment_type_id", "")
    return appointment_json(
        Appointment(
            id=STRANGERS_APPOINTMENT_ID,
            day=day,
            at=time(7, 30),
            person=STRANGER,
            listed_piz=STRANGER.piz,
            appointment_type=int(asked_type) if asked_type.isdigit() else HEART_CATHETER,
        )
    )
