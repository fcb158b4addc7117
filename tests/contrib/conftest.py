"""Both distributions as ``pip install --target`` leaves them, built once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ("auto_sync", "notify")


@pytest.fixture(scope="session")
def plugins_d(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drop-in folder with both plugins; nothing is fetched, and the sources stay clean."""
    folder = tmp_path_factory.mktemp("contrib")
    sources = []
    for name in NAMES:
        ignored = shutil.ignore_patterns("__pycache__", "tests", "build", "*.egg-info")
        shutil.copytree(ROOT / "contrib" / name, folder / name, ignore=ignored)
        sources.append(str(folder / name))
    target = folder / "plugins.d"
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet", "--no-compile"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), *sources],
        check=True,
        timeout=50,
        env={"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PATH": "", "HOME": str(folder)},
    )
    return target
