"""The ground does not move: without the plugin the host and the day sync are what they were.

Once with the plugin kept out by name, and once really without it: in a folder to which everything
but the folder ``plugins`` was copied, with the program's distribution installed without its entry
point.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.end_to_end.program import Lines, Program, clean_environment

ROOT = Path(__file__).parents[2]
RECORDED = Path(__file__).with_name("ground.snapshot.json")
PLUGIN, KIND, STATUS = "single_patient", "single_patient", "SinglePatientTaskStatus"
NOT_COPIED = ("plugins", "tests", "build", "dist", "docs", "packaging", "node_modules")
GROUND = (
    "mssql_api_client",
    "patient_synchronizer",
    "untersuchung_synchronizer",
    "day_sync",
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a program that was never told of the plugin; ``PROGRAM`` is its folder."""
    folder = tmp_path_factory.mktemp("bare")
    house, site = folder / "house", folder / "site"
    house.mkdir()
    for source in ROOT.iterdir():
        if source.suffix == ".py" and source.stem not in ("setup", "dev"):
            shutil.copy2(source, house)
        elif (source / "__init__.py").exists() and source.name not in NOT_COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, house / source.name, ignore=ignored)
    site.mkdir()
    for source in Path(sysconfig.get_path("purelib")).iterdir():
        if not source.name.startswith(("sync_gui", "__editable__")):
            (site / source.name).symlink_to(source)
    info = site / "sync_gui-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sync-gui\nVersion: 0.1.0\n")
    path = os.pathsep.join((str(house), str(site)))
    return {"PYTHONPATH": path, "PROGRAM": str(house), "PYTHONDONTWRITEBYTECODE": "1"}


class BareProgram(Program):
    """The program without the plugin's code and entry point."""

    def __init__(self, folder: Path, bare: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.data_dir, self.url = folder, folder / "data", ""
        self._stderr = (folder / "stderr.txt").open("a+", encoding="utf-8")
        script = str(Path(bare["PROGRAM"]) / "sync_gui_qt.py")
        options = ["--headless", "--port", "0", "--data-dir", str(self.data_dir)]
        self.process = subprocess.Popen(
            [sys.executable, "-S", script, *options],
            cwd=folder,
            env={**clean_environment(folder), **bare},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self.lines = Lines(self.process)


@pytest.fixture(scope="module")
def documents(
    bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """The OpenAPI document with the plugin, with it kept out, and without it."""
    folder = tmp_path_factory.mktemp("documents")
    found: dict[str, Any] = {}
    started = {
        "with": Program(folder / "with", {}),
        "out": Program(folder / "out", {}, "--disable-plugin", PLUGIN),
        "without": BareProgram(folder / "without", bare),
    }
    try:
        for name, program in started.items():
            program.wait_until_ready()
            states = {
                item["name"]: item["state"]
                for item in program.get("/api/plugins").json()["plugins"]
            }
            expected = {"with": "loaded", "out": "disabled", "without": None}[name]
            assert states.get(PLUGIN) == expected
            assert states["host_api"] == states["host_day"] == "loaded"
            answer = requests.post(f"{program.url}/api/sync/patient", json={}, timeout=10)
            assert answer.status_code == (400 if name == "with" else 404)
            answer = requests.post(f"{program.url}/api/sync", json={}, timeout=10)
            assert answer.status_code == 400
            found[name] = program.get("/api/openapi.json").json()
    finally:
        for program in started.values():
            program.__exit__()
    yield found


def without_the_kind(document: Any) -> Any:
    """The document without what the plugin's paths and kind add to it."""
    document = json.loads(json.dumps(document))
    del document["paths"]["/api/sync/patient"]
    schemas = document["components"]["schemas"]
    schemas["TaskStatus"]["oneOf"].remove({"$ref": f"#/components/schemas/{STATUS}"})
    del schemas["TaskStatus"]["discriminator"]["mapping"][KIND]
    schemas["OtherTaskStatus"]["properties"]["kind"]["not"]["enum"].remove(KIND)
    return _without_examples(document)


def _without_examples(node: Any) -> Any:
    """Without examples, of which each kind of task brings its own."""
    if isinstance(node, dict):
        kept = {name: value for name, value in node.items() if name not in ("example", "examples")}
        return {name: _without_examples(value) for name, value in kept.items()}
    return [_without_examples(item) for item in node] if isinstance(node, list) else node


@pytest.mark.process
def test_the_hosts_api_is_the_same_without_the_plugin(documents: dict[str, Any]) -> None:
    assert documents["out"] == documents["without"]
    whole, bare = without_the_kind(documents["with"]), _without_examples(documents["without"])
    mine, theirs = whole.pop("components"), bare.pop("components")
    assert STATUS in mine["schemas"]
    for section, named in theirs.items():
        assert {name: mine[section].get(name) for name in named} == named, section
    assert [tag for tag in whole.pop("tags") if tag["name"] != PLUGIN] == bare.pop("tags")
    assert whole == bare
    assert KIND not in json.dumps([theirs, bare])


def ground(python: list[str], *first: str, environment: dict[str, str]) -> Any:
    """The ground as another interpreter finds it, after importing the modules ``first``."""
    done = subprocess.run(
        [*python, str(Path(__file__).with_name("ground.py")), *first],
        cwd=ROOT.anchor,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.process
def test_the_day_sync_is_what_was_recorded_without_the_plugin(bare: dict[str, str]) -> None:
    assert ground([sys.executable, "-S"], environment=bare) == json.loads(
        RECORDED.read_text("utf-8")
    )


@pytest.mark.process
def test_the_day_sync_is_what_was_recorded_beside_the_plugin() -> None:
    environment = {"PYTHONPATH": str(ROOT)}
    found = ground([sys.executable], "plugins.single_patient.plugin", environment=environment)
    assert found == json.loads(RECORDED.read_text("utf-8"))


@pytest.mark.process
def test_the_plugin_touches_none_of_the_ground() -> None:
    code = (
        "import sys\nimport plugins.single_patient.plugin\n"
        "print([name for name in sys.argv[1:] if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *GROUND],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
