"""The administrator's guide on backups, carried out: copy, go on, put back, prove, go on."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from tests.end_to_end.program import Demo, Program, run_program, until
from tests.end_to_end.stage import Stage

Stages = Callable[..., Stage]
SYNCS_MEANWHILE = 6


def verify(folder: Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """``--verify-receipts``, which only reads."""
    return run_program(folder, "--verify-receipts", "--data-dir", str(data_dir))


def planned(stages: Stages) -> Stage:
    """A patient whom CallDoc lists and SQLHK does not have yet."""
    stage = stages()
    stage.planned_once()
    return stage


def test_a_copy_of_the_stopped_program_is_put_back(
    demo: Demo, stages: Stages, tmp_path: Path
) -> None:
    before, after = planned(stages), planned(stages)
    with Program(tmp_path, demo.settings()) as program:
        known = program.wait_until_ready().sync(before.body())
        program.terminate()
    data_dir, copy = program.data_dir, tmp_path / "copy"
    shutil.copytree(data_dir, copy)
    with Program(tmp_path, demo.settings()) as program:
        lost = program.wait_until_ready().sync(after.body())
        assert lost["sqlhk_sync"]["action"] == "created"
        program.kill()
    newer_anchor = (data_dir / "journal.sqlite.anchor").read_bytes()

    data_dir.rename(tmp_path / "set-aside")
    shutil.copytree(copy, data_dir)
    done = verify(tmp_path, data_dir)
    assert (done.returncode, done.stdout[:12]) == (0, "ok       2 r"), done.stdout
    with Program(tmp_path, demo.settings()) as program:
        assert program.wait_until_ready().status(known["task_id"]) == known
        assert program.get(f"/api/sync/status/{lost['task_id']}").status_code == 404
        # What SQLHK got after the backup is found there, and not written a second time.
        assert program.sync(after.body())["sqlhk_sync"]["action"] == "unchanged"
        program.terminate()
    assert verify(tmp_path, data_dir).returncode == 0

    (copy / "journal.sqlite.anchor").write_bytes(newer_anchor)
    done = verify(tmp_path, copy)
    assert done.returncode == 1
    assert done.stdout.startswith("PROBLEM  the newest receipts are missing"), done.stdout


def test_a_copy_is_made_while_the_program_works(demo: Demo, stages: Stages, tmp_path: Path) -> None:
    patients = [planned(stages) for _ in range(SYNCS_MEANWHILE)]
    copy = tmp_path / "copy"

    def copied() -> bool | None:
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        shutil.copy2(anchor, copy)
        with closing(sqlite3.connect(anchor.with_suffix(""))) as journal:
            journal.execute("VACUUM INTO ?", (str(copy / "journal.sqlite"),))
        return True if verify(tmp_path, copy).returncode == 0 else None

    with Program(tmp_path, demo.settings()) as program:
        program.wait_until_ready()
        program.sync(patients[0].body())
        anchor = program.data_dir / "journal.sqlite.anchor"
        with ThreadPoolExecutor(1) as worker:
            syncs = worker.map(lambda stage: program.sync(stage.body()), patients[1:])
            until(copied, 20, "no copy fits together")
            assert {sync["status"] for sync in syncs} == {"completed"}
    with Program(tmp_path / "restored", demo.settings(), data_dir=copy) as program:
        program.wait_until_ready()
        assert program.sync(patients[-1].body())["sqlhk_sync"]["action"] == "unchanged"
        program.terminate()
    assert verify(tmp_path, copy).returncode == 0
