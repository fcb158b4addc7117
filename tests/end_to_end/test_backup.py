"""The administrator's guide on backups, carried out: copy, go on, put back, prove, go on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.end_to_end.program import Demo, Program, run_program
from tests.end_to_end.stage import Stage

Stages = Callable[..., Stage]
SYNCS_MEANWHILE = 6
COPIES = 3


def verify(folder: Path, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """``--verify-receipts``, which only reads."""
    return run_program(folder, "--verify-receipts", "--data-dir", str(data_dir))


def back_up(folder: Path, data_dir: Path, copy: Path) -> subprocess.CompletedProcess[str]:
    """``--backup``, which changes nothing in the data folder."""
    return run_program(folder, "--data-dir", str(data_dir), "--backup", str(copy))


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
    copies = [tmp_path / f"copy {number}" for number in range(COPIES)]
    with Program(tmp_path, demo.settings()) as program:
        program.wait_until_ready()
        known = program.sync(patients[0].body())
        with ThreadPoolExecutor(1) as worker:
            syncs = worker.map(lambda stage: program.sync(stage.body()), patients[1:])
            for copy in copies:
                done = back_up(tmp_path, program.data_dir, copy)
                assert (done.returncode, done.stderr) == (0, ""), done.stdout
                copied, proven = done.stdout.splitlines()
                assert copied == f"ok       {len(list(copy.iterdir()))} files copied"
                assert proven.endswith("receipts, none changed or removed")
                assert done.stdout.splitlines()[1:] == verify(tmp_path, copy).stdout.splitlines()
            assert {sync["status"] for sync in syncs} == {"completed"}
        again = back_up(tmp_path, program.data_dir, copies[0])
        assert again.returncode == 1
        assert again.stdout.startswith("PROBLEM  ")
        assert "is not an empty folder; nothing was copied" in again.stdout
    with Program(tmp_path / "restored", demo.settings(), data_dir=copies[-1]) as program:
        assert program.wait_until_ready().status(known["task_id"]) == known
        assert program.sync(patients[-1].body())["sqlhk_sync"]["action"] == "unchanged"
        program.terminate()
    assert verify(tmp_path, copies[-1]).returncode == 0


def test_a_folder_that_is_no_data_folder_is_told(tmp_path: Path) -> None:
    done = back_up(tmp_path, tmp_path / "nobody", tmp_path / "copy")
    assert done.returncode == 1
    assert done.stdout == f"PROBLEM  there is no journal in the data folder {tmp_path / 'nobody'}\n"
    assert not (tmp_path / "copy").exists()
