"""The examples of ``docs/api.md``, taken from the page and run against the demo."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS
from tests.contract.reading import Document
from tests.end_to_end.program import ROOT, Demo, Program, clean_environment

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:5555"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# A refusal ends the script; so does a command that fails.
SHELL_HEAD = """
set -e -o pipefail
curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }
"""


def examples(language: str) -> list[str]:
    """The page's examples in this language."""
    return [text for name, text in _FENCE.findall(PAGE) if name == language]


def named(texts: list[str]) -> list[Any]:
    """The examples as parameters, each with a name to find it by."""
    return [pytest.param(text, id=f"{number}") for number, text in enumerate(texts, start=1)]


def run(folder: Path, url: str, text: str, *command: str) -> str:
    """What an example writes; it must end well."""
    file = folder / "example"
    file.write_text(text.replace(ADDRESS, url), encoding="utf-8")
    done = subprocess.run(
        [*command, str(file)],
        cwd=folder,
        env={**clean_environment(folder), "SYNC_GUI_KEY": "any"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(output: str) -> list[Any]:
    """The JSON documents among the lines."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
@pytest.mark.parametrize("text", named(examples("sh")))
def test_curl(tmp_path: Path, demo: Demo, program: Program, text: str) -> None:
    cancels = "/api/sync/cancel/" in text
    if cancels:  # else it would have ended long before
        demo.faults(both={"mode": "slow", "seconds": 5})
    try:
        answers = told(run(tmp_path, program.url, SHELL_HEAD + text, "bash"))
    finally:
        demo.faults()
    assert answers
    statuses = [answer["status"] for answer in answers if "status" in answer]
    assert set(statuses) <= ({"cancelled"} if cancels else {"completed"})
    assert statuses or any("tasks" in answer or "task_id" in answer for answer in answers)


def test_python(tmp_path: Path, program: Program) -> None:
    (text,) = examples("python")
    lines = run(tmp_path, program.url, text, sys.executable).splitlines()
    assert any(re.fullmatch(r"completed (created|unchanged)", line) for line in lines), lines
    assert any(line.startswith("completed {'inserted'") for line in lines), lines
    assert lines[-1] == "409 not_running"


@pytest.mark.parametrize("language", ["powershell", "csharp"])
def test_what_cannot_be_run_here_calls_what_there_is(
    language: str, document: dict[str, Any]
) -> None:
    (text,) = examples(language)
    paths = {operation.path for operation in Document(document).operations()}
    for path in re.findall(r"/(?:api/sync|health)[a-z/_]*(?:[{$]+taskId\}?)?", text):
        plain = re.sub(r"[{$]+taskId\}?", "{task_id}", path).rstrip("/")
        assert plain in paths, path
    for word in ("dry_run", "plan_token", "Idempotency-Key", "Prefer", "history", "cancel"):
        assert word in text


def test_json_on_the_page_is_what_is_answered() -> None:
    for text in examples("json"):
        assert json.loads(text)["code"] in {entry.code for entry in HTTP_ERRORS}


def test_every_code_on_the_page_exists() -> None:
    known = {entry.code for entry in (*HTTP_ERRORS, *TASK_ERRORS)}
    for code in re.findall(r"`4\d\d ([a-z_]+)`", PAGE.replace("\n", " ")):
        assert code in known


def test_every_call_is_on_the_page(document: dict[str, Any]) -> None:
    for operation in Document(document).operations():
        assert f"`{operation}`" in PAGE or f"`{operation}?" in PAGE, operation
