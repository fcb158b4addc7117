"""Reading a JSON body strictly: what could be read in two ways is refused.

Two programs that read the same text differently (which of two equal names counts, what ``NaN``
is) could act on different patients; so such a text is nobody's request.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from werkzeug.http import parse_options_header


class InvalidBodyError(ValueError):
    """The body is no JSON object as we want it; the message says why and quotes nothing of it."""


def is_json_in_utf8(content_type: str | None, content_encoding: str | None = None) -> bool:
    """Whether the headers declare plain ``application/json`` in UTF-8 (also when unsaid)."""
    kind, options = parse_options_header(content_type or "")
    charset = options.get("charset", "utf-8")
    return (
        kind.lower() == "application/json"
        and charset.lower() in ("utf-8", "utf8")
        and (content_encoding or "identity").strip().lower() == "identity"
    )


def read_json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``. Raises :class:`InvalidBodyError` for anything else."""
    if not body.strip():
        raise InvalidBodyError("The body is empty.")
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_constant=_no_number,
            parse_float=_finite,
            object_pairs_hook=_unambiguous,
        )
        # Half a surrogate pair is valid JSON and no text: it could be neither stored nor answered.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except InvalidBodyError:
        raise
    except UnicodeError as error:
        raise InvalidBodyError("The body is not UTF-8 text.") from error
    except (ValueError, RecursionError) as error:
        raise InvalidBodyError("The body is not JSON.") from error
    if not isinstance(value, dict):
        raise InvalidBodyError("The body is not a JSON object.")
    return value


def _no_number(_name: str) -> NoReturn:
    raise InvalidBodyError("The body holds NaN or Infinity, which JSON does not know.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidBodyError("The body holds a number that is too large.")
    return number


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidBodyError("The body names a field twice.")
    return members
