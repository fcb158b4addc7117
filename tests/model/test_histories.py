"""Generated histories against a simple oracle: a short run that is always the same, a long one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from demo.calldoc_state import CallDocState
from plugins.single_patient import unit_of_work
from tests.faults.calldoc_in_memory import InMemoryCallDoc
from tests.faults.house import Houses, prepared_registry
from tests.model.machine import Histories

SHORT = settings(
    derandomize=True,
    database=None,
    max_examples=90,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
LONG = settings(SHORT, derandomize=False, max_examples=400, stateful_step_count=80, print_blob=True)
LONG_STEPS = 10_000


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Histories]]:
    monkeypatch.setattr(unit_of_work, "_PAUSE_SECONDS", (0.0, 0.001))
    calldoc = InMemoryCallDoc(CallDocState({}, ()))
    houses = Houses(tmp_path, prepared_registry(tmp_path), calldoc)
    made = houses.make()

    class Ready(Histories):
        house = made

    Ready.calldoc = calldoc
    Ready.counts = Counter()
    yield Ready
    houses.close()


def told(counts: Counter[str]) -> str:
    lines = [f"{count:6d}  {name}" for name, count in sorted(counts.items())]
    return "\n".join([*lines, f"{counts.total():6d}  steps in all"])


@pytest.mark.timeout(300)
def test_histories(machine: type[Histories]) -> None:
    run_state_machine_as_test(machine, settings=SHORT)
    print(told(machine.counts))
    assert machine.counts["sync: completed"] > 100  # the histories do get somewhere


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_long_histories(machine: type[Histories], capsys: pytest.CaptureFixture[str]) -> None:
    run_state_machine_as_test(machine, settings=LONG)
    with capsys.disabled():
        print("\n" + told(machine.counts))
    assert machine.counts.total() >= LONG_STEPS
