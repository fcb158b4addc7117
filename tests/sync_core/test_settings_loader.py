"""Settings from real files and given environments, and what is said when they are wrong."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import platformdirs
import pytest

from sync_core.errors import SettingsError
from sync_core.settings import Settings, TypeRule, declared_settings
from sync_core.settings_loader import (
    find_settings_file,
    load_settings,
    users_settings_file,
    with_overrides,
)


@pytest.fixture
def write(tmp_path):
    """Writes a settings file and returns its path."""

    def _write(text: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "sync_gui.toml"
        file.write_text(text, encoding=encoding)
        return file

    return _write


def refusal(file: Path | None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(file, environ or {})
    return str(caught.value)


# --- where the file is ---------------------------------------------------------------------------


@pytest.fixture
def four_places(tmp_path, monkeypatch):
    """A settings file at each place the program looks, in the order of precedence."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    user = platformdirs.user_config_path("sync_gui", appauthor=False)
    assert user.is_relative_to(tmp_path)
    places = [tmp_path / "explicit.toml", tmp_path / "variable.toml"]
    places += [tmp_path / "program" / "sync_gui.toml", user / "sync_gui.toml"]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("", encoding="utf-8")
    return places


def test_the_named_file_comes_first_then_the_variable_then_the_folders(four_places):
    explicit, variable, beside, user = four_places
    environ = {"SYNC_GUI_CONFIG": str(variable)}
    assert find_settings_file(explicit, environ, beside.parent) == explicit
    assert find_settings_file(None, environ, beside.parent) == variable
    assert find_settings_file(None, {}, beside.parent) == beside
    beside.unlink()
    assert find_settings_file(None, {}, beside.parent) == user
    user.unlink()
    assert find_settings_file(None, {}, beside.parent) is None


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    missing = tmp_path / "nowhere.toml"
    with pytest.raises(SettingsError, match=r"--config.*nowhere\.toml"):
        find_settings_file(missing, {}, tmp_path)
    with pytest.raises(SettingsError, match=r"SYNC_GUI_CONFIG.*nowhere\.toml"):
        find_settings_file(None, {"SYNC_GUI_CONFIG": str(missing)}, tmp_path)


# --- what is accepted ----------------------------------------------------------------------------


def test_without_file_and_environment_everything_has_its_default():
    assert load_settings(None, {"PATH": "/bin"}) == Settings()


def test_every_kind_of_value_is_read_from_a_file(write):
    file = write(
        """
        data_dir = "data"

        [calldoc]
        base_url = "https://calldoc.example/frontend"
        connect_timeout = 2

        [sqlhk]
        url = "mssql+pyodbc://server/SQLHK?driver=ODBC+Driver+18"

        [api]
        host = "0.0.0.0"
        port = 0
        key = "a-secret-of-the-practice"
        allowed_hosts = ["sync.example"]

        [log]
        level = "DEBUG"

        [plugins]
        disabled = ["a", "b"]

        [plugins.single_patient]
        sql_timeout = 5

        [plugins."other-plugin"]
        nested = {deep = true}
        """
    )
    settings = load_settings(file, {})
    assert settings.calldoc.base_url == "https://calldoc.example/frontend"
    assert settings.calldoc.connect_timeout == 2.0
    assert isinstance(settings.calldoc.connect_timeout, float)
    assert settings.sqlhk.url == "mssql+pyodbc://server/SQLHK?driver=ODBC+Driver+18"
    assert (settings.api.host, settings.api.port) == ("0.0.0.0", 0)
    assert settings.api.allowed_hosts == ("sync.example",)
    assert settings.log.level == "DEBUG"
    assert settings.plugins.disabled == ("a", "b")
    assert settings.plugin_sections["single_patient"] == {"sql_timeout": 5}
    assert settings.plugin_sections["other-plugin"] == {"nested": {"deep": True}}
    assert settings.source == file
    assert settings.data_dir == file.parent / "data"  # beside the file, whatever the directory


def test_a_byte_order_mark_of_a_windows_editor_is_no_error(write):
    assert load_settings(write("[api]\nport = 7\n", "utf-8-sig"), {}).api.port == 7


def test_the_environment_wins_over_the_file(write):
    file = write("data_dir = 'a'\n[api]\nport = 1\n[plugins]\ndisabled = ['x']\n")
    settings = load_settings(
        file,
        {
            "SYNC_GUI_API__PORT": "0",
            "SYNC_GUI_DATA_DIR": "/srv/sync",
            "SYNC_GUI_PLUGINS__DISABLED": "one, two,",
            "SYNC_GUI_PLUGINS__DIRS": '["a,b", "c"]',
            "SYNC_GUI_TASKS__TIMEOUT_SECONDS": "2.5",
            "SYNC_GUI_CONFIG": "is not a setting",
        },
    )
    assert settings.api.port == 0
    assert settings.data_dir == Path("/srv/sync")
    assert settings.plugins.disabled == ("one", "two")
    assert settings.plugins.dirs == ("a,b", "c")
    assert settings.tasks.timeout_seconds == 2.5


def test_an_empty_list_variable_empties_the_list():
    assert load_settings(None, {"SYNC_GUI_PLUGINS__DIRS": ""}).plugins.dirs == ()


def test_plugin_variables_go_raw_into_the_section_that_is_spelt_alike(write):
    file = write("[plugins.Other-Plugin]\nlimit = 1\nkept = 2\n")
    settings = load_settings(
        file,
        {
            "SYNC_GUI_PLUGINS__OTHER_PLUGIN__LIMIT": "9",
            "SYNC_GUI_PLUGINS__SINGLE_PATIENT__SQL_TIMEOUT": "5",
        },
    )
    assert settings.plugin_sections == {
        "Other-Plugin": {"limit": "9", "kept": 2},
        "single_patient": {"sql_timeout": "5"},
    }


def test_rules_are_merged_type_by_type(write):
    file = write("[mapping.rules.26]\nzuweiser_id = 3\n")
    rules = load_settings(
        file, {"SYNC_GUI_MAPPING__RULES": "{27 = {herzkatheter_id = 4}}"}
    ).mapping.rules
    assert rules == {
        25: TypeRule(zuweiser_id=7, herzkatheter_id=2),
        26: TypeRule(zuweiser_id=3),
        27: TypeRule(herzkatheter_id=4),
    }


def test_an_empty_rule_switches_a_shipped_rule_off(write):
    assert load_settings(write("[mapping.rules.25]\n"), {}).mapping.rules == {25: TypeRule()}


def test_the_password_variable_may_begin_with_our_prefix(write):
    file = write('[sqlhk]\npassword_env = "SYNC_GUI_SQLHK_PASSWORD"\n')
    environ = {"SYNC_GUI_SQLHK_PASSWORD": "x"}
    assert load_settings(file, environ).sqlhk.password_env == "SYNC_GUI_SQLHK_PASSWORD"
    assert "SYNC_GUI_SQLHK_PASSWORD" in refusal(None, environ)


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[api]\nhots = 'x'", 2, ("api.hots", "did you mean host")),
        ("[apy]\nport = 1", 1, ("apy", "section", "did you mean api")),
        ("datadir = 'x'", 1, ("datadir", "did you mean data_dir")),
        ("api = 5", 1, ("expected a table [api]",)),
        ("[plugins]\n\ndisable = ['x']", 3, ("plugins.disable", "did you mean disabled")),
        ("# a\n[api]\nport = 70000", 3, ("api.port", "from 0 to 65535", "70000")),
        ("api.port = true", 1, ("api.port", "integer", "true")),
        ("[api]\nport = 5.0", 2, ("integer", "5.0")),
        ("[api]\nport = '5'", 2, ("integer", 'the text "5"')),
        ("[tasks]\ntimeout_seconds = 1.9", 2, ("from 2 to 60",)),
        ("[tasks]\ntimeout_seconds = nan", 2, ("from 2 to 60", "nan")),
        ("[mapping]\nmaterialpreis = inf", 2, ("at least 0", "inf")),
        ("[mapping]\ndrgid = 2147483648", 2, ("mapping.drgid",)),
        ("[mapping]\nmaterialpreis = " + "9" * 400, 2, ("mapping.materialpreis", "that large")),
        ("[tasks]\nworkers = false", 2, ("tasks.workers", "false")),
        ("[calldoc]\nread_timeout = true", 2, ("calldoc.read_timeout", "number")),
        ("[log]\nlevel = 'debug'", 2, ("DEBUG, INFO, WARNING, ERROR", "did you mean DEBUG")),
        ("[log]\nlevel = 3", 2, ("one of",)),
        ("[plugins]\ndisabled = 'x'", 2, ("a list of texts",)),
        ("[plugins]\ndisabled = ['x', 3]", 2, ("a list of texts", "3 is in it")),
        ("[api]\nhost = ''", 2, ("api.host", "empty")),
        ("[api]\nhost = 3", 2, ("a text",)),
        ('[api]\nhost = "a\\nb"', 2, ("control characters",)),
        ("[mapping.rules.x]\n", 1, ("mapping.rules.x", "number of an appointment type")),
        ("[mapping.rules.25]\nzuweiser = 3", 2, ("did you mean zuweiser_id",)),
        ("[mapping.rules.25]\nzuweiser_id = '3'", 2, ("mapping.rules.25.zuweiser_id", "integer")),
        ("[mapping]\nrules = {25 = 7}", 2, ("mapping.rules.25", "expected a table")),
        ("[mapping]\nrules = 7", 2, ("mapping.rules", "table")),
        ("[api]\nport = = 1", 2, ("not TOML",)),
        ("[api]\nport = 1\nport = 2", 3, ("not TOML",)),
        ("port = " + "1" * 5000, 1, ("not TOML",)),
    ],
)
def test_a_refusal_names_file_line_and_what_is_allowed(write, text, line, said):
    file = write(text)
    message = refusal(file)
    assert message.startswith(f"{file}, line {line}: ")
    for words in said:
        assert words in message


def test_the_line_is_found_behind_strings_arrays_and_quoted_keys(write):
    file = write(
        '[calldoc]\nbase_url = "https://a.example"\n'
        "[plugins.x]\n"
        'text = """\n[api]\nport = 1\n"""\n'
        "list = [\n[1],\n[2],\n]\n"
        "[[plugins.x.many]]\na = 1\n"
        '["api"]  # a comment\n"port" = -1\n'
    )
    assert refusal(file).startswith(f"{file}, line 15: api.port")


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("SYNC_GUI_API__PORT", "five", "an integer from 0 to 65535"),
        ("SYNC_GUI_API__PORT", "5.0", "an integer from 0 to 65535"),
        ("SYNC_GUI_API__PORT", "", "an integer from 0 to 65535"),
        ("SYNC_GUI_API__PORT", "٣", "an integer from 0 to 65535"),
        ("SYNC_GUI_TASKS__TIMEOUT_SECONDS", "nan", "a number from 2 to 60"),
        ("SYNC_GUI_TASKS__TIMEOUT_SECONDS", "soon", "a number from 2 to 60"),
        ("SYNC_GUI_LOG__LEVEL", "Warning", "did you mean WARNING"),
        ("SYNC_GUI_MAPPING__RULES", "{25", "written as TOML"),
        ("SYNC_GUI_PLUGINS__DIRS", "[1]", "a list of texts"),
        ("SYNC_GUI_API__POTR", "1", "did you mean SYNC_GUI_API__PORT"),
        ("SYNC_GUI_api__port", "1", "did you mean SYNC_GUI_API__PORT"),
        ("SYNC_GUI_DATADIR", "x", "did you mean SYNC_GUI_DATA_DIR"),
        ("SYNC_GUI_PLUGINS__A__B__C", "x", "no such setting"),
        ("SYNC_GUI_DATA_DIR", " ", "empty"),
    ],
)
def test_a_refused_variable_is_named(variable, text, said):
    message = refusal(None, {variable: text})
    assert message.startswith(f"{variable}: ")
    assert said in message


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "calldoc.example", "http://", "https:///x", "http://h:70000/", 5]
)
def test_a_web_address_needs_http_and_a_host(write, url):
    message = refusal(write(f"[gateway]\nurl = {url!r}"))
    assert "http:// or https:// and names a host" in message


@pytest.mark.parametrize("url", ["server/SQLHK", "http://host/db", "mssql+pyodbc:/x", "a b://c"])
def test_a_database_address_needs_a_dialect(write, url):
    assert "SQLAlchemy address" in refusal(write(f"[sqlhk]\nurl = {url!r}"))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("sqlhk", "url", "user:hunter2@host"),
        ("sqlhk", "url", "https://user:hunter2@host/db"),
        ("gateway", "url", "ftp://user:hunter2@host"),
        ("api", "key", "hunter2 with blanks"),
        ("api", "key", "hunter2\\u0007"),
    ],
)
def test_a_message_never_repeats_a_password(write, section, key, value):
    assert "hunter2" not in refusal(write(f'[{section}]\n{key} = "{value}"'))
    variable = f"SYNC_GUI_{section.upper()}__{key.upper()}"
    assert "hunter2" not in refusal(None, {variable: value.replace("\\u0007", "\a")})


def test_unreadable_files_are_named(tmp_path, write):
    assert "cannot be read" in refusal(tmp_path)
    assert "UTF-8" in refusal(write("# Größe", "latin-1"))


# --- listening for others ------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback_needs_no_key(host):
    assert load_settings(None, {"SYNC_GUI_API__HOST": host}).api.host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "practice.example"])
def test_listening_for_others_needs_a_key(write, host):
    file = write(f"[api]\nport = 1\nhost = '{host}'")
    message = refusal(file)
    assert message.startswith(f"{file}, line 3: api.host: ")
    assert "api.key" in message
    assert refusal(None, {"SYNC_GUI_API__HOST": host}).startswith("SYNC_GUI_API__HOST: ")
    assert load_settings(file, {"SYNC_GUI_API__KEY": "k"}).api.key == "k"


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_wins_and_leaves_the_rest_alone():
    before = load_settings(None, {"SYNC_GUI_PLUGINS__DISABLED": "a", "SYNC_GUI_API__PORT": "1"})
    assert with_overrides(before) == before
    after = with_overrides(before, host="::1", port=0, data_dir=Path("x"), disabled=["b", "a", "b"])
    assert (after.api.host, after.api.port, after.data_dir) == ("::1", 0, Path("x"))
    assert after.plugins.disabled == ("a", "b")
    assert after.tasks == before.tasks


def test_the_command_line_is_checked_too():
    settings = load_settings(None, {})
    with pytest.raises(SettingsError, match=r"^--port: .*from 0 to 65535"):
        with_overrides(settings, port=65536)
    with pytest.raises(SettingsError, match=r"^--host: .*api\.key"):
        with_overrides(settings, host="0.0.0.0")


EXAMPLES = {
    "text": "word",
    "secret": "word",
    "url": "http://host",
    "database_url": "sqlite:///x",
    "text_list": "word",
    "path": "/word",
    "type_rules": "{1 = {zuweiser_id = 1}}",
    "integer": "9",
    "number": "9",
}


@pytest.mark.parametrize("declared", tuple(declared_settings()), ids=lambda declared: declared.name)
def test_every_declared_setting_can_be_set_by_a_variable(declared):
    variable = "SYNC_GUI_" + declared.name.upper().replace(".", "__")
    example = declared.choices[-1] if declared.choices else EXAMPLES[declared.kind]
    settings = load_settings(None, {"SYNC_GUI_API__KEY": "key", variable: example})
    assert attrgetter(declared.name)(settings) != declared.default


def test_a_key_in_the_key_store_allows_other_computers_too(write):
    settings = load_settings(write("[api]\nhost = '0.0.0.0'\nkey_source = 'key_store'\n"), {})
    assert (settings.api.host, settings.api.key) == ("0.0.0.0", None)


def test_the_file_of_the_user_is_the_last_one_looked_for(four_places):
    *_, beside, user = four_places
    assert users_settings_file() == user
    beside.unlink()
    assert find_settings_file(None, {}, beside.parent) == users_settings_file()
