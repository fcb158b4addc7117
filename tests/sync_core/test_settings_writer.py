"""Settings written into real files: what is changed, and above all what is not."""

from __future__ import annotations

import stat
import sys
import tempfile
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_core.errors import SettingsError
from sync_core.settings import Declared, Settings, TypeRule, declared_settings
from sync_core.settings_loader import load_settings
from sync_core.settings_place import Origin, SettingsPlace, origins
from sync_core.settings_sources import from_environment
from sync_core.settings_writer import (
    SettingsFileChangedError,
    SettingsFileNotWritableError,
    change_settings,
    read_settings_file,
)

PRACTICE = """\
# The practice's own file.
data_dir = "data"   # beside it

[calldoc]
# Asked of IT in 2024.
base_url = "https://calldoc.example/frontend"
connect_timeout = 2.50

[api]
port = 8_000        # agreed with the firewall
allowed_hosts = [
    "one.example",  # first
    "two.example",
]

[mapping.rules.26]
zuweiser_id = 3     # Dr. in the annex

[plugins.single_patient]
query_timeout = 5
"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "sync_gui.toml"
    path.write_text(PRACTICE, encoding="utf-8")
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- what is changed, and what is not -------------------------------------------------------------


def test_everything_else_stays_as_it_was_written(file):
    change_settings(
        file,
        {
            "calldoc.read_timeout": 7,
            "api.port": 9000,
            "plugins.disabled": ("noisy",),
            "plugins.single_patient.login_timeout": 4,
            "mapping.rules": {26: TypeRule(zuweiser_id=4), 27: TypeRule(herzkatheter_id=1)},
            "log.level": "DEBUG",
        },
    )
    lines = file.read_text(encoding="utf-8").splitlines()
    changed = {"port = 8_000        # agreed with the firewall"}
    changed |= {"zuweiser_id = 3     # Dr. in the annex"}
    assert [
        line for line in PRACTICE.splitlines() if line not in changed and line not in lines
    ] == []
    assert "port = 9000        # agreed with the firewall" in lines
    assert "zuweiser_id = 4     # Dr. in the annex" in lines
    loaded = load_settings(file, {})
    assert (loaded.calldoc.read_timeout, loaded.api.port) == (7.0, 9000)
    assert loaded.plugins.disabled == ("noisy",)
    assert loaded.plugin_sections["single_patient"] == {"query_timeout": 5, "login_timeout": 4}
    assert loaded.mapping.rules[26] == TypeRule(zuweiser_id=4)
    assert loaded.mapping.rules[27] == TypeRule(herzkatheter_id=1)
    assert loaded.log.level == "DEBUG"


def test_a_value_that_is_there_already_keeps_its_notation(file):
    change_settings(file, {"api.port": 8000, "calldoc.connect_timeout": 2.5})
    assert file.read_text(encoding="utf-8") == PRACTICE


def test_none_takes_a_setting_out(file):
    change_settings(
        file, {"api.port": None, "data_dir": None, "tasks.workers": None, "mapping.rules": None}
    )
    text = file.read_text(encoding="utf-8")
    assert "port" not in text
    assert "data_dir" not in text
    loaded = load_settings(file, {})
    assert (loaded.api.port, loaded.data_dir) == (5555, None)
    assert set(loaded.mapping.rules) == {25}
    assert loaded.api.allowed_hosts == ("one.example", "two.example")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "api = {port = 1}\n",
        "api.port = 1\napi.host = '::1'\n",
        "[api]\nport = 1\n\n[plugins.x]\na = 1\n\n[log]\nlevel = 'INFO'\n\n[plugins]\ndirs = []\n",
        "mapping.rules.26 = {zuweiser_id = 3}\n",
        "mapping = {rules = {26 = {zuweiser_id = 3}}}\n",
        "[mapping]\n[mapping.rules]\n26.zuweiser_id = 3\n",
        "data_dir = 'x' # no line end",
        "[plugins.'a.b']\nx = 1\n",
    ],
)
def test_every_way_to_write_a_file_can_be_changed(tmp_path, text):
    file = tmp_path / "s.toml"
    file.write_text(text, encoding="utf-8")
    before = load_settings(file, {})
    rules = {**before.mapping.rules, 30: TypeRule(zuweiser_id=1)}
    change_settings(
        file,
        {"api.port": 7, "plugins.disabled": ["p"], "plugins.a.b.x": 2, "mapping.rules": rules},
    )
    after = load_settings(file, {})
    assert after.plugin_sections["a.b"] == {"x": 2}
    assert after == replace(
        before,
        api=replace(before.api, port=7),
        plugins=replace(before.plugins, disabled=("p",)),
        mapping=replace(before.mapping, rules=rules),
        plugin_sections=after.plugin_sections,
    )


def test_windows_line_ends_and_mark_stay(tmp_path):
    file = tmp_path / "s.toml"
    file.write_bytes(b"\xef\xbb\xbf# head\r\n[api]\r\nport = 1\r\n")
    change_settings(file, {"api.port": 2, "log.level": "ERROR"})
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# head\r\n[api]\r\nport = 2\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert load_settings(file, {}).log.level == "ERROR"


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20
).filter(str.strip)
IDS = st.integers(0, 2**31 - 1)


def values(declared: Declared) -> st.SearchStrategy[Any]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": WORDS,
        "secret": st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
        "url": st.just("https://host.example/a?b=1#c"),
        "database_url": st.just("mssql+pyodbc://user:p%40ss@server/DB?driver=ODBC+Driver+18"),
        "text_list": st.lists(WORDS, max_size=3),
        "path": WORDS.map(lambda word: f"folder/{word}"),
        "type_rules": st.dictionaries(
            st.integers(1, 2**31 - 1),
            st.builds(TypeRule, st.none() | IDS, st.none() | IDS),
            max_size=3,
        ),
        "choice": st.sampled_from(declared.choices or ("x",)),
        "integer": st.integers(int(declared.low or 0), int(declared.high or 2**31 - 1)),
        "number": st.floats(declared.low or 0, declared.high or 1e9),
    }
    return st.none() | kinds[declared.kind]


CHANGEABLE = [one for one in declared_settings() if one.name != "api.host"]
ANY_CHANGES = st.lists(
    st.sampled_from(CHANGEABLE).flatmap(lambda one: st.tuples(st.just(one.name), values(one))),
    max_size=8,
).map(dict)
STARTS = st.sampled_from(["", PRACTICE, PRACTICE.replace("\n", "\r\n")])


@settings(max_examples=50)
@given(text=STARTS, changes=ANY_CHANGES)
def test_what_is_written_is_what_is_loaded(text, changes):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "s.toml"
        file.write_bytes(text.encode())
        before = load_settings(file, {})
        change_settings(file, changes)
        after = load_settings(file, {})
        for declared in declared_settings():
            name = declared.name
            if name not in changes:
                assert attrgetter(name)(after) == attrgetter(name)(before)
            else:
                wanted = expected(declared, changes[name], file)
                assert attrgetter(name)(after) == wanted
        assert after.plugin_sections == before.plugin_sections
        written = file.read_bytes()
        change_settings(file, {**changes})
        assert file.read_bytes() == written


def expected(declared: Declared, value: Any, file: Path) -> Any:
    if declared.kind == "type_rules":
        return {**declared.default, **(value or {})}
    if value is None:
        return declared.default
    if declared.kind == "text_list":
        return tuple(item.strip() for item in value)
    if declared.kind == "path":
        return file.parent / Path(value.strip()).expanduser()
    return value.strip() if isinstance(value, str) else value


# --- the file itself ------------------------------------------------------------------------------


def test_the_version_before_is_kept_and_nothing_else_is_left(file, tmp_path):
    change_settings(file, {"api.port": 1})
    once = file.read_text(encoding="utf-8")
    change_settings(file, {"api.port": 2})
    assert file.with_name("sync_gui.toml.bak").read_text(encoding="utf-8") == once
    assert names(tmp_path) == {"sync_gui.toml", "sync_gui.toml.bak"}


def test_a_new_file_and_its_folder_are_their_owners_only(tmp_path):
    file = tmp_path / "config" / "sync_gui" / "sync_gui.toml"
    change_settings(file, {"api.key": "secret"})
    assert load_settings(file, {}).api.key == "secret"
    assert names(file.parent) == {"sync_gui.toml"}
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="rights work otherwise there")
def test_rights_stay_for_the_file_and_its_backup(file):
    file.chmod(0o640)
    change_settings(file, {"api.port": 1})
    backup = file.with_name("sync_gui.toml.bak")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, backup)} == {0o640}


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link(file, tmp_path):
    link = tmp_path / "link" / "sync_gui.toml"
    link.parent.mkdir()
    link.symlink_to(file)
    change_settings(link, {"api.port": 1})
    assert link.is_symlink()
    assert load_settings(file, {}).api.port == 1


def test_what_changed_on_the_disk_meanwhile_is_not_overwritten(file, tmp_path):
    seen = read_settings_file(file)
    file.write_text("[api]\nport = 1\n", encoding="utf-8")
    with pytest.raises(SettingsFileChangedError):
        change_settings(file, {"api.port": 2}, seen=seen)
    assert file.read_text(encoding="utf-8") == "[api]\nport = 1\n"
    assert names(tmp_path) == {"sync_gui.toml"}


def test_a_file_that_appeared_meanwhile_is_not_overwritten(tmp_path):
    file = tmp_path / "s.toml"
    seen = read_settings_file(file)
    file.write_text("", encoding="utf-8")
    with pytest.raises(SettingsFileChangedError):
        change_settings(file, {"api.port": 2}, seen=seen)
    assert file.read_bytes() == b""


def test_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "x").write_text("a file", encoding="utf-8")
    with pytest.raises(SettingsFileNotWritableError):
        change_settings(tmp_path / "x" / "s.toml", {"api.port": 2}, seen=read_nothing(tmp_path))


def read_nothing(tmp_path: Path) -> Any:
    return read_settings_file(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        (PRACTICE, {"api.port": 70000}, "api.port: expected an integer from 0 to 65535"),
        (PRACTICE, {"api.hots": "x"}, "did you mean api.host"),
        (PRACTICE, {"mapping.rules": {"x": {}}}, "mapping.rules.x: expected the number"),
        ("[api]\nprot = 1\n", {"api.port": 1}, "s.toml, line 2: api.prot"),
        ("[api\n", {"api.port": 1}, "line 1: is not TOML"),
        ("api = 3\n", {"api.port": 1}, "expected a table"),
    ],
)
def test_what_the_program_would_not_start_with_is_not_written(tmp_path, text, changes, said):
    file = tmp_path / "s.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        change_settings(file, changes)
    assert said in str(caught.value)
    assert file.read_text(encoding="utf-8") == text
    assert names(tmp_path) == {"s.toml"}


# --- where settings come from ---------------------------------------------------------------------


def test_what_environment_and_command_line_decide_is_known():
    environ = {"SYNC_GUI_API__KEY": "k", "SYNC_GUI_PLUGINS__SINGLE_PATIENT__QUERY_TIMEOUT": "5"}
    given_options = {"api.port": ("--port", 0), "api.host": ("--host", None)}
    fixed = origins(from_environment(environ), given_options)
    assert fixed == {
        "api.key": Origin("SYNC_GUI_API__KEY", "k"),
        "plugins.single_patient.query_timeout": Origin(
            "SYNC_GUI_PLUGINS__SINGLE_PATIENT__QUERY_TIMEOUT", "5"
        ),
        "api.port": Origin("--port", 0),
    }
    assert "'k'" not in repr(fixed)


def test_a_setting_from_elsewhere_is_not_written(file):
    place = SettingsPlace(file, {"api.port": Origin("--port", 0)})
    with pytest.raises(SettingsError, match="--port"):
        place.change({"api.port": 3})
    assert file.read_text(encoding="utf-8") == PRACTICE


def test_a_run_without_a_file_keeps_nothing():
    place = SettingsPlace()
    place.change({"api.port": 3})
    assert place.read().document() == {}
    assert Settings().source is None
