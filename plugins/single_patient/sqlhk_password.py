"""Where the password of SQLHK's login comes from: never from the settings file by necessity."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from sync_core.errors import SettingsError

SERVICE = "sync_gui"
"""The service under which the system's key store keeps it; the name is ``sqlhk:LOGIN``."""


def find_password(url: str, password_env: str | None, environ: Mapping[str, str]) -> str | None:
    """The password to be used with ``url``; None when it needs none or holds it.

    ``password_env`` names an environment variable and comes first; without it, a login without a
    password in the address is looked up in the system's key store. Raises ``SettingsError`` when
    neither has it.
    """
    if password_env is not None:
        if password_env not in environ:
            raise SettingsError(f"sqlhk.password_env names {password_env}, which is not set")
        return environ[password_env]
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None  # the engine says what is wrong with the address
    if parsed.get_backend_name() != "mssql" or not parsed.username or parsed.password:
        return None
    return _from_key_store(parsed.username)


def _from_key_store(login: str) -> str:
    import keyring  # noqa: PLC0415 - slow to import, and needed for such an address only
    import keyring.errors  # noqa: PLC0415 - as above

    name = f"sqlhk:{login}"
    how = f"put it there with `keyring set {SERVICE} {name}`, or name a variable in "
    how += "sqlhk.password_env"
    try:
        password = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError as error:
        raise SettingsError(
            f"sqlhk.url names a login without a password, and the system's key store cannot be "
            f"read ({type(error).__name__}); {how}"
        ) from error
    if password is None:
        raise SettingsError(
            f"sqlhk.url names a login without a password, and the system's key store has none; "
            f"{how}"
        )
    return password
