"""``sync_gui_qt new-plugin``: what it writes is a working plugin, in order in every respect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from plugin_template.names import names_of
from plugin_template.skeleton import ALWAYS, WITH_TASK_KIND, skeleton, write
from sync_program.new_plugin import new_plugin, what_is_taken
from tests.end_to_end.program import ROOT, Program, clean_environment, run_program

FILES = ROOT / "plugin_template" / "files"


def tool(folder: Path, *command: str, **environment: str) -> None:
    """Run a tool on the plugin as its author would, without a display; it finds nothing wrong."""
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {key: word for key, word in clean_environment(folder).items() if key not in displays}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.process
@pytest.mark.timeout(180)
def test_the_whole_way_of_a_new_plugin(tmp_path: Path) -> None:
    done = run_program(tmp_path, "new-plugin", "bed-count", "--task-kind")
    assert (done.returncode, done.stderr) == (0, "")
    project, plugins = tmp_path / "bed-count", tmp_path / "plugins.d"
    tool(project, "ruff", "check", "--no-cache", ".")
    tool(project, "ruff", "format", "--no-cache", "--check", ".")
    tool(project, "mypy", MYPYPATH=str(ROOT))
    options = ("--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    tool(project, "pip", "install", *options, "--target", str(plugins), ".")
    tool(project, "pytest", "-p", "no:cacheprovider", PYTHONPATH=str(plugins))
    settings = {"PLUGINS__DIRS": str(plugins), "PLUGINS__BED_COUNT__GREETING": "Moin"}
    with Program(tmp_path / "program", settings, "--demo") as program:
        program.wait_until_ready()
        assert program.get("/api/bed-count/greeting").json() == {"greeting": "Moin"}
        answer = requests.post(
            f"{program.url}/api/bed-count/counts",
            json={"date": "2025-10-06"},
            headers={"Prefer": "wait=10"},
            timeout=15,
        )
        assert (answer.status_code, answer.json()["status"]) == (200, "completed")
        document = program.get("/api/openapi.json").json()
    assert "/api/bed-count/counts" in document["paths"]


@pytest.mark.slow
@pytest.mark.process
def test_without_a_kind_of_task_it_is_in_order_as_well(tmp_path: Path) -> None:
    texts = skeleton(names_of("ward-board"), task_kind=False)
    write(tmp_path, texts)
    tool(tmp_path, "ruff", "check", "--no-cache", ".")
    tool(tmp_path, "ruff", "format", "--no-cache", "--check", ".")
    site = tmp_path / "ward_board-0.1.0.dist-info"  # what an installation leaves, and pip not run
    site.mkdir()
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: ward-board\nVersion: 0.1.0\n")
    point = "[sync_gui.plugins]\nward_board = ward_board.plugin\n"
    (site / "entry_points.txt").write_text(point)
    tool(tmp_path, "pytest", "-p", "no:cacheprovider", PYTHONPATH=str(tmp_path))


def test_every_template_is_used() -> None:
    there = {path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file()}
    assert there == {f"{name}.jinja" for name in (*ALWAYS, *WITH_TASK_KIND)}


@pytest.mark.parametrize("task_kind", [True, False])
def test_nothing_of_the_template_is_left(task_kind: bool) -> None:
    for name, text in skeleton(names_of("ward-board"), task_kind=task_kind).items():
        assert "{{" not in text and "{%" not in text
        assert text.endswith("\n") and not text.endswith("\n\n"), name
    assert (
        'license = "GPL-3.0-or-later"'
        in skeleton(names_of("a"), task_kind=task_kind)["pyproject.toml"]
    )


def test_what_the_program_brings_is_taken() -> None:
    taken = what_is_taken()
    assert {"single_patient", "host_api", "host_day", "day", "log", "tasks"} <= taken.names
    assert {"/api/sync/patient", "/api/plugins", "/health"} <= taken.paths
    assert taken.is_module("hookspecs") and not taken.is_module("no_such_module")


@pytest.mark.parametrize("name", ["sync", "single-patient", "hookspecs", "a b", "day"])
def test_a_name_that_cannot_be_is_refused_and_nothing_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    assert new_plugin([name, str(tmp_path / "here")]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = run_program(tmp_path, "new-plugin", "ward-board", str(tmp_path))
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_it_is_told_in_the_help(tmp_path: Path) -> None:
    assert "new-plugin NAME [FOLDER]" in run_program(tmp_path, "--help").stdout
    assert run_program(tmp_path, "new-plugin").returncode == 2
