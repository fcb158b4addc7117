"""Writes the OpenAPI document that the running program serves into a file of the repository.

``python -m sync_program.openapi_file FOLDER`` writes ``openapi.json``. With the file recorded, a
change of the contract shows in the comparison of two versions like any other change.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import requests

from sync_core.null_bridge import NullBridge
from sync_program.command_line import parse_command_line
from sync_program.run import Running, plan_run

FILE_NAME = "openapi.json"

_SECONDS = 10


class _NamesShown:
    hidden = False


def served_document() -> dict[str, Any]:
    """The document of a program that runs with simulated systems, and so with every plugin."""
    version = importlib.metadata.version("sync-gui")
    with tempfile.TemporaryDirectory() as folder:
        # A demo reads no settings file: the developer's own changes nothing.
        arguments = ["--demo", "--headless", "--port", "0", "--data-dir", folder]
        plan = plan_run(parse_command_line(arguments, version), version)
        with plan.claim_folder(), Running(plan, NullBridge(), _NamesShown()) as running:
            running.api.open()
            answer = requests.get(f"{running.api.url}/api/openapi.json", timeout=_SECONDS)
            answer.raise_for_status()
            document: dict[str, Any] = answer.json()
    return document


def text_of(document: dict[str, Any]) -> str:
    """The document as it is recorded: the order of calls says nothing, so they are sorted."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1]) / FILE_NAME
    file.write_text(text_of(served_document()), encoding="utf-8", newline="\n")
