"""What the ground is: public signatures of the day sync's modules, and what they make of a day.

Run as a program it prints both as JSON; ``PYTHONPATH=. python tests/architecture/ground.py`` in the
project's folder is how the recorded ``ground.snapshot.json`` is made. It needs no plugin and no
``tests``.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import re
import sys
import tempfile
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

MODULES = (
    "calldoc_interface",
    "mssql_api_client",
    "patient_synchronizer",
    "untersuchung_synchronizer",
    "day_sync",
)
TODAY = date(2026, 3, 9)
DAY = date(2026, 5, 5)


def signatures(module_name: str) -> dict[str, str]:
    """Every public function, class and method that the module defines, with its signature."""
    module = importlib.import_module(module_name)
    found: dict[str, str] = {}
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module_name:
            continue
        if inspect.isclass(thing):
            found[name] = _signature(thing)
            for method, function in vars(thing).items():
                if not method.startswith("_") and inspect.isfunction(function):
                    found[f"{name}.{method}"] = _signature(function)
        elif inspect.isfunction(thing):
            found[name] = _signature(thing)
    return found


def _signature(thing: Any) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(thing)))


def behaviour() -> list[dict[str, Any]]:
    """What three syncs of a generated day come to: new, changed, and with deletions."""
    from calldoc_interface import CallDocInterface, http_calls
    from day_sync import ALL_TYPES, DaySynchronizer
    from demo.sqlhk_database import fingerprint
    from demo.systems import DemoSystems
    from mssql_api_client import MsSqlApiClient
    from sync_core.obsolete import DeletionPolicy
    from sync_core.settings import CallDocSettings, MappingSettings

    told: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        DemoSystems.start(Path(folder), today=TODAY) as systems,
    ):
        settings = CallDocSettings(
            base_url=systems.calldoc_base_url, patient_url=systems.patient_url
        )
        calls, client = http_calls(settings), MsSqlApiClient(systems.gateway_url)
        calldoc = partial(CallDocInterface, settings=settings, calls=calls)
        day_sync = DaySynchronizer(calldoc, client, MappingSettings(), lambda: TODAY)
        state = systems.calldoc.state
        state.replace_day_by_plan(_generated(), DAY)
        deleted: list[Any] = []
        policy = DeletionPolicy(lambda row: deleted.append(dict(row)))
        listed = [item["id"] for item in state.appointments_listed_on(DAY)]
        steps = (
            lambda: None,
            lambda: [state.change_appointment(item, {"room": 18}) for item in listed[::10]],
            lambda: [state.change_appointment(item, {"status": "canceled"}) for item in listed[:9]],
        )
        for change, delete in zip(steps, (None, None, policy), strict=True):
            change()
            result = day_sync.sync(DAY, ALL_TYPES, delete_obsolete=delete)
            told.append(
                {
                    "patients": _digest([asdict(line) for line in result.patients.details]),
                    "examinations": _digest(
                        [asdict(line) for line in result.untersuchungen.details]
                    ),
                    "counts": {
                        name: getattr(result.untersuchungen, name)
                        for name in ("inserted", "updated", "unchanged", "deleted", "skipped")
                    },
                    "warnings": sorted(warning.code for warning in result.warnings),
                    "deleted": _digest(deleted),
                    "sqlhk": fingerprint(systems.database_path),
                }
            )
        client.close()
        calls.close()
    return told


def _generated() -> Any:
    from demo.day_plan import generated_day

    return generated_day(DAY, 120, 5)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def main() -> None:
    """Print the ground; modules named as arguments are imported first."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    ground = {"signatures": {name: signatures(name) for name in MODULES}, "days": behaviour()}
    print(json.dumps(ground, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
