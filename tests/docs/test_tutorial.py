"""The tutorial, followed word by word."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import requests

from tests.docs.author import Author, blocks, page

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform == "win32", reason="its commands are a Linux shell's"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine"),
]

PREPARATION = """\
mkdir day-count && cd day-count
python3 -m venv .venv
. .venv/bin/activate
pip install "$SYNC_GUI_SOURCE[gui]"
"""


def test_who_follows_the_tutorial_has_a_plugin(tmp_path: Path, virtual_environment: Path) -> None:
    first, *steps = blocks(page("tutorial.md"))
    assert first.text == PREPARATION  # done by the fixture, which fetches nothing
    reports = []
    with Author(tmp_path, virtual_environment) as author:
        for step in steps:
            author.follow(step)
            if "sync_gui_qt" in step.text:
                listed = requests.get(f"{author.url}/api/plugins", timeout=10).json()["plugins"]
                (report,) = [one for one in listed if one["name"] == "day_count"]
                assert report["state"] == "loaded", report
                reports.append(report)
    assert [report["panels"] for report in reports] == [[], [], [], ["day_count"], []]
    assert len(reports[-1]["routes"]) == 2
    assert not list(virtual_environment.glob("lib/python*/site-packages/*day_count*"))
