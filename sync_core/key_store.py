"""The system's key store (Windows: Credential Manager, Linux: Secret Service) for our secrets.

It is another program and may ask the user, hang or be missing altogether; so it is asked on a
thread of its own, with a time limit, and only when somebody wants something of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from sync_core.errors import SyncGuiError

SERVICE = "sync_gui"
"""The service under which all our secrets are kept."""

API_KEY = "api.key"
"""The name of the API's key."""

_SECONDS = 10.0

T = TypeVar("T")


class KeyStoreError(SyncGuiError):
    """The key store is missing, refuses or does not answer. The message holds no secret."""


class KeyStore(Protocol):
    """Keeps secrets by name. Every call may take long and may raise :class:`KeyStoreError`."""

    def read(self, name: str) -> str | None:
        """The secret of that name; None when there is none."""

    def write(self, name: str, secret: str) -> None:
        """Keep a secret instead of the one that may be there."""

    def remove(self, name: str) -> None:
        """Forget a secret; it need not be there."""


class SystemKeyStore:
    """The key store of the operating system; ``seconds`` limit each call."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds

    def read(self, name: str) -> str | None:
        """See :class:`KeyStore`."""

        def ask() -> str | None:
            import keyring  # noqa: PLC0415 - slow to import, and most runs do not need it

            secret: str | None = keyring.get_password(SERVICE, name)
            return secret

        return self._within_time(ask)

    def write(self, name: str, secret: str) -> None:
        """See :class:`KeyStore`. A store that does not keep what it is given is an error too."""

        def ask() -> str | None:
            import keyring  # noqa: PLC0415 - as above

            keyring.set_password(SERVICE, name, secret)
            kept: str | None = keyring.get_password(SERVICE, name)
            return kept

        if self._within_time(ask) != secret:
            raise KeyStoreError("the key store did not keep the secret")

    def remove(self, name: str) -> None:
        """See :class:`KeyStore`."""

        def ask() -> None:
            import keyring  # noqa: PLC0415 - as above

            if keyring.get_password(SERVICE, name) is not None:
                keyring.delete_password(SERVICE, name)

        self._within_time(ask)

    def _within_time(self, ask: Callable[[], T]) -> T:
        answers: list[T] = []
        faults: list[Exception] = []

        def run() -> None:
            try:
                answers.append(ask())
            except Exception as error:  # noqa: BLE001 - the edge: backends raise what they like
                faults.append(error)

        thread = threading.Thread(target=run, name="key-store", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if faults:
            # Only its kind: a backend's own words may repeat what it was given.
            raise KeyStoreError(
                f"the key store cannot be used ({type(faults[0]).__name__})"
            ) from faults[0]
        if not answers:
            raise KeyStoreError(f"the key store did not answer within {self._seconds:g} s")
        return answers[0]


class KeyStoreInMemory:
    """A key store that forgets everything with the program: for the demo and for tests."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def read(self, name: str) -> str | None:
        """See :class:`KeyStore`."""
        return self._secrets.get(name)

    def write(self, name: str, secret: str) -> None:
        """See :class:`KeyStore`."""
        self._secrets[name] = secret

    def remove(self, name: str) -> None:
        """See :class:`KeyStore`."""
        self._secrets.pop(name, None)


def sqlhk_entry(login: str) -> str:
    """The name under which the password of a login of SQLHK is kept."""
    return f"sqlhk:{login}"


def login_of(url: str) -> str | None:
    """The login in a database address, None without one; whether it has a password is the same."""
    try:
        login = urlsplit(url).username
    except ValueError:
        return None
    return unquote(login) if login else None


def has_password(url: str) -> bool:
    """Whether a database address holds a password in plain text."""
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False
