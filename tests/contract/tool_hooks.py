"""What the tool is told about us: loaded by it, not by the tests."""

from __future__ import annotations

from itertools import count
from typing import Any

import schemathesis

EXAMPLE = "7d1f0c1e-1c55-4c55-9d53-2f3a53a7d0aa"

_numbers = count()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """The documented example of a key becomes a new key each time: as it is, all but the first
    request that bears it would be refused, and nothing else of them be looked at."""
    if case.headers and case.headers.get("Idempotency-Key") == EXAMPLE:
        case.headers["Idempotency-Key"] = f"{EXAMPLE}-{next(_numbers)}"
