"""Receipts that somebody changed, removed or exchanged, or that a crash left behind."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from sync_core.journal import Journal
from sync_core.journal_file import JournalFile
from sync_core.receipt_chain import Receipt
from sync_core.receipts import COLUMNS, ReceiptBook
from tests.clock import PATIENCE
from tests.crash import doom
from tests.crash.nursery import Nursery
from tests.crash.program import (
    Born,
    Lives,
    OwnRegistry,
    anchor_of,
    journal_of,
    query,
    receipts_of,
)
from tests.crash.scenes import ended_or_dead, new_patient, post, settle
from tests.end_to_end.program import Demo, clean_environment

RECEIPTS = 6

Verify = Callable[[Path], "tuple[int, str]"]


@pytest.fixture
def verify(nursery: Nursery, tmp_path: Path) -> Verify:
    """Runs ``--verify-receipts`` on a data folder; its exit code and what it printed."""

    def run(data_dir: Path) -> tuple[int, str]:
        errors = tmp_path / "verify.txt"
        with errors.open("w+", encoding="utf-8") as stderr:
            child = nursery.bear(
                ["--verify-receipts", "--data-dir", str(data_dir)],
                clean_environment(tmp_path),
                tmp_path,
                stderr,
            )
            with child.stdout as stdout:
                printed = stdout.read()
            code = child.wait(PATIENCE)
        assert errors.read_text(encoding="utf-8") == ""
        return code, printed

    return run


@pytest.fixture(scope="module")
def written_book(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the receipts of a few syncs; to be copied."""
    folder = tmp_path_factory.mktemp("book")
    demo = Demo(folder / "demo")
    try:
        registry = OwnRegistry.of_demo(demo)
        with Born(nursery, folder, registry.settings()) as program:
            program.wait_until_ready()
            for _ in range(RECEIPTS // 2):
                program.sync(new_patient(registry).stage.body())
            settle(program)
            program.terminate()
    finally:
        demo.stop()
    return folder / "data"


@pytest.fixture
def book(written_book: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own with six receipts that verify."""
    return Path(shutil.copytree(written_book, tmp_path / "data"))


def execute(data_dir: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(journal_of(data_dir))) as connection, connection:
        connection.execute(sql, values)


def test_untouched(book: Path, verify: Verify) -> None:
    assert verify(book) == (0, f"ok       {RECEIPTS} receipts, none changed or removed\n")


@pytest.mark.parametrize("column", COLUMNS.split(", ")[1:])
def test_a_flipped_byte_is_named(book: Path, verify: Verify, column: str) -> None:
    """Of each receipt the first, the middle and the last byte, in its lowest and highest bit."""
    set_value = f"UPDATE receipt SET {column} = CAST(? AS TEXT) WHERE number = ?"
    for number in range(1, RECEIPTS + 1):
        ((value,),) = query(
            journal_of(book), f"SELECT {column} FROM receipt WHERE number = ?", number
        )
        text = value.encode()
        for place in (0, len(text) // 2, len(text) - 1):
            for bit in (0x01, 0x80):
                changed = text[:place] + bytes([text[place] ^ bit]) + text[place + 1 :]
                execute(book, set_value, changed, number)
                told = [finding.message for finding in receipts_of(book).findings]
                assert any(re.search(rf"\b{number}\b", line) for line in told), (changed, told)
                if number == 3 and place == 0:
                    lines = "".join(f"PROBLEM  {line}\n" for line in told)
                    assert verify(book) == (1, lines)
                execute(book, set_value, text, number)
    assert verify(book)[0] == 0


@pytest.mark.parametrize("number", range(1, RECEIPTS + 1))
def test_a_changed_number_is_named(book: Path, number: int) -> None:
    execute(book, "UPDATE receipt SET number = number + 64 WHERE number = ?", number)
    told = " ".join(finding.message for finding in receipts_of(book).findings)
    assert f"receipt {number + 64} was changed" in told
    assert {str(number), str(number + 1)} & set(re.findall(r"\d+", told))


def test_another_type_is_a_change(book: Path, verify: Verify) -> None:
    execute(book, "UPDATE receipt SET body = CAST(body AS BLOB), hash = 5 WHERE number = 3")
    code, printed = verify(book)
    assert code == 1
    assert "receipt 3 was changed" in printed


@pytest.mark.parametrize(
    ("removed", "told"),
    [
        ([1], "the receipts before 2 are missing"),
        ([3], "receipts are missing: 3 to 3"),
        ([2, 3, 4], "receipts are missing: 2 to 4"),
        ([6], "the newest receipts are missing: 6 is anchored, 5 is the last"),
        ([5, 6], "the newest receipts are missing: 6 is anchored, 4 is the last"),
        ([1, 2, 3, 4, 5, 6], "the newest receipts are missing: 6 is anchored, none is the last"),
    ],
    ids=str,
)
def test_removed_and_still_missed_later(
    nursery: Nursery,
    registry: OwnRegistry,
    book: Path,
    verify: Verify,
    removed: list[int],
    told: str,
) -> None:
    for number in removed:
        execute(book, "DELETE FROM receipt WHERE number = ?", number)
    code, printed = verify(book)
    assert (code, printed) == (1, f"PROBLEM  {told}\n")
    # The program goes on working, and its new receipts cover nothing up.
    with Born(nursery, book.parent, registry.settings()) as program:
        program.wait_until_ready()
        for _ in range(2):
            scene = new_patient(registry)
            assert program.sync(scene.stage.body())["status"] == "completed"
            assert scene.written()
        settle_anyway(program)
    code, printed = verify(book)
    assert code == 1
    assert "missing" in printed


def settle_anyway(program: Born) -> None:
    """No finding but the one that was there before."""
    assert len(receipts_of(program.data_dir).findings) == 1


def test_the_newest_exchanged_and_still_known_later(
    nursery: Nursery, registry: OwnRegistry, book: Path, verify: Verify
) -> None:
    """Its hash is right, so only the anchor knows."""
    ((*row,),) = query(journal_of(book), f"SELECT {COLUMNS} FROM receipt WHERE number = 6")
    forged = Receipt(*row[:4], '{"asked":true}', row[5]).sealed()
    execute(
        book, "UPDATE receipt SET body = ?, hash = ? WHERE number = 6", forged.body, forged.hash
    )
    assert verify(book) == (1, "PROBLEM  receipt 6 is not the one that was anchored\n")
    with Born(nursery, book.parent, registry.settings()) as program:
        program.wait_until_ready()
        assert program.sync(new_patient(registry).stage.body())["status"] == "completed"
    assert verify(book) == (1, "PROBLEM  receipt 7 does not follow on the one before it\n")


def test_the_anchor_is_removed(book: Path, verify: Verify) -> None:
    anchor_of(book).unlink()
    assert verify(book) == (1, "PROBLEM  the anchor of the newest receipt is missing\n")


@pytest.mark.parametrize("value", [b"\xff\xfe", b"{", b"[1]", b"{}"])
def test_an_open_intent_that_cannot_be_read_stops_nothing(
    nursery: Nursery, registry: OwnRegistry, tmp_path: Path, value: bytes
) -> None:
    """Nobody can tell what became of its task, so nobody says that it was interrupted."""
    scene = new_patient(registry)
    with Lives(nursery, tmp_path / "program", registry.settings()) as lives:
        program = lives.program.wait_until_ready()
        doom.order(lives.orders, doom.Step("journal: UPDATE task SET status = ?, stored = ?,", 1))
        accepted = post(program, scene)
        assert ended_or_dead(program, accepted)
        assert accepted is not None
        execute(program.data_dir, "UPDATE receipt SET body = CAST(? AS TEXT)", value)
        program = lives.reborn()
        status = program.wait(accepted)
        assert (status["status"], status["error_code"]) == ("failed", "outcome_unknown")
        repeated = program.sync(scene.stage.body())
        assert repeated["sqlhk_sync"]["action"] == "unchanged"


def test_the_kind_of_an_open_intent_is_missing_for_a_while(
    nursery: Nursery, registry: OwnRegistry, tmp_path: Path
) -> None:
    scene = new_patient(registry)
    folder = tmp_path / "program"
    with Lives(nursery, folder, registry.settings()) as lives:
        program = lives.program.wait_until_ready()
        doom.order(lives.orders, doom.Step("journal: UPDATE task SET status = ?, stored = ?,", 1))
        accepted = post(program, scene)
        assert ended_or_dead(program, accepted)
        assert accepted is not None
        with Born(
            nursery, folder, registry.settings(), "--disable-plugin", "single_patient"
        ) as without:
            without.wait_until_ready()
            status = without.wait(accepted)
            assert (status["status"], status["error_code"]) == ("failed", "outcome_unknown")
        program = lives.reborn()
        settle(program)
        assert program.status(accepted)["resolution"] == "written"


# --- what a crash leaves -------------------------------------------------------------------------


def test_an_anchor_one_behind_is_no_finding_and_is_repaired(
    nursery: Nursery, registry: OwnRegistry, book: Path, verify: Verify
) -> None:
    lines = anchor_of(book).read_text(encoding="ascii").rstrip().splitlines()
    behind = "\n".join(lines[:-1]) + "\n" + lines[-1][:20]  # died halfway through the line
    anchor_of(book).write_text(behind, encoding="ascii")
    assert verify(book)[0] == 0
    with Born(nursery, book.parent, registry.settings()) as program:
        program.wait_until_ready()
        assert verify(book)[0] == 0
        assert anchor_of(book).read_text(encoding="ascii").splitlines()[-1] == lines[-1]
        program.sync(new_patient(registry).stage.body())
        settle(program)
    assert verify(book) == (0, f"ok       {RECEIPTS + 2} receipts, none changed or removed\n")


def test_an_anchor_two_behind_is_a_finding_and_stays_one(
    nursery: Nursery, registry: OwnRegistry, book: Path, verify: Verify
) -> None:
    lines = anchor_of(book).read_text(encoding="ascii").rstrip().splitlines()
    lines = [line for line in lines if line]
    anchor_of(book).write_text("\n".join(lines[:-2]) + "\n", encoding="ascii")
    told = "PROBLEM  receipts after 4 are not anchored; the newest is 6\n"
    assert verify(book) == (1, told)
    with Born(nursery, book.parent, registry.settings()) as program:
        program.wait_until_ready()
    assert verify(book) == (1, told)


# --- pruning -------------------------------------------------------------------------------------


def aged_book(data_dir: Path, old: int, young: int) -> None:
    """Receipts older than ten years, and young ones."""
    data_dir.mkdir(parents=True)
    Journal(journal_of(data_dir)).close()
    for days, number in ((4000, old), (1, young)):
        moment = datetime.now(timezone.utc) - timedelta(days=days)
        file = JournalFile(journal_of(data_dir))
        book = ReceiptBook(file, anchor_of(data_dir), lambda moment=moment: moment)
        for _ in range(number):
            book.record("task", "written", {"asked": False})
        file.close()


def test_old_receipts_are_pruned_and_the_rest_verifies(
    nursery: Nursery, registry: OwnRegistry, tmp_path: Path, verify: Verify
) -> None:
    aged_book(tmp_path / "data", 5, 3)
    for settings, left in (({}, 3), ({}, 3), ({"RECEIPTS__RETENTION_DAYS": "1"}, 1)):
        with Born(nursery, tmp_path, {**registry.settings(), **settings}) as program:
            program.wait_until_ready()
            code, printed = verify(program.data_dir)
            assert (code, printed.split()[:3]) == (0, ["ok", str(left), "receipts,"])
    execute(tmp_path / "data", "DELETE FROM receipt")
    assert verify(tmp_path / "data")[0] == 1


@pytest.mark.parametrize(
    "step",
    [
        doom.Step("anchor: write", 1),
        doom.Step("anchor: fsync", 1),
        doom.Step("journal: DELETE FROM receipt WHERE number < ?", 1),
        doom.Step("journal.sqlite-wal: write 4096 bytes", 1),
    ],
    ids=lambda step: step.name[:20],
)
def test_killed_while_pruning(
    nursery: Nursery, registry: OwnRegistry, tmp_path: Path, verify: Verify, step: doom.Step
) -> None:
    folder = tmp_path / "program"
    aged_book(folder / "data", 5, 3)
    with Lives(nursery, folder, registry.settings()) as lives:
        lives.begin(step)
        lives.program.die()
        assert verify(folder / "data")[0] == 0
        program = lives.reborn()
        code, printed = verify(folder / "data")
        assert (code, printed.split()[:3]) == (0, ["ok", "3", "receipts,"])
        program.sync(new_patient(registry).stage.body())
        settle(program)
    assert verify(folder / "data")[1].split()[1] == "5"
