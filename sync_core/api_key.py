"""The API key in force: from the settings, or from the system's key store.

The server asks :meth:`ApiKey.value` for every request, so a new key counts at once.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sync_core.errors import SettingsError
from sync_core.hosts import is_loopback
from sync_core.key_store import API_KEY, KeyStore, KeyStoreError
from sync_core.settings import ApiSettings

KeySource = Literal["none", "settings", "key_store", "unreadable"]

_BYTES = 32

RememberSource = Callable[[str | None], None]
"""Writes ``api.key_source`` into the settings file (None: its default). ``SettingsError``."""


@dataclass(frozen=True)
class ApiKeyState:
    """Whether a key is asked for, and where it comes from.

    ``unreadable``: a key is wanted and the key store did not give it, so every call is refused;
    ``problem`` says why in English. ``origin`` names the variable of a key from the environment,
    else it is empty. ``open_to_others``: other computers can reach the API. The key itself is not
    part of the representation.
    """

    source: KeySource
    key: str | None
    origin: str
    open_to_others: bool
    problem: str = ""

    def __repr__(self) -> str:
        return f"ApiKeyState(source={self.source!r})"


class ApiKey:
    """Holds the key; safe from any thread. Only :meth:`value` and :meth:`state` are quick.

    ``remember`` keeps the place of the key over a restart. ``origin`` names the environment
    variable that ``api.key`` comes from, if it does.
    """

    def __init__(
        self,
        settings: ApiSettings,
        store: KeyStore,
        remember: RememberSource,
        logger: logging.Logger,
        *,
        origin: str = "",
    ) -> None:
        self._settings = settings
        self._store = store
        self._remember = remember
        self._log = logger
        self._origin = origin
        self._open_to_others = not is_loopback(settings.host)
        self._changing = threading.Lock()
        self._state = self._made("none", None)
        if settings.key is not None:
            self._state = self._made("settings", settings.key)
        elif settings.key_source == "key_store":
            self.read_again()

    def value(self) -> str | None:
        """The key that a call must bring; None when none is asked for."""
        return self._state.key

    def state(self) -> ApiKeyState:
        """What is in force now."""
        return self._state

    def read_again(self) -> None:
        """Ask the key store for the key, which ``api.key_source`` says is there.

        Without an answer every call is refused: an API that quietly asks for no key any more
        would be open to whoever it was closed to before.
        """
        with self._changing:
            try:
                key = self._store.read(API_KEY)
            except KeyStoreError as error:
                self._close(str(error))
                return
            if key:
                self._state = self._made("key_store", key)
            else:
                self._close("the key store holds no API key")

    def create(self) -> None:
        """Make a new key and keep it in the key store; it is in force when this returns.

        Raises ``KeyStoreError`` and ``SettingsError``; the old key, or none, is in force then.
        """
        with self._changing:
            self._refuse_if_set()
            key = secrets.token_urlsafe(_BYTES)
            before = self._store.read(API_KEY)
            self._store.write(API_KEY, key)
            try:
                self._remember("key_store")
            except SettingsError:
                if before is None:
                    self._store.remove(API_KEY)
                else:
                    self._store.write(API_KEY, before)
                raise
            self._state = self._made("key_store", key)
        self._log.info("a new API key is in force")

    def remove(self) -> None:
        """Ask for no key any more and forget the one in the key store.

        Raises ``KeyStoreError``, and ``SettingsError`` also when other computers can reach the
        API, which must not be open to them without a key.
        """
        with self._changing:
            self._refuse_if_set()
            if self._open_to_others:
                raise SettingsError(
                    f"api.host: {self._settings.host} can be reached by other computers, so the "
                    "API needs a key"
                )
            self._remember(None)
            self._state = self._made("none", None)
            self._store.remove(API_KEY)
        self._log.info("the API asks for no key any more")

    def _refuse_if_set(self) -> None:
        if self._settings.key is not None:
            raise SettingsError("api.key is set, and it wins over the key store")

    def _close(self, problem: str) -> None:
        self._log.error("the API refuses every call, its key cannot be read: %s", problem)
        self._state = ApiKeyState(
            "unreadable", secrets.token_urlsafe(_BYTES), "", self._open_to_others, problem
        )

    def _made(self, source: KeySource, key: str | None) -> ApiKeyState:
        return ApiKeyState(source, key, self._origin, self._open_to_others)
