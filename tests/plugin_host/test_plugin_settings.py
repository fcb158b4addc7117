"""The table of a plugin in the settings file, checked by the plugin's own schema."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.plugin_host.conftest import Bench, report_of
from tests.plugin_host.distributions import good, install


def test_the_plugin_gets_its_values(bench: Bench) -> None:
    install(bench.folder, "angel", good("angel"))
    bench.set_section("angel", {"greeting": "servus"})
    host = bench.started()
    assert report_of(host, "angel").state == "loaded"
    assert sys.modules["angel_plugin"].calls == [("start", "servus")]
    assert set(host.settings_schemas()["angel"]().fields) == {"greeting", "limit"}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"limit": "x"}, "sync_gui.toml: plugins.angel.limit: Not a valid integer."),
        (
            {"limti": 3},
            "sync_gui.toml: plugins.angel.limti: Unknown field. (known: greeting, limit)",
        ),
    ],
)
def test_a_wrong_table_is_named_by_file_and_key(
    bench: Bench, table: dict[str, Any], reason: str
) -> None:
    install(bench.folder, "angel", good("angel"))
    install(bench.folder, "zeal", good("zeal"))
    bench.set_section("angel", table)
    host = bench.started()
    report = report_of(host, "angel")
    assert (report.state, report.reason) == ("failed", reason)
    assert sys.modules["angel_plugin"].calls == []
    assert "angel" in host.settings_schemas()
    assert report_of(host, "zeal").state == "loaded"
    host.stop()
    assert sys.modules["angel_plugin"].calls == []


def test_a_schema_cannot_wave_unknown_names_through(bench: Bench) -> None:
    code = good("angel").replace(
        "class Settings(Schema):",
        "class Settings(Schema):\n        class Meta:\n            unknown = 'include'\n",
    )
    install(bench.folder, "angel", code)
    bench.set_section("angel", {"limti": 3})
    assert "plugins.angel.limti: Unknown field." in str(report_of(bench.started(), "angel").reason)


NESTED = """
    from marshmallow import Schema, ValidationError, fields, validates_schema
    from hookspecs import hookimpl
    class Inner(Schema):
        ports = fields.List(fields.Integer(strict=True))
    class Settings(Schema):
        inner = fields.Nested(Inner)
        @validates_schema
        def whole(self, data, **_):
            raise ValidationError("as a whole no good")
    @hookimpl
    def sync_gui_settings_schema():
        return Settings
"""


def test_a_problem_of_the_whole_table(bench: Bench) -> None:
    install(bench.folder, "nested", NESTED)
    bench.set_section("nested", {"inner": {"ports": [1, 2]}})
    assert report_of(bench.started(), "nested").reason == (
        "sync_gui.toml: plugins.nested: as a whole no good"
    )


def test_a_problem_inside_a_nested_table_is_named_with_its_whole_path(bench: Bench) -> None:
    install(bench.folder, "nested", NESTED)
    bench.set_section("nested", {"inner": {"ports": [1, "x"]}})
    assert report_of(bench.started(), "nested").reason == (
        "sync_gui.toml: plugins.nested.inner.ports.1: Not a valid integer."
    )


def test_a_table_for_a_plugin_without_settings(bench: Bench) -> None:
    install(bench.folder, "plain", "")
    bench.set_section("plain", {"speed": 3})
    assert report_of(bench.started(), "plain").reason == (
        "sync_gui.toml: plugins.plain.speed: The plugin has no settings."
    )


def test_a_schema_that_makes_no_mapping(bench: Bench) -> None:
    code = """
        from marshmallow import Schema, post_load
        from hookspecs import hookimpl
        class Settings(Schema):
            @post_load
            def make(self, data, **_):
                return 7
        @hookimpl
        def sync_gui_settings_schema():
            return Settings
    """
    install(bench.folder, "seven", code)
    assert report_of(bench.started(), "seven").reason == (
        "its settings schema made a int, no mapping"
    )
