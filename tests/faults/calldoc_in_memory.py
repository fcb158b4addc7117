"""The demo's CallDoc asked without HTTP, where a test asks it thousands of times."""

from __future__ import annotations

from typing import Any

from demo.calldoc_search import read_query
from demo.calldoc_state import CallDocState
from sync_core.appointments import read_piz


class InMemoryCallDoc:
    """Makes clients as the synchronizer wants them; it may be called by any thread."""

    def __init__(self, state: CallDocState) -> None:
        self.state = state

    def __call__(self, from_date: str, to_date: str, *, control: object = None) -> _Client:
        del control  # nothing here takes time
        return _Client(self.state, {"from_date": from_date, "to_date": to_date})


class _Client:
    def __init__(self, state: CallDocState, days: dict[str, str]) -> None:
        self._state = state
        self._days = days

    def appointment_search(self, **filters: object) -> dict[str, Any]:
        query = read_query({**self._days, **{name: str(value) for name, value in filters.items()}})
        return {"data": self._state.search_appointments(query)}

    def get_patient_by_piz(self, piz: str | int) -> dict[str, Any]:
        found = self._state.search_patients(str(piz))
        return {"patients": [item for item in found if read_piz(item.get("piz")) == read_piz(piz)]}
