"""The two distributions in ``plugins.d`` of the real program, as administrators put them there."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from auto_sync_plugin.schedule import german_day
from tests.clock import AT_ONCE, PATIENCE
from tests.contrib.chat import SECRET_PATH, Chat
from tests.end_to_end.program import END_SECONDS, Demo, Program, run_program, until
from tests.end_to_end.stage import Stage

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        yield running
    finally:
        running.stop()


def configured(folder: Path, plugins_d: Path, **plugins: Any) -> str:
    tables = {"plugins": {"dirs": [str(plugins_d)], **plugins}}
    file = folder / "sync_gui.toml"
    file.write_text(tomlkit.dumps(tables), encoding="utf-8")
    return str(file)


def plugins_of(program: Program) -> dict[str, Any]:
    listed = program.get("/api/plugins").json()["plugins"]
    return {item.pop("name"): {**item, "start_ms": None} for item in listed}


def everything_written(program: Program) -> str:
    files = [file for file in program.data_dir.rglob("*.log*") if file.is_file()]
    texts = [file.read_text("utf-8") for file in files]
    return "\n".join([*texts, program.errors(), *program.lines.seen])


@pytest.fixture
def own_folder(plugins_d: Path, tmp_path: Path) -> Path:
    """A drop-in folder of the test's own, to install to and to uninstall from."""
    return Path(shutil.copytree(plugins_d, tmp_path / "plugins.d"))


def uninstall(folder: Path, name: str) -> None:
    shutil.rmtree(folder / f"{name}_plugin")
    (info,) = folder.glob(f"sync_gui_{name}-*.dist-info")
    shutil.rmtree(info)


def test_installing_and_removing_them_leaves_the_rest_untouched(
    demo: Demo, own_folder: Path, tmp_path: Path
) -> None:
    pictures = []
    for removed in ("", "auto_sync", "notify"):
        if removed:
            uninstall(own_folder, removed)
        file = configured(tmp_path, own_folder)
        with Program(tmp_path, demo.settings(), "--config", file) as program:
            program.wait_until_ready()
            pictures.append((program.get("/api/openapi.json").json(), plugins_of(program)))
            assert program.terminate() < END_SECONDS
            assert "left behind" not in everything_written(program)
    (api, both), (api_one, one), (api_none, none) = pictures
    assert api == api_one == api_none
    assert set(both) - set(one) == {"auto_sync"}
    assert set(one) - set(none) == {"notify"}
    assert all(both[name] == none[name] for name in none)
    for name in ("auto_sync", "notify"):
        assert (both[name]["state"], both[name]["reason"]) == ("loaded", None)
        assert both[name]["distribution"] == f"sync-gui-{name.replace('_', '-')}"


def look_at(memory: Path) -> Any:
    """What is remembered of a first look; nothing before it."""
    if not memory.exists():
        return {}
    remembered = json.loads(memory.read_text("utf-8"))
    return remembered if remembered["watched_day"] else {}


def test_a_change_while_the_program_was_away_is_synced_after_its_start(
    demo: Demo, plugins_d: Path, tmp_path: Path
) -> None:
    today = german_day(datetime.now().astimezone())
    stages = [Stage(demo, 700 + number, today) for number in range(3)]
    appointments = [stage.appointment() for stage in stages]
    for stage in stages:
        stage.known()
    stages[0].planned(*appointments)
    file = configured(
        tmp_path, plugins_d, auto_sync={"enabled": True, "daily": False, "interval": 60}
    )
    memory = tmp_path / "data" / "plugins" / "auto_sync" / "auto_sync.json"
    with Program(tmp_path, demo.settings(), "--config", file) as program:
        program.wait_until_ready()
        until(lambda: True if "known" in look_at(memory) else None, PATIENCE, "no first look")
        assert program.get("/api/sync/history").json()["count"] == 0
        assert program.terminate() < END_SECONDS
    stages[1].change(appointments[1], employee=18)
    with Program(tmp_path, demo.settings(), "--config", file) as program:
        program.wait_until_ready()
        history = until(
            lambda: found if (found := program.get("/api/sync/history").json())["count"] else None,
            *(10, "nothing was synced"),
        )
        assert program.terminate() < END_SECONDS
        (task,) = history["tasks"]
        assert task["patient"]["piz"] == stages[1].piz
        assert task["sqlhk_sync"]["action"] == "created"
        assert stages[1].surname not in everything_written(program)
    assert not any(stage.piz in memory.read_text() for stage in stages)


def test_looking_only_starts_nothing(demo: Demo, plugins_d: Path, tmp_path: Path) -> None:
    file = configured(tmp_path, plugins_d, auto_sync={"enabled": True})
    data = tmp_path / "data"
    arguments = ("--check", "--config", file, "--data-dir", str(data))
    done = run_program(tmp_path, *arguments, **demo.settings())
    assert done.returncode == 0, done.stdout
    assert not (data / "plugins").exists()


def test_the_chat_is_told_and_nobody_else_learns_a_name(
    demo: Demo, plugins_d: Path, tmp_path: Path
) -> None:
    chat, stage = Chat(), Stage(demo, 710)
    try:
        stage.planned_once()
        notify = {"webhook_url": chat.url, "interval": 1, "with_names": True}
        file = configured(tmp_path, plugins_d, notify=notify)
        with Program(tmp_path, demo.settings(), "--config", file) as program:
            program.wait_until_ready()
            assert program.sync(stage.body())["sqlhk_sync"]["action"] == "created"
            nobody = {"piz": "9999999", "date": stage.day}
            assert program.sync(nobody)["error_code"] == "patient_not_found"
            until(
                lambda: "[patient_not_found]" in chat.text or None,
                PATIENCE,
                "the chat was not told",
            )
            until(
                lambda: stage.surname in chat.text or None, PATIENCE, "no name, though switched on"
            )
            assert "PIZ prüfen." in chat.text
            assert "9999999" not in chat.text
            checks = program.get("/health/ready").json()["checks"]
            assert checks["chat"]["ok"] is True
            assert program.terminate() < END_SECONDS
            written = everything_written(program)
        assert stage.surname not in written
        assert SECRET_PATH not in written
    finally:
        chat.stop()


def test_a_chat_that_hangs_delays_no_sync_and_no_end(
    demo: Demo, plugins_d: Path, tmp_path: Path
) -> None:
    chat = Chat(hangs=True)
    stages = [Stage(demo, 720 + number) for number in range(3)]
    try:
        file = configured(tmp_path, plugins_d, notify={"webhook_url": chat.url, "interval": 1})
        with Program(tmp_path, demo.settings(), "--config", file) as program:
            program.wait_until_ready()
            for number, stage in enumerate(stages):
                stage.planned_once()
                begin = time.monotonic()
                assert program.sync(stage.body())["sqlhk_sync"]["action"] == "created"
                assert time.monotonic() - begin < AT_ONCE
                if number == 0:
                    until(lambda: chat.posts or None, PATIENCE, "nobody posts")
            assert program.terminate() < END_SECONDS
            assert "pieces of news for the chat were not delivered" in everything_written(program)
    finally:
        chat.stop()


def test_a_wrong_address_is_refused_without_being_repeated(
    demo: Demo, plugins_d: Path, tmp_path: Path
) -> None:
    notify = {"webhook_url": f"http://chat.example{SECRET_PATH}"}
    file = configured(tmp_path, plugins_d, notify=notify)
    with Program(tmp_path, demo.settings(), "--config", file) as program:
        program.wait_until_ready()
        item = plugins_of(program)["notify"]
        assert item["state"] == "failed"
        assert "Must begin with https:// unless it is on this machine." in item["reason"]
        assert program.terminate() < END_SECONDS
        assert SECRET_PATH not in everything_written(program) + item["reason"]
