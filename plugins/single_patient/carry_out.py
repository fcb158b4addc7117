"""Carries a plan out inside an open transaction, and says what was done to which row."""

from __future__ import annotations

from dataclasses import dataclass

from plugins.single_patient.ledger import LedgerLine
from plugins.single_patient.plan import Plan, insert_changes, patient_changes, update_changes
from plugins.single_patient.result import Change
from plugins.single_patient.transaction import RegistryTransaction
from sync_core.identity import PatientAction

WEIGHT = ("created", "updated", "unchanged")
"""The outcomes of an examination, the weightiest first."""

_PREVIEW = {
    "created": "would_create",
    "updated": "would_update",
    "unchanged": "unchanged",
}
_PREVIEW_PATIENT = {
    PatientAction.FOUND: "found",
    PatientAction.LINK: "would_link",
    PatientAction.CREATE: "would_create",
}


@dataclass(frozen=True)
class Done:
    """What a plan came to; in a preview what it would come to."""

    plan: Plan
    patient_id: int | None
    patient_action: str
    lines: tuple[LedgerLine, ...]
    changes: tuple[Change, ...]
    action: str
    untersuchung_id: int | None


def carry_out(plan: Plan, transaction: RegistryTransaction) -> Done:
    """Write what the plan says. Raises ``ConflictError``, ``ScopeViolationError``, SQL errors."""
    outcomes: dict[int, tuple[str, int | None]] = {}
    changes: list[Change] = []
    if plan.writes:
        transaction.begin_writing()
    patient_id = _patient(plan, transaction)
    changes += patient_changes(plan, patient_id)
    for pair in plan.pairs:
        key = pair.row.untersuchung_id
        if pair.differs:
            transaction.update_examination(pair.row, pair.wanted.values)
            changes += update_changes(pair)
        outcomes[pair.wanted.appointment_id] = ("updated" if pair.differs else "unchanged", key)
    for wanted in plan.new:
        key = transaction.insert_examination(wanted.values, patient_id)
        changes += insert_changes(wanted.values, key, patient_id)
        outcomes[wanted.appointment_id] = ("created", key)
    action, untersuchung_id = _weightiest(outcomes)
    return Done(
        plan=plan,
        patient_id=patient_id,
        patient_action=plan.patient.action.value,
        lines=plan.lines(outcomes),
        changes=tuple(changes),
        action=action,
        untersuchung_id=untersuchung_id,
    )


def preview(plan: Plan) -> Done:
    """What carrying the plan out would come to; nothing is written."""
    outcomes: dict[int, tuple[str, int | None]] = {
        pair.wanted.appointment_id: (
            "updated" if pair.differs else "unchanged",
            pair.row.untersuchung_id,
        )
        for pair in plan.pairs
    }
    outcomes |= {wanted.appointment_id: ("created", None) for wanted in plan.new}
    action, untersuchung_id = _weightiest(outcomes)
    return Done(
        plan=plan,
        patient_id=plan.patient_id,
        patient_action=_PREVIEW_PATIENT[plan.patient.action],
        lines=plan.lines({item: (_PREVIEW[what], key) for item, (what, key) in outcomes.items()}),
        changes=plan.changes(),
        action=_PREVIEW[action],
        untersuchung_id=untersuchung_id,
    )


def _patient(plan: Plan, transaction: RegistryTransaction) -> int:
    if plan.new_patient is not None:
        return transaction.insert_patient(plan.new_patient)
    assert plan.patient_id is not None  # noqa: S101 - a plan creates a patient or has its row
    if plan.patient.action is PatientAction.LINK:
        transaction.link_patient(plan.patient_id, plan.request.piz)
    return plan.patient_id


def _weightiest(outcomes: dict[int, tuple[str, int | None]]) -> tuple[str, int | None]:
    return min(outcomes.values(), key=lambda outcome: WEIGHT.index(outcome[0]))
