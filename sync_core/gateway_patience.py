"""When to give up on a gateway that has died in the middle of a day."""

from __future__ import annotations

from types import TracebackType

from sync_core.errors import OutcomeUnknownError, SqlhkUnavailableError

MOST_FAILURES = 3
"""So many writes in a row may find nobody there; after that nobody else has to wait for it."""


class GatewayPatience:
    """Put around each write; refuses further ones once several in a row found the gateway away.

    Entering raises ``SqlhkUnavailableError`` then, and nothing is sent.
    """

    def __init__(self) -> None:
        self._failures = 0

    def __enter__(self) -> None:
        if self._failures >= MOST_FAILURES:
            raise SqlhkUnavailableError(
                "Das SQL-Gateway antwortet nicht mehr; es wurde nichts mehr geschrieben."
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, (SqlhkUnavailableError, OutcomeUnknownError)):
            self._failures += 1
        else:
            self._failures = 0
