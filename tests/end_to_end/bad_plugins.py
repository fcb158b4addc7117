"""Bad plugins as distributions in a drop-in folder, each bad in one way."""

from __future__ import annotations

from pathlib import Path

from tests.plugin_host.distributions import good, install

HEAD = """
import os, sys, threading, time
from marshmallow import Schema, fields
from hookspecs import HealthCheck, HealthResult, PanelSpec, hookimpl
def endpoint(context, name, path, view):
    blueprint = context.api.blueprint(name, "Only for tests")
    blueprint.route(path)(blueprint.response(200)(view))
    return [blueprint]
"""

LATER = {
    # name: (code, the call that makes it fail, what stands in the reason then)
    "endpoint_500": (
        """
def broken():
    '''Fail.'''
    return {"piz": {}["Muster" "mann"]}
@hookimpl
def sync_gui_blueprints(context):
    return endpoint(context, "broken", "/api/broken", broken)
""",
        "/api/broken",
        "endpoint: KeyError in broken (endpoint_500_plugin.py:",
    ),
    "check_hangs": (
        """
@hookimpl
def sync_gui_health_checks(context):
    return [HealthCheck("sleepy", "Schlaf", lambda seconds: time.sleep(60))]
""",
        "/health/ready",
        "health check sleepy: did not return in time",
    ),
    "check_raises": (
        """
def check(seconds):
    raise ValueError("Muster" "mann")
@hookimpl
def sync_gui_health_checks(context):
    return [HealthCheck("angry", "Zorn", check)]
""",
        "/health/ready",
        "health check angry: raised ValueError",
    ),
}

FAILS = {
    # name: (code, what stands in the reason)
    "import_error": ("import no_such_module_at_all", "ModuleNotFoundError"),
    "exit_at_import": ("sys.exit(3)", "import: SystemExit: 3"),
    "exit_in_start": (
        "@hookimpl\ndef sync_gui_start(context):\n    sys.exit(4)",
        "sync_gui_start: SystemExit: 4",
    ),
    "misspelt": ("@hookimpl\ndef sync_gui_pannels(context):\n    return []", "unknown hook"),
    "unknown_argument": ("@hookimpl\ndef sync_gui_start(context, window):\n    pass", "window"),
    "contract_2": ("sync_gui_contract = 2", "written for contract 2"),
    "route_taken": (
        "@hookimpl\ndef sync_gui_blueprints(context):\n"
        '    return endpoint(context, "mine", "/health", lambda: {})',
        "GET /health is already answered by host_api",
    ),
    "blueprint_taken": (
        "@hookimpl\ndef sync_gui_blueprints(context):\n"
        '    return endpoint(context, "system", "/api/mine", lambda: {})',
        "the blueprint name 'system' is taken",
    ),
    "wrong_settings": (
        "class Table(Schema):\n    limit = fields.Integer(strict=True)\n"
        "@hookimpl\ndef sync_gui_settings_schema():\n    return Table",
        "plugins.wrong_settings.limit: Not a valid integer.",
    ),
}

HANGS = {
    "endless_loop": (
        "@hookimpl\ndef sync_gui_start(context):\n    while True:\n        pass",
        "sync_gui_start",
    ),
    "endless_import": ("threading.Event().wait()", "import"),
}

RUDE = {
    "event_sometimes": """
heard = []
@hookimpl
def sync_gui_task_event(view):
    heard.append(view.task_id)
    if len(heard) % 2 == 0:
        raise ValueError("Muster" "mann")
""",
    "never_ends": """
@hookimpl
def sync_gui_start(context):
    wait = threading.Event().wait
    threading.Thread(target=wait, name="never ends", daemon=False).start()
""",
    "closes_stdout": """
@hookimpl
def sync_gui_start(context):
    print("a line that nobody asked for")
    sys.stdout.close()
    sys.__stdout__.close()
""",
}

CRASH_AT_START = """
@hookimpl
def sync_gui_start(context):
    os.abort()
"""
CRASH_LATER = """
def crash():
    '''End the process.'''
    os.abort()
@hookimpl
def sync_gui_blueprints(context):
    return endpoint(context, "crash", "/api/crash", crash)
"""

PANEL = "@hookimpl\ndef sync_gui_panels(context):\n    return [{}]\n"
BLOCKS = f"""
def build():
    from PyQt5.QtWidgets import QLabel
    print("built")
    time.sleep(3.2)
    return QLabel("late")
{PANEL.format('PanelSpec("blocks", "Bremse", build, order=1)')}"""
RAISES_IN_SLOT = f"""
def build():
    from PyQt5.QtCore import QTimer
    from PyQt5.QtWidgets import QLabel
    label = QLabel("soon")
    def slot():
        raise ValueError("Muster" "mann")
    QTimer.singleShot(0, slot)
    return label
{PANEL.format('PanelSpec("slot", "Fach", build, order=2)')}"""
PANEL_TAKEN = PANEL.format('PanelSpec("log", "Mein Protokoll", lambda: None)')
LATE_PANEL = f"""
@hookimpl
def sync_gui_start(context):
    time.sleep(3)
def build():
    from PyQt5.QtWidgets import QLabel
    return QLabel("da")
@hookimpl
def sync_gui_health_checks(context):
    return [HealthCheck("late", "Spät", lambda seconds: HealthResult(True, "fine"))]
{PANEL.format('PanelSpec("late", "Spät gekommen", build, order=3)')}"""
WINDOW = {
    "blocks": BLOCKS,
    "slot": RAISES_IN_SLOT,
    "panel_taken": PANEL_TAKEN,
    "late": LATE_PANEL,
}


def install_all(folder: Path) -> None:
    """Every plugin that a program without a window can carry, and a good one among them."""
    for name, (code, _) in {**FAILS, **HANGS}.items():
        install(folder, name, HEAD + code)
    for name, (code, _, _) in LATER.items():
        install(folder, name, HEAD + code)
    for name, code in RUDE.items():
        install(folder, name, HEAD + code)
    for project in ("one", "other"):
        install(folder, "twin", "", project=f"{project}-twin")
    install(folder, "angel", good("angel"))
