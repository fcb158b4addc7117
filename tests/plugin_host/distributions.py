"""Throw-away distributions: a package and its metadata, as ``pip install --target`` leaves them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from hookspecs import ENTRY_POINT_GROUP


def install(
    folder: Path,
    name: str,
    code: str,
    *,
    version: str = "1.0",
    project: str | None = None,
    target: str | None = None,
    modules: Mapping[str, str] | None = None,
) -> None:
    """Put a distribution with the plugin ``name`` into ``folder``.

    ``code`` is the source of its module ``name_plugin``, ``modules`` are further files.
    """
    project = project or f"{name}-project"
    stem = f"{name}_plugin"
    files = {f"{stem}.py": dedent(code), **(modules or {})}
    info = f"{project.replace('-', '_')}-{version}.dist-info"
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    files[f"{info}/entry_points.txt"] = f"[{ENTRY_POINT_GROUP}]\n{name} = {target or stem}\n"
    files[f"{info}/INSTALLER"] = "pip\n"
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    for path, text in files.items():
        target_path = folder / path
        target_path.parent.mkdir(parents=True, exist_ok=True)
        target_path.write_text(text, encoding="utf-8")


def _record(files: Mapping[str, str], itself: str) -> str:
    lines = []
    for path, text in files.items():
        data = text.encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    return "".join(lines) + f"{itself},,\n"


GOOD = """
    from flask.views import MethodView
    from marshmallow import Schema, fields

    from hookspecs import HealthCheck, HealthResult, PanelSpec, TaskKind, hookimpl

    sync_gui_contract = 1
    heard = []
    calls = []


    class Settings(Schema):
        greeting = fields.String(load_default="hello")
        limit = fields.Integer(load_default=3, strict=True)


    class Status(Schema):
        answer = fields.String()


    @hookimpl
    def sync_gui_settings_schema():
        return Settings


    @hookimpl
    def sync_gui_start(context):
        calls.append(("start", context.plugin_settings["greeting"]))


    @hookimpl
    def sync_gui_stop():
        calls.append(("stop", None))


    @hookimpl
    def sync_gui_task_kinds(context):
        return [TaskKind("NAME_kind", "Art", Status, {}, lambda *_: None)]


    @hookimpl
    def sync_gui_blueprints(context):
        blueprint = context.api.blueprint("NAME", "An endpoint.")

        @blueprint.route("/api/NAME")
        class Shown(MethodView):
            @blueprint.response(200, Status)
            def get(self):
                return {"answer": "yes"}

        return [blueprint]


    @hookimpl
    def sync_gui_panels(context):
        return [PanelSpec("NAME_panel", "Tafel", lambda: None)]


    @hookimpl
    def sync_gui_health_checks(context):
        return [HealthCheck("NAME_check", "Probe", lambda seconds: HealthResult(True, "fine"))]


    @hookimpl
    def sync_gui_task_event(view):
        heard.append(view.task_id)
"""


def good(name: str) -> str:
    """The source of a plugin that uses every hook, each name in it made from ``name``."""
    return GOOD.replace("NAME", name)
