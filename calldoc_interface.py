"""The client of CallDoc, the practice's appointment system. It only ever reads.

``CallDocInterface("2025-10-06", "2025-10-06").appointment_search(appointment_type_id=24)``
returns CallDoc's JSON after its shape was checked; single appointments are left as they came
(:mod:`sync_core.appointments` reads them). CallDoc's own filters are not reliable, so callers
filter again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from sync_core.appointments import read_piz
from sync_core.errors import CallDocError, CallDocUnavailableError, Refusal
from sync_core.http_calls import Answer, AnswerTooLargeError, HttpCalls
from sync_core.run_control import RunControl
from sync_core.settings import CallDocSettings
from sync_core.settings_loader import find_settings_file, load_settings

CALL_SECONDS = 60.0
"""How long one call may take when the caller gave no deadline."""


class CallDocInterface:
    """CallDoc for the days ``from_date`` to ``to_date`` (``YYYY-MM-DD``).

    ``filters`` go along with every appointment search. ``settings`` default to the program's
    configuration, ``calls`` to a connection pool of its own, ``control`` (deadline, stop request)
    to a minute a call. Every method raises ``CallDocUnavailableError``, ``CallDocError``, or what
    ``control.check`` raises; ``Refusal`` (``not_configured``) where an address is missing.
    """

    def __init__(
        self,
        from_date: str,
        to_date: str,
        *,
        settings: CallDocSettings | None = None,
        calls: HttpCalls | None = None,
        control: RunControl | None = None,
        **filters: object,
    ) -> None:
        self.from_date = from_date
        self.to_date = to_date
        self.filters = filters
        self._settings = settings or _configured()
        self._calls = calls or http_calls(self._settings)
        self._control = control

    def appointment_search(self, **filters: object) -> dict[str, Any]:
        """The appointments: ``{"data": [...], ...}``.

        Filters CallDoc knows: ``appointment_type_id``, ``employee_id``, ``room_id``,
        ``doctors_office_location``, ``patient``, ``status``. It may ignore them.
        """
        answer = self._get("appointment_search/", {**self.filters, **filters})
        return _with_list(_parsed(answer), "data")

    def patient_search(self, **filters: object) -> dict[str, Any]:
        """The patients of the days: ``{"patients": [...], ...}``; ``piz`` narrows them down."""
        answer = self._get("patient_search/", filters)
        return _with_list(_known(answer), "patients")

    def get_patient_by_piz(self, piz: str | int) -> dict[str, Any]:
        """The patient with this number: ``{"patients": [...]}``, empty when there is none.

        CallDoc may answer with further patients, and the first is not always the one meant: only
        entries whose number is the one asked for are left.
        """
        answer = self._call(
            "POST", _joined(self._settings.patient_url, "patients/search"), json={"piz": str(piz)}
        )
        found = _with_list(_known(answer), "patients")
        number = read_piz(piz)
        patients = [
            patient
            for patient in found["patients"]
            if isinstance(patient, dict) and read_piz(patient.get("piz")) == number
        ]
        return {**found, "patients": patients}

    def _get(self, path: str, filters: Mapping[str, object]) -> Answer:
        params = {"from_date": self.from_date, "to_date": self.to_date}
        params.update({name: str(value) for name, value in filters.items() if value is not None})
        return self._call("GET", _joined(self._settings.base_url, path), params=params)

    def _call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer:
        control = self._control or RunControl(CALL_SECONDS)
        try:
            return self._calls.call(method, url, control, params=params, json=json)
        except requests.ConnectTimeout as error:
            raise CallDocUnavailableError(
                "CallDoc ist nicht erreichbar (keine Verbindung)."
            ) from error
        except requests.Timeout as error:
            raise CallDocUnavailableError("CallDoc hat nicht rechtzeitig geantwortet.") from error
        except requests.ConnectionError as error:
            raise CallDocUnavailableError from error
        except requests.RequestException as error:
            raise CallDocError(
                "CallDoc hat unvollständig oder unverständlich geantwortet."
            ) from error
        except AnswerTooLargeError as error:
            raise CallDocError("Die Antwort von CallDoc ist zu groß.") from error


def http_calls(settings: CallDocSettings) -> HttpCalls:
    """A connection pool with CallDoc's time-outs, to be shared by many clients."""
    return HttpCalls(connect_timeout=settings.connect_timeout, read_timeout=settings.read_timeout)


def _configured() -> CallDocSettings:
    file = find_settings_file(None, os.environ, Path.cwd())
    return load_settings(file, os.environ).calldoc


def _joined(base: str | None, path: str) -> str:
    if not base:
        raise Refusal(
            "not_configured",
            "CallDoc's addresses are not configured (calldoc.base_url, calldoc.patient_url)",
        )
    return f"{base.rstrip('/')}/{path}"


def _known(answer: Answer) -> dict[str, Any]:
    """A patient search's answer; 404 is CallDoc's other way to say that nobody was found."""
    return {"patients": []} if answer.status == 404 else _parsed(answer, empty_list="patients")


def _parsed(answer: Answer, *, empty_list: str | None = None) -> dict[str, Any]:
    if answer.status != 200:
        raise CallDocError(f"CallDoc hat mit einem Fehler geantwortet (HTTP {answer.status}).")
    try:
        parsed = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise CallDocError("CallDoc hat kein lesbares JSON geantwortet.") from error
    if not isinstance(parsed, dict):
        raise CallDocError("Die Antwort von CallDoc hat nicht die erwartete Form.")
    if parsed.get("error"):
        raise CallDocError("CallDoc meldet einen Fehler.")
    if empty_list is not None and empty_list in parsed and parsed[empty_list] is None:
        parsed[empty_list] = []
    return parsed


def _with_list(parsed: dict[str, Any], name: str) -> dict[str, Any]:
    if not isinstance(parsed.get(name), list):
        raise CallDocError("Die Antwort von CallDoc hat nicht die erwartete Form.")
    return parsed
