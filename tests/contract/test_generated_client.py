"""A client that a public generator makes of the recorded document, used on the real program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.test_document import RECORDED
from tests.end_to_end.program import Demo, Program, clean_environment
from tests.end_to_end.stage import Stage

PACKAGE = "sync_gui_api_client"

SCRIPT = """
import datetime
import json
import sys

from sync_gui_api_client import Client
from sync_gui_api_client.api.single_patient import sync_patient
from sync_gui_api_client.api.tasks import cancel_task, get_task_status, list_ended_tasks
from sync_gui_api_client.models import SyncRequest

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
day = datetime.date.fromisoformat(sys.argv[3])
asked = SyncRequest(piz=sys.argv[2], date=day, dry_run=True)
accepted = sync_patient.sync(client=client, body=asked, idempotency_key="generated-1")
status = get_task_status.sync(accepted.task_id, client=client, wait=10)
again = sync_patient.sync(client=client, body=asked, idempotency_key="generated-1")
carried_out = sync_patient.sync_detailed(
    client=client,
    body=SyncRequest(piz=sys.argv[2], date=day, plan_token=status.plan_token),
    prefer="wait=10",
)
refused = sync_patient.sync(client=client, body=SyncRequest(piz="0", date=day))
late = cancel_task.sync_detailed(accepted.task_id, client=client)
history = list_ended_tasks.sync(client=client, kind="single_patient", page_size=2)
print(json.dumps({
    "kind": type(status).__name__,
    "planned": status.sqlhk_sync.action.value,
    "same_task": again.task_id == accepted.task_id,
    "carried_out": [carried_out.status_code, carried_out.parsed.sqlhk_sync.action.value],
    "born": status.patient.birth_date.isoformat(),
    "refused": [refused.code, refused.errors.to_dict()],
    "late": [late.status_code, late.parsed.code],
    "history": [history.count, history.tasks[0].task_id == carried_out.parsed.task_id],
}))
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the generated package."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.json"
    config.write_text('{"post_hooks": []}', encoding="ascii")  # no formatting: nobody reads it
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(RECORDED), "--config", str(config)),
            *("--output-path", str(folder / PACKAGE), "--fail-on-warning"),
        ],
        cwd=folder,
        env=clean_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_client_starts_follows_and_understands(
    generated: Path, demo: Demo, program: Program
) -> None:
    stage = Stage(demo, 901)
    stage.planned_once()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, program.url, stage.piz, stage.day],
        cwd=generated,
        env=clean_environment(generated),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "kind": "SinglePatientTaskStatus",
        "planned": "would_create",
        "same_task": True,
        "carried_out": [200, "created"],
        "born": "1961-02-03",
        "refused": ["invalid_request", {"json": {"piz": ["Must not be zero."]}}],
        "late": [409, "not_running"],
        "history": [2, True],
    }
