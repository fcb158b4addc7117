"""Wheels for Windows, from pip's index or, the second time, from the user's cache folder."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PLATFORM = ("--platform", "win_amd64", "--python-version", "311", "--implementation", "cp")


class FetchError(Exception):
    """A wheel could not be had, or is not the one that was asked for."""


def download(requirements: Sequence[str], folder: Path) -> None:
    """Download exactly these requirements, without what they need. Raises ``FetchError``."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-deps", "--only-binary=:all:", *PLATFORM, "--dest", str(folder)]
    if subprocess.run([*command, *requirements], check=False).returncode != 0:
        raise FetchError("pip could not download the wheels")


def fetch(wanted: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """The wheels with these SHA-256 sums, by the requirement (``name==version``) of each.

    ``folder`` keeps them from one time to the next; only what is not there is downloaded. Raises
    ``FetchError`` when a download has another sum.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lacking = set(wanted.values()) - set(_sums(folder))
    if lacking:
        download([name for name, digest in wanted.items() if digest in lacking], folder)
    present = _sums(folder)
    wrong = sorted(name for name, digest in wanted.items() if digest not in present)
    if wrong:
        raise FetchError(f"these are not the files that were pinned: {', '.join(wrong)}")
    return {name: present[digest] for name, digest in wanted.items()}


def _sums(folder: Path) -> dict[str, Path]:
    return {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in folder.glob("*.whl")}
