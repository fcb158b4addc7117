"""Each way in which a plugin can be bad: it is named with its reason, and the others work."""

from __future__ import annotations

import logging
import sys
import threading

import pytest

from tests.clock import AT_ONCE, PATIENCE
from tests.plugin_host.conftest import Bench, report_of
from tests.plugin_host.distributions import good, install

HEAD = """
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from hookspecs import HealthCheck, PanelSpec, TaskKind, hookimpl
class Status(Schema):
    pass
"""


def hook(name: str, body: str, arguments: str = "context") -> str:
    return f"{HEAD}\n@hookimpl\ndef {name}({arguments}):\n    {body}\n"


BAD = {
    "import-error": ("import no_such_module_at_all", "import: ModuleNotFoundError: No module"),
    "syntax-error": ("def (", "import: SyntaxError"),
    "exit-at-import": ("import sys\nsys.exit(3)", "import: SystemExit: 3"),
    "interrupt-at-import": ("raise KeyboardInterrupt", "import: KeyboardInterrupt"),
    "misspelt": (
        hook("sync_gui_pannels", "return []"),
        "unknown hook sync_gui_pannels (did you mean sync_gui_panels?)",
    ),
    "misspelt-specname": (
        f"{HEAD}\n@hookimpl(specname='sync_gui_begin')\ndef begin(context): pass",
        "unknown hook sync_gui_begin",
    ),
    "unmarked": ("def sync_gui_start(context): pass", "sync_gui_start is not marked with hookimpl"),
    "unknown-argument": (hook("sync_gui_start", "pass", "context, window"), "{'window'}"),
    "contract-2": ("sync_gui_contract = 2", "written for contract 2, this program has contract 1"),
    "contract-text": ("sync_gui_contract = 'abc'", "sync_gui_contract is 'abc'"),
    "contract-true": ("sync_gui_contract = True", "sync_gui_contract is True"),
    "exit-in-start": (
        hook("sync_gui_start", "raise SystemExit(1)"),
        "sync_gui_start: SystemExit: 1",
    ),
    "no-settings-schema": (
        hook("sync_gui_settings_schema", "return {'limit': 3}", ""),
        "sync_gui_settings_schema returned a dict",
    ),
    "panels-no-list": (
        hook("sync_gui_panels", "return PanelSpec('one', 'Eins', lambda: None)"),
        "sync_gui_panels returned a PanelSpec, not a list of PanelSpec",
    ),
    "panels-generator": (
        hook("sync_gui_panels", "yield PanelSpec('one', 'Eins', lambda: None)"),
        "sync_gui_panels returned a generator",
    ),
    "panels-of-text": (hook("sync_gui_panels", "return ['one']"), "a list with a str"),
    "panel-id": (
        hook("sync_gui_panels", "return [PanelSpec('One', 'Eins', lambda: None)]"),
        "panel id 'One' is not made of",
    ),
    "panel-title": (
        hook("sync_gui_panels", "return [PanelSpec('one', '', lambda: None)]"),
        "panel one has no title",
    ),
    "panel-factory": (
        hook("sync_gui_panels", "return [PanelSpec('one', 'Eins', None)]"),
        "panel one: its factory cannot be called",
    ),
    "panel-area": (
        hook("sync_gui_panels", "return [PanelSpec('one', 'Eins', lambda: 0, 'left')]"),
        "panel one: area 'left' is none of",
    ),
    "panel-icon": (
        hook("sync_gui_panels", "return [PanelSpec('one', 'Eins', lambda: 0, icon=None)]"),
        "panel one: its icon",
    ),
    "panel-order": (
        hook("sync_gui_panels", "return [PanelSpec('one', 'Eins', lambda: 0, order='x')]"),
        "panel one: its order",
    ),
    "panel-taken": (
        hook("sync_gui_panels", "return [PanelSpec('angel_panel', 'Eins', lambda: None)]"),
        "panel id 'angel_panel' is taken by plugin angel",
    ),
    "panel-twice": (
        hook("sync_gui_panels", "return [PanelSpec('one', 'Eins', lambda: None)] * 2"),
        "panel id 'one' is brought twice",
    ),
    "kinds-none": (hook("sync_gui_task_kinds", "return [None]"), "a list with a NoneType"),
    "kind-taken": (
        hook(
            "sync_gui_task_kinds",
            "return [TaskKind('angel_kind', 'Art', Status, {}, lambda *_: None)]",
        ),
        "task kind 'angel_kind' is taken by plugin angel",
    ),
    "kind-name": (
        hook("sync_gui_task_kinds", "return [TaskKind('a kind', 'A', Status, {}, print)]"),
        "task kind 'a kind' is not made of",
    ),
    "kind-schema": (
        hook("sync_gui_task_kinds", "return [TaskKind('kind', 'A', dict, {}, print)]"),
        "task kind kind: its status_schema is not",
    ),
    "kind-prepare": (
        hook("sync_gui_task_kinds", "return [TaskKind('kind', 'A', Status, {}, 0)]"),
        "task kind kind: its prepare",
    ),
    "kind-common-fields": (
        hook(
            "sync_gui_task_kinds",
            "return [TaskKind('kind', 'Art', Schema.from_dict({'status': fields.String(), "
            "'x': fields.String(data_key='error')}), {}, lambda *_: None)]",
        ),
        "fields error, status are common to all kinds",
    ),
    "check-taken": (
        hook(
            "sync_gui_health_checks",
            "return [HealthCheck('angel_check', 'Probe', lambda seconds: None)]",
        ),
        "health check 'angel_check' is taken by plugin angel",
    ),
    "check-name": (
        hook("sync_gui_health_checks", "return [HealthCheck('', 'Probe', print)]"),
        "health check '' has no name",
    ),
    "check-run": (
        hook("sync_gui_health_checks", "return [HealthCheck('x', 'Probe', None)]"),
        "health check x: its run",
    ),
    "blueprints-text": (hook("sync_gui_blueprints", "return ['/api']"), "a list with a str"),
    "blueprint-taken": (
        hook(
            "sync_gui_blueprints",
            "return [context.api.blueprint(name, '') for name in ('mine', 'angel')]",
        ),
        "the blueprint name 'angel' is taken",
    ),
    "blueprint-route-taken": (
        hook(
            "sync_gui_blueprints",
            "mine, other = (context.api.blueprint(name, '') for name in ('mine', 'other'))\n"
            "    mine.route('/api/mine', methods=['GET'])(lambda: '')\n"
            "    other.route('/api/angel', methods=['GET'])(lambda: '')\n"
            "    return [mine, other]",
        ),
        "GET /api/angel is already answered by angel",
    ),
    "blueprint-of-its-own-making": (
        hook("sync_gui_blueprints", "return [Blueprint('mine', __name__)]"),
        "a blueprint was not made by context.api.blueprint",
    ),
}
for name, arguments in {
    "sync_gui_settings_schema": "",
    "sync_gui_start": "context",
    "sync_gui_task_kinds": "context",
    "sync_gui_blueprints": "context",
    "sync_gui_panels": "context",
    "sync_gui_health_checks": "context",
}.items():
    BAD[f"raises-in-{name}"] = (
        hook(name, "raise ValueError('no\\nluck')", arguments),
        f"{name}: ValueError: no luck",
    )


def assert_only_the_others_take_part(host: object, bench: Bench) -> None:
    for name in ("angel", "zeal"):
        report = report_of(host, name)
        assert (report.state, report.reason) == ("loaded", None)
        assert report.panels == (f"{name}_panel",)
        assert report.routes == (f"GET /api/{name}",)
    assert [item.name for item in host.task_kinds()] == ["angel_kind", "zeal_kind"]
    assert [item.spec.id for item in host.panels()] == ["angel_panel", "zeal_panel"]
    assert [item.name for item in host.health_checks()] == ["angel_check", "zeal_check"]
    assert [item.name for item in host.blueprints()] == ["angel", "zeal"]
    assert [item.name for item in bench.registrar.blueprints] == ["angel", "zeal"]


@pytest.mark.parametrize(("code", "reason"), BAD.values(), ids=BAD.keys())
def test_it_is_named_and_the_others_work(
    bench: Bench, caplog: pytest.LogCaptureFixture, code: str, reason: str
) -> None:
    # Three folders, because the order of distributions inside one is the file system's.
    folders = [bench.folder / name for name in "abc"]
    install(folders[0], "angel", good("angel"))
    install(folders[1], "bad", code)
    install(folders[2], "zeal", good("zeal"))
    host = bench.started_over(folders)

    report = report_of(host, "bad")
    assert report.state == "failed"
    assert reason in str(report.reason)
    assert "\n" not in str(report.reason)
    assert (report.panels, report.routes, report.version) == ((), (), "1.0")
    assert_only_the_others_take_part(host, bench)
    logged = [item.getMessage() for item in caplog.records if item.levelno >= logging.WARNING]
    assert logged == [f"plugin bad failed: {report.reason}"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "release.wait(30)",
            "start took longer than 1.5 s (in import)",
        ),
        (
            "@hookimpl\ndef sync_gui_start(context):\n    release.wait(30)",
            "start took longer than 1.5 s (in sync_gui_start)",
        ),
        (
            "@hookimpl\ndef sync_gui_panels(context):\n    release.wait(30)",
            "start took longer than 1.5 s (in sync_gui_panels)",
        ),
    ],
    ids=["import", "start", "panels"],
)
def test_one_that_hangs_is_left_behind(bench: Bench, code: str, reason: str) -> None:
    bench.set_plugins(start_timeout=1.5)
    folders = [bench.folder / name for name in "abc"]
    head = "import threading\nfrom hookspecs import hookimpl\nrelease = threading.Event()\n"
    install(folders[0], "angel", good("angel"))
    install(folders[1], "bad", head + code)
    install(folders[2], "zeal", good("zeal"))
    host = bench.started_over(folders)

    report = report_of(host, "bad")
    assert (report.state, report.reason) == ("failed", reason)
    assert 1400 <= (report.start_ms or 0) < (1.5 + AT_ONCE) * 1000
    assert_only_the_others_take_part(host, bench)


def test_while_one_starts_it_is_told_and_the_others_do_not_wait(bench: Bench) -> None:
    slow = """
        import threading
        from hookspecs import PanelSpec, hookimpl
        begun, release = threading.Event(), threading.Event()
        @hookimpl
        def sync_gui_start(context):
            begun.set()
            release.wait(30)
    """
    bench.set_plugins(start_timeout=20.0)
    install(bench.folder, "first", slow)
    install(bench.folder, "second", slow)
    host = bench.host()
    host.load()
    assert {item.state for item in host.report()} == {"starting"}
    starter = threading.Thread(target=host.start)
    starter.start()
    try:
        for name in ("first", "second"):
            assert sys.modules[f"{name}_plugin"].begun.wait(PATIENCE)
            assert report_of(host, name).state == "starting"
    finally:
        for name in ("first", "second"):
            sys.modules[f"{name}_plugin"].release.set()
        starter.join(PATIENCE)
    assert {item.state for item in host.report()} == {"loaded"}


def test_what_it_would_still_do_after_it_was_given_up_is_not_done(bench: Bench) -> None:
    bench.set_plugins(start_timeout=1.5)
    install(
        bench.folder,
        "late",
        """
        import threading
        from hookspecs import hookimpl
        release, asked = threading.Event(), threading.Event()
        @hookimpl
        def sync_gui_start(context):
            release.wait(30)
        @hookimpl
        def sync_gui_panels(context):
            asked.set()
            return []
        """,
    )
    host = bench.started()
    module = sys.modules["late_plugin"]
    module.release.set()
    bench.wait_for_threads()
    assert not module.asked.is_set()
    assert report_of(host, "late").state == "failed"


def test_damaged_metadata_are_listed_and_hide_no_other(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    info = bench.folder / "broken-2.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_bytes(b"[sync_gui.plugins]\nbroken = \xff\xfe\n")
    host = bench.started()
    assert report_of(host, "angel").state == "loaded"
    report = report_of(host, "broken")
    assert report.state == "failed"
    assert str(report.reason).startswith("damaged entry_points.txt: UnicodeDecodeError")


def test_an_entry_point_that_names_nothing(bench: Bench) -> None:
    install(bench.folder, "odd", "", target="not a module")
    host = bench.started()
    assert (
        report_of(host, "odd").reason == "'not a module' names neither a module nor module:object"
    )


def test_the_reason_holds_no_folders_and_no_credentials(bench: Bench) -> None:
    install(
        bench.folder,
        "chatty",
        r"raise OSError('cannot reach https://joe:secret@host/x, see C:\\Program Files\\a\\b.log '"
        "'and /etc/secret/place/c.conf')",
    )
    host = bench.started()
    assert report_of(host, "chatty").reason == (
        "import: OSError: cannot reach https://***@host/x, see b.log and c.conf"
    )


def test_an_exception_that_cannot_be_printed(bench: Bench) -> None:
    install(
        bench.folder,
        "sly",
        """
        class Sly(Exception):
            def __str__(self):
                raise RuntimeError("ha")
        raise Sly
        """,
    )
    assert report_of(bench.started(), "sly").reason == "import: Sly"
