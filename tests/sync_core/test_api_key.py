"""The API key in force, with a key store in memory and one that fails as real ones do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from sync_core.api_key import ApiKey
from sync_core.errors import SettingsError
from sync_core.key_store import (
    API_KEY,
    KeyStoreError,
    KeyStoreInMemory,
    SystemKeyStore,
    has_password,
    login_of,
    sqlhk_entry,
)
from sync_core.settings import ApiSettings

LOGGER = logging.getLogger("tests.api_key")
STORED = ApiSettings(key_source="key_store")


class Broken(KeyStoreInMemory):
    def read(self, name: str) -> str | None:
        raise KeyStoreError("no key store here")


class Remembered(list):
    """What was written into the settings file."""


@pytest.fixture
def remembered() -> Remembered:
    return Remembered()


def make(settings: ApiSettings, store: KeyStoreInMemory, remembered: Remembered) -> ApiKey:
    return ApiKey(settings, store, remembered.append, LOGGER)


def test_without_anything_no_key_is_asked_for(remembered):
    key = make(ApiSettings(), KeyStoreInMemory(), remembered)
    assert (key.value(), key.state().source) == (None, "none")


def test_the_key_store_is_not_touched_unless_the_settings_say_so(remembered):
    store = Broken()
    assert make(ApiSettings(), store, remembered).state().source == "none"
    settings = ApiSettings(key="from-file", key_source="key_store")
    key = make(settings, store, remembered)
    assert (key.value(), key.state().source) == ("from-file", "settings")


def test_a_new_key_is_in_force_kept_and_found_again(remembered):
    store = KeyStoreInMemory()
    key = make(ApiSettings(), store, remembered)
    key.create()
    made = key.value()
    assert made is not None
    assert len(made) >= 40
    assert store.read(API_KEY) == made
    assert remembered == ["key_store"]
    assert make(STORED, store, remembered).value() == made
    key.create()
    assert key.value() not in (None, made)


def test_removing_forgets_it_everywhere(remembered):
    store = KeyStoreInMemory()
    key = make(ApiSettings(), store, remembered)
    key.create()
    key.remove()
    assert (key.value(), store.read(API_KEY), remembered) == (None, None, ["key_store", None])


def test_a_key_of_the_settings_is_neither_replaced_nor_removed(remembered):
    key = make(ApiSettings(key="mine"), KeyStoreInMemory(), remembered)
    for change in (key.create, key.remove):
        with pytest.raises(SettingsError, match=r"api\.key is set"):
            change()
    assert (key.value(), remembered) == ("mine", [])


def test_an_api_that_others_reach_keeps_its_key(remembered):
    store = KeyStoreInMemory()
    store.write(API_KEY, "kept")
    settings = ApiSettings(host="0.0.0.0", key_source="key_store")
    key = make(settings, store, remembered)
    with pytest.raises(SettingsError, match="other computers"):
        key.remove()
    assert (key.value(), store.read(API_KEY), remembered) == ("kept", "kept", [])


@pytest.mark.parametrize("store", [Broken(), KeyStoreInMemory()])
def test_a_key_that_cannot_be_read_closes_the_api(remembered, store, caplog):
    key = make(STORED, store, remembered)
    assert key.state().source == "unreadable"
    assert len(key.value() or "") >= 40
    assert key.value() not in caplog.text
    assert "refuses every call" in caplog.text


def test_it_is_open_again_once_the_key_can_be_read(remembered):
    store = KeyStoreInMemory()
    key = make(STORED, store, remembered)
    store.write(API_KEY, "there")
    key.read_again()
    assert (key.value(), key.state().source) == ("there", "key_store")


def test_what_cannot_be_remembered_is_not_in_force():
    def refuse(_source: str | None) -> None:
        raise SettingsError("read only")

    store = KeyStoreInMemory()
    key = ApiKey(ApiSettings(), store, refuse, LOGGER)
    with pytest.raises(SettingsError, match="read only"):
        key.create()
    assert (key.value(), store.read(API_KEY)) == (None, None)


def test_the_key_is_in_no_representation(remembered):
    key = make(ApiSettings(key="very-secret"), KeyStoreInMemory(), remembered)
    assert "very-secret" not in repr(key.state())


# --- the system's key store -----------------------------------------------------------------------


class Backend(keyring.backend.KeyringBackend):
    """A key store of keyring's own kind."""

    priority = 1.0  # type: ignore[assignment]  # keyring declares a property

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}
        self.keeps = True
        self.fault: Exception | None = None
        self.gate: threading.Event | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.gate is not None:
            self.gate.wait(10)
        if self.fault is not None:
            raise self.fault
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.keeps:
            self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.secrets:
            raise keyring.errors.PasswordDeleteError("not there")
        del self.secrets[service, username]


@pytest.fixture
def backend() -> Iterator[Backend]:
    before = keyring.get_keyring()
    made = Backend()
    keyring.set_keyring(made)
    yield made
    if made.gate is not None:
        made.gate.set()
    keyring.set_keyring(before)


def test_the_systems_store_keeps_and_forgets(backend):
    store = SystemKeyStore()
    assert store.read("a") is None
    store.write("a", "secret")
    assert backend.secrets == {("sync_gui", "a"): "secret"}
    assert store.read("a") == "secret"
    store.remove("a")
    store.remove("a")
    assert store.read("a") is None


def test_a_store_that_forgets_at_once_is_found_out(backend):
    backend.keeps = False
    with pytest.raises(KeyStoreError, match="did not keep"):
        SystemKeyStore().write("a", "secret")


@pytest.mark.parametrize("fault", [keyring.errors.KeyringLocked("s3cret"), RuntimeError("s3cret")])
def test_every_fault_of_a_backend_is_one_of_ours_without_its_words(backend, fault):
    backend.fault = fault
    with pytest.raises(KeyStoreError) as caught:
        SystemKeyStore().read("a")
    assert "s3cret" not in str(caught.value)
    assert type(fault).__name__ in str(caught.value)


def test_a_store_that_does_not_answer_is_given_up(backend):
    backend.gate = threading.Event()
    with pytest.raises(KeyStoreError, match="did not answer"):
        SystemKeyStore(0.05).read("a")


@pytest.mark.parametrize(
    ("url", "login", "with_password"),
    [
        ("mssql+pyodbc://sync@server/DB?driver=x", "sync", False),
        ("mssql+pyodbc://DOM%5Csync:pw@server/DB", "DOM\\sync", True),
        ("mssql+pyodbc://server/DB", None, False),
        ("sqlite:///file.db", None, False),
        ("mssql+pyodbc://[broken/DB", None, False),
        ("", None, False),
    ],
)
def test_the_login_of_an_address(url, login, with_password):
    assert (login_of(url), has_password(url)) == (login, with_password)


def test_the_names_are_those_under_which_the_password_is_looked_up(backend):
    from plugins.single_patient.sqlhk_password import find_password

    url = "mssql+pyodbc://DOM%5Csync@server/DB"
    SystemKeyStore().write(sqlhk_entry(login_of(url) or ""), "from-the-store")
    assert find_password(url, None, {}) == "from-the-store"
