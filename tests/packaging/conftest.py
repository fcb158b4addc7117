"""The scripts of the folder ``packaging`` as modules, and the EXEs, built when they are missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# At the end: the folder's own name is that of a library, which nothing may take it for.
sys.path.append(str(ROOT / "packaging"))

from tests.packaging.exe import LinuxSystem, System, WineSystem  # noqa: E402

BUILD_SECONDS = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs an EXE is slow, and has the time to build it."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and "system" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.process)
            item.add_marker(pytest.mark.timeout(BUILD_SECONDS + 300))


@pytest.fixture(scope="session", params=["linux", "windows"])
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """Where an EXE is tried: this Linux, and Wine; the EXE is built when it is out of date."""
    options = ["--windows"] if request.param == "windows" else []
    script = ROOT / "packaging" / "build_exe.py"
    subprocess.run(
        [sys.executable, str(script), "--if-changed", *options],
        cwd=ROOT,
        timeout=BUILD_SECONDS,
        check=True,
    )
    folder = tmp_path_factory.mktemp(request.param)
    built = ROOT / "dist" / request.param
    made: System
    if request.param == "linux":
        made = LinuxSystem(folder, built / "sync_gui_qt")
    else:
        made = WineSystem(folder, built / "sync_gui_qt.exe")
    with made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)
