"""A real distribution dropped in beside the EXE with pip, and what it may use there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.packaging.exe import ExeProgram, System

PLUGIN = '''
import colorsys
import importlib.metadata
import multiprocessing
import statistics
import wave
import xml.dom.minidom
from datetime import datetime
from zoneinfo import ZoneInfo

import keyring
import pyodbc
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy.orm import DeclarativeBase

from hookspecs import hookimpl

sync_gui_contract = 1


class Answer(Schema):
    hue = fields.Float()
    mean = fields.Float()
    xml = fields.String()
    from_process = fields.Integer()
    hours = fields.Float()
    key_stores = fields.List(fields.String())
    key_store = fields.String()
    licences = fields.Integer()
    odbc_drivers = fields.List(fields.String())


def hours_in_kolkata():
    there = datetime(2025, 10, 6, tzinfo=ZoneInfo("Asia/Kolkata"))
    return there.utcoffset().total_seconds() / 3600


def in_another_process(queue):
    queue.put(42 if hours_in_kolkata() == 5.5 else 0)


def ask_another_process():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=in_another_process, args=(queue,))
    process.start()
    try:
        return queue.get(timeout=30)
    finally:
        process.join(10)


@hookimpl
def sync_gui_blueprints(context):
    blueprint = context.api.blueprint("colours", "Colours.")

    @blueprint.route("/api/colours")
    class Colours(MethodView):
        @blueprint.response(200, Answer)
        def get(self):
            """A colour."""
            return {
                "hue": colorsys.rgb_to_hsv(0, 1, 0)[0],
                "mean": statistics.mean([1, 2]),
                "xml": xml.dom.minidom.parseString("<a>ö</a>").documentElement.firstChild.data,
                "from_process": ask_another_process(),
                "hours": hours_in_kolkata(),
                "key_stores": [
                    point.name
                    for point in importlib.metadata.entry_points(group="keyring.backends")
                ],
                "key_store": type(keyring.get_keyring()).__module__,
                "licences": len(
                    [
                        file
                        for file in importlib.metadata.distribution("flask").files
                        if "LICENSE" in file.name and "Redistribution" in file.read_text()
                    ]
                ),
                "odbc_drivers": pyodbc.drivers(),
            }

    return [blueprint]
'''

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "sync-gui-colours"
version = "1.2.3"

[project.entry-points."sync_gui.plugins"]
colours = "colours_plugin"

[tool.setuptools]
py-modules = ["colours_plugin"]
"""


def drop_in(folder: Path, source: Path) -> None:
    """``pip install --target`` of a project made in ``source``, as the documentation says."""
    source.mkdir()
    (source / "colours_plugin.py").write_text(PLUGIN, encoding="utf-8")
    (source / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--no-deps", "--no-index", "--no-build-isolation", "--target", str(folder)]
    subprocess.run([*command, str(source)], check=True, timeout=120, capture_output=True)


def test_a_plugin_beside_the_exe_uses_what_the_program_does_not(
    system: System, tmp_path: Path
) -> None:
    exe = tmp_path / "program" / system.exe.name
    exe.parent.mkdir()
    shutil.copy2(system.exe, exe)
    drop_in(exe.parent / "plugins.d", tmp_path / "source")
    with ExeProgram(
        system, tmp_path / "d", "--demo", "--headless", "--port", "0", exe=exe
    ) as program:
        program.wait_until_ready()
        plugins = {item["name"]: item for item in program.get("/api/plugins").json()["plugins"]}
        assert plugins["colours"]["state"] == "loaded", plugins["colours"]
        assert plugins["colours"]["version"] == "1.2.3"
        answer = program.get("/api/colours").json()
        assert {"Windows", "SecretService"} <= set(answer.pop("key_stores"))
        key_store = answer.pop("key_store")
        assert key_store.endswith(".Windows") is (system.name == "windows"), key_store
        assert isinstance(answer.pop("odbc_drivers"), list)
        assert answer == {
            "hue": 1 / 3,
            "mean": 1.5,
            "xml": "ö",
            "from_process": 42,
            "hours": 5.5,
            "licences": 1,
        }
        assert "/api/colours" in program.get("/api/openapi.json").json()["paths"]


def test_what_the_program_carries_wins(system: System, tmp_path: Path) -> None:
    exe = tmp_path / "program" / system.exe.name
    folder = exe.parent / "plugins.d"
    folder.mkdir(parents=True)
    shutil.copy2(system.exe, exe)
    for name in ("flask", "hookspecs", "statistics", "tzdata"):
        (folder / f"{name}.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    with ExeProgram(
        system, tmp_path / "d", "--demo", "--headless", "--port", "0", exe=exe
    ) as program:
        program.wait_until_ready()
        plugins = program.get("/api/plugins").json()["plugins"]
        assert {item["state"] for item in plugins} == {"loaded"}
