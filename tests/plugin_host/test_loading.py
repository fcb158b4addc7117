"""Which plugins are loaded, from where, in which order, and which are kept out."""

from __future__ import annotations

import importlib
import logging
import sys
import types
from pathlib import Path

import pytest

from hookspecs import PanelSpec, hookimpl
from plugin_host.discovery import no_plugins, plugin_folders
from tests.clock import AT_ONCE
from tests.plugin_host.conftest import Bench, report_of
from tests.plugin_host.distributions import good, install


def test_a_good_plugin_brings_everything(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"), version="1.2.3")
    host = bench.started()
    report = report_of(host, "angel")
    assert (report.state, report.reason, report.version, report.contract) == (
        "loaded",
        None,
        "1.2.3",
        1,
    )
    assert (report.panels, report.routes) == (("angel_panel",), ("GET /api/angel",))
    assert report.start_ms is not None and 0 <= report.start_ms < AT_ONCE * 1000
    (owned,) = host.panels()
    assert (owned.plugin, owned.spec.title) == ("angel", "Tafel")
    assert [kind.name for kind in host.task_kinds()] == ["angel_kind"]
    assert host.health_checks()[0].run(1.0).ok
    assert sys.modules["angel_plugin"].calls == [("start", "hello")]


def test_without_a_contract_number_1_is_meant(bench: Bench) -> None:
    install(bench.folder, "plain", "")
    report = report_of(bench.started(), "plain")
    assert (report.state, report.contract) == ("loaded", 1)


def test_another_contract_number_is_shown(bench: Bench) -> None:
    install(bench.folder, "newer", "sync_gui_contract = 2")
    assert report_of(bench.started(), "newer").contract == 2


def test_a_plugin_says_in_german_what_it_brings(bench: Bench) -> None:
    install(bench.folder, "told", "sync_gui_summary_de = 'Zählt  die\\nTermine.'")
    install(bench.folder, "silent", "")
    install(bench.folder, "odd", "sync_gui_summary_de = 7")
    install(bench.folder, "broken", "import nothing_of_that_name")
    metadata = "Metadata-Version: 2.1\nName: broken\nVersion: 1\nSummary: Counts appointments\n"
    next(bench.folder.glob("broken*.dist-info/METADATA")).write_text(metadata, encoding="utf-8")
    host = bench.started()
    assert report_of(host, "told").summary_de == "Zählt die Termine."
    assert [report_of(host, name).summary_de for name in ("silent", "odd")] == ["", ""]
    assert report_of(host, "odd").state == "loaded"
    # Of one that cannot be imported its distribution tells at least something.
    assert report_of(host, "broken").distribution_summary == "Counts appointments"
    assert report_of(host, "silent").distribution_summary == ""


def test_an_entry_point_may_name_an_object(bench: Bench) -> None:
    install(
        bench.folder,
        "thing",
        """
        from hookspecs import PanelSpec, hookimpl
        class Thing:
            __hash__ = None
            def __eq__(self, other):
                raise RuntimeError("do not compare me")
            @property
            def trap(self):
                raise RuntimeError("do not read me")
            def __init__(self):
                self.title = "Tafel"
            @hookimpl
            def sync_gui_panels(self, context):
                return [PanelSpec("thing", self.title, lambda: None)]
            @staticmethod
            @hookimpl
            def sync_gui_stop():
                stopped.append(True)
        stopped = []
        thing = Thing()
        """,
        target="thing_plugin:thing",
    )
    install(bench.folder, "angel", good("angel"))
    host = bench.started()
    assert {item.state for item in host.report()} == {"loaded"}
    assert "thing" in [owned.spec.id for owned in host.panels()]
    host.stop()
    assert sys.modules["thing_plugin"].stopped == [True]


def test_what_is_built_in_comes_first(bench: Bench) -> None:
    module = types.ModuleType("host_panels")

    @hookimpl
    def sync_gui_panels() -> list[PanelSpec]:
        return [PanelSpec("angel_panel", "Tafel", lambda: None)]

    module.sync_gui_panels = sync_gui_panels
    install(bench.folder, "angel", good("angel"))
    host = bench.started(builtins=[("host_panels", module)])
    assert host.report()[0].name == "host_panels"
    assert report_of(host, "host_panels").state == "loaded"
    assert "is taken by plugin host_panels" in str(report_of(host, "angel").reason)


def test_of_two_with_one_name_the_second_is_listed_as_failed(bench: Bench) -> None:
    folders = [bench.folder / "a", bench.folder / "b"]
    install(folders[0], "angel", good("angel"))
    install(folders[1], "angel", good("angel"), project="impostor", target="other_module")
    host = bench.started_over(folders)
    first, second = host.report()
    assert (first.state, first.name) == ("loaded", "angel")
    assert (second.state, second.name) == ("failed", "angel")
    assert second.reason == "the name is taken by a plugin of angel-project"
    host.stop()
    assert sys.modules["angel_plugin"].calls[-1] == ("stop", None)


def test_a_built_in_name_is_taken_as_well(bench: Bench) -> None:
    install(bench.folder, "host_api", good("host_api"))
    host = bench.started(builtins=[("host_api", types.ModuleType("host_api"))])
    assert [item.state for item in host.report()] == ["loaded", "failed"]
    assert host.report()[1].reason == "the name is taken by a plugin of the program itself"
    assert "host_api_plugin" not in sys.modules


def test_the_same_project_further_back_is_only_mentioned(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folders = [bench.folder / "a", bench.folder / "b"]
    install(folders[0], "angel", good("angel"), version="1.0")
    install(folders[1], "angel", "raise AssertionError", version="2.0", project="Angel_Project")
    host = bench.started_over(folders)
    assert report_of(host, "angel").version == "1.0"
    assert "version 1.0 is used; 2.0 comes later on the search path" in caplog.text


@pytest.mark.parametrize("where", ["settings", "command line"])
def test_a_disabled_plugin_is_not_imported(bench: Bench, where: str) -> None:
    install(bench.folder, "bad", "raise AssertionError('imported')")
    install(bench.folder, "angel", good("angel"))
    if where == "settings":
        bench.set_plugins(disabled=("bad",))
        host = bench.started()
    else:
        host = bench.started(disabled=["bad"])
    report = report_of(host, "bad")
    assert (report.state, report.version) == ("disabled", "1.0")
    assert "bad_plugin" not in sys.modules
    assert report_of(host, "angel").state == "loaded"


def test_a_name_in_the_settings_that_is_nowhere_is_told(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.set_plugins(disabled=("tipo",))
    bench.set_section("typo", {"x": 1})
    bench.started()
    assert "the settings name a plugin tipo that is not there" in caplog.text
    assert "the settings name a plugin typo that is not there" in caplog.text


def test_safe_mode_imports_nothing_and_searches_nowhere(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    path = list(sys.path)
    host = bench.started(source=no_plugins, builtins=[("host_api", types.ModuleType("host_api"))])
    assert [(item.name, item.state) for item in host.report()] == [("host_api", "loaded")]
    assert "angel_plugin" not in sys.modules
    assert sys.path == path


def test_a_folder_does_not_replace_what_the_program_carries(bench: Bench) -> None:
    # ``sched`` stands for any module of the standard library that nobody has imported yet,
    # ``calldoc_interface`` for one of the program's own.
    shadows = dict.fromkeys(["sched.py", "calldoc_interface.py"], "raise AssertionError('shadow')")
    install(bench.folder, "sly", "import sched, calldoc_interface", modules=shadows)
    assert report_of(bench.started(), "sly").state == "loaded"
    for name in ("sched", "calldoc_interface"):
        origin = importlib.import_module(name).__file__
        assert not str(origin).startswith(str(bench.folder))


def test_relative_folders_are_below_the_base(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert plugin_folders(("plugins.d", str(elsewhere)), tmp_path / "program") == (
        tmp_path / "program" / "plugins.d",
        elsewhere,
    )


def test_a_folder_that_is_not_there_is_left_out(bench: Bench) -> None:
    missing = bench.folder / "nowhere"
    host = bench.started_over([missing, bench.folder])
    assert host.report() == []
    assert str(missing) not in sys.path


def test_without_a_window_panels_are_not_asked_for(bench: Bench) -> None:
    install(
        bench.folder,
        "shy",
        "from hookspecs import hookimpl\n@hookimpl\ndef sync_gui_panels(context):\n    1 / 0\n",
    )
    assert report_of(bench.started(with_panels=False), "shy").state == "loaded"


def test_two_hosts_know_nothing_of_each_other(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    first = bench.started()
    second = bench.started(disabled=["angel"])
    assert report_of(first, "angel").state == "loaded"
    assert report_of(second, "angel").state == "disabled"
    assert first.panels()
    assert not second.panels()
