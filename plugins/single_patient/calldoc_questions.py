"""Asks CallDoc about one patient and one day, both questions at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plugins.single_patient.ledger import Selection, select_appointments, what_there_is_instead
from sync_core.appointments import (
    Appointment,
    Person,
    UnreadableAppointment,
    read_appointment,
    read_person,
)
from sync_core.errors import (
    DeadlineExceededError,
    NoAppointmentsError,
    PatientNotFoundError,
)
from sync_core.run_control import RunControl, StopReason, linked

if TYPE_CHECKING:
    from calldoc_interface import CallDocInterface
    from plugins.single_patient.request import SyncRequest

CallDocFactory = Callable[..., "CallDocInterface"]


@dataclass(frozen=True)
class PatientDay:
    """What CallDoc knows: the entries of the patient search and the day's appointments."""

    patients: tuple[Person, ...]
    selection: Selection

    @property
    def searched(self) -> Person | None:
        """The patient search's entry."""
        return self.patients[0] if self.patients else None


def ask_calldoc(
    request: SyncRequest,
    calldoc: CallDocFactory,
    control: RunControl,
    keep: Callable[[PatientDay], None],
) -> PatientDay:
    """Ask for the day's appointments and for the patient; two calls, three if none fits.

    ``calldoc`` makes a client for a day range; ``keep`` is told what is known before an error is
    raised: ``PatientNotFoundError``, ``NoAppointmentsError``, or what the client raises.
    """
    day = request.day.isoformat()
    type_id = request.appointment_type_id
    with linked(control) as both:
        client = calldoc(day, day, control=both)
        found, listed = _both(
            lambda: client.get_patient_by_piz(str(request.piz)),
            lambda: client.appointment_search(appointment_type_id=type_id),
            both,
        )
    patients = tuple(read_person(raw, calldoc_id=raw.get("id")) for raw in found["patients"])
    read = [read_appointment(raw) for raw in listed["data"]]
    known = PatientDay(patients, _selected(request, read))
    if known.selection.taken:
        return known
    everything = calldoc(day, day, control=control).appointment_search()
    # What has no id cannot be recognised in the second answer, which lists it again.
    read = [item for item in read if item.appointment_id is not None]
    read += [read_appointment(raw) for raw in everything["data"]]
    known = PatientDay(patients, _selected(request, read))
    keep(known)
    if known.selection.taken:
        return known  # the type filter had kept it back
    if not patients and not any(item.piz == request.piz for item in read):
        raise PatientNotFoundError
    raise NoAppointmentsError(what_there_is_instead(known.selection, type_id))


def _selected(request: SyncRequest, read: list[Appointment | UnreadableAppointment]) -> Selection:
    return select_appointments(request.piz, request.day, request.appointment_type_id, read)


def _both(
    first: Callable[[], dict[str, Any]],
    second: Callable[[], dict[str, Any]],
    control: RunControl,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run both at once; when one fails the other is broken off.

    The helper thread ends with its call, which ends with the deadline; should it hang all the
    same (in a name look-up, say), it is a daemon and is left behind.
    """
    results: dict[str, dict[str, Any]] = {}
    errors: list[BaseException] = []

    def run(name: str, question: Callable[[], dict[str, Any]]) -> None:
        try:
            results[name] = question()
        except BaseException as error:  # noqa: BLE001 - raised again in the asking thread
            errors.append(error)
            control.stop(StopReason.CANCELLED)

    helper = threading.Thread(
        target=run, args=("first", first), name="calldoc-patient-search", daemon=True
    )
    helper.start()
    run("second", second)
    helper.join(control.remaining() + 0.2)
    if errors:
        raise errors[0]
    if helper.is_alive():
        raise DeadlineExceededError
    return results["first"], results["second"]
