"""The real program with faults of its own, switched on by files: for what nothing foreign causes.

``python -m tests.end_to_end.faulty_program FOLDER ARGUMENTS…`` runs the program with these
arguments. While a file of a switch's name is in the folder, that fault is on.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMMIT_BREAKS = "commit_breaks"
"""SQLHK carries out the next commit, and from then on nobody can ask it: ``UNREACHABLE``."""
UNREACHABLE = "unreachable"
TASK_FAULT = "task_fault"
"""A sync fails by a fault of ours before it has begun."""
CALL_FAULT = "call_fault"
"""The list of active tasks fails by a fault of ours."""
STUBBORN = "stubborn"
"""A sync takes a while to notice that it shall end."""

_STUBBORN_SECONDS = 0.6


def main() -> int:
    """Put the faults into the program's modules and run it."""
    switches = Path(sys.argv.pop(1))
    _break_registry(switches)
    _break_syncs(switches)
    _break_calls(switches)
    import sync_gui_qt

    return sync_gui_qt.main()


def _break_registry(switches: Path) -> None:
    from plugins.single_patient import plugin
    from plugins.single_patient.sqlhk_dialect import dialect_for
    from tests.faults.driver_errors import CANNOT_OPEN, IO_ERROR
    from tests.faults.injection import FOR_EVER, Injection, inject_into_sqlite

    create = plugin.create_sqlhk_engine
    injection = Injection()

    def break_commit(_connection: Any) -> None:
        if (switches / COMMIT_BREAKS).exists():
            (switches / COMMIT_BREAKS).rename(switches / UNREACHABLE)
            raise IO_ERROR()

    def refuse(_connection: Any) -> None:
        if (switches / UNREACHABLE).exists():
            raise CANNOT_OPEN()

    injection.after("commit", break_commit, times=FOR_EVER)
    injection.before("connect", refuse, times=FOR_EVER)

    def faulty(*values: Any, **options: Any) -> Any:
        engine = create(*values, **options)
        inject_into_sqlite(engine, injection, dialect_for(engine).statements)
        return engine

    plugin.create_sqlhk_engine = faulty


def _break_syncs(switches: Path) -> None:
    from plugins.single_patient.single_patient_sync import SinglePatientSynchronizer

    genuine = SinglePatientSynchronizer.sync

    def sync(*values: Any, **options: Any) -> Any:
        if (switches / TASK_FAULT).exists():
            raise RuntimeError("a fault for the tests")
        try:
            return genuine(*values, **options)
        finally:
            if (switches / STUBBORN).exists():
                threading.Event().wait(_STUBBORN_SECONDS)

    SinglePatientSynchronizer.sync = sync  # type: ignore[method-assign]


def _break_calls(switches: Path) -> None:
    from sync_core.task_service import RegistryTaskService

    genuine: Callable[..., Any] = RegistryTaskService.active

    def active(service: RegistryTaskService) -> Any:
        if (switches / CALL_FAULT).exists():
            raise RuntimeError("a fault for the tests")
        return genuine(service)

    RegistryTaskService.active = active  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())
