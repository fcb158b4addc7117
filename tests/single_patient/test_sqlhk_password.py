"""Where SQLHK's password comes from; with keyring itself and a key store in memory."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from plugins.single_patient.sqlhk_password import find_password
from sync_core.errors import SettingsError

WITHOUT = "mssql+pyodbc://reader@server/SQLHK?driver=ODBC+Driver+18+for+SQL+Server"


class InMemory(keyring.backend.KeyringBackend):
    priority = 1.0  # type: ignore[assignment]  # keyring declares a property

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(InMemory):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")


@pytest.fixture
def key_store() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    store = InMemory()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


def test_the_variable_comes_first(key_store: InMemory) -> None:
    keyring.set_password("sync_gui", "sqlhk:reader", "from the store")
    assert find_password(WITHOUT, "SECRET", {"SECRET": "from the variable"}) == "from the variable"


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(SettingsError, match="SECRET, which is not set"):
        find_password(WITHOUT, "SECRET", {})


def test_the_key_store_has_it(key_store: InMemory) -> None:
    keyring.set_password("sync_gui", "sqlhk:reader", "from the store")
    assert find_password(WITHOUT, None, {}) == "from the store"


def test_nobody_has_it(key_store: InMemory) -> None:
    with pytest.raises(SettingsError, match="keyring set sync_gui sqlhk:reader"):
        find_password(WITHOUT, None, {})


def test_the_key_store_cannot_be_read(key_store: InMemory) -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(SettingsError, match="KeyringLocked"):
        find_password(WITHOUT, None, {})


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///somewhere.sqlite",
        "mssql+pyodbc://@server/SQLHK?driver=x",  # Windows authentication
        "mssql+pyodbc://reader:known@server/SQLHK?driver=x",
        "no address at all",
    ],
)
def test_none_is_needed(key_store: InMemory, url: str) -> None:
    assert find_password(url, None, {}) is None
