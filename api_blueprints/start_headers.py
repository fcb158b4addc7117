"""The headers of a call that starts a task: ``Idempotency-Key`` and ``Prefer`` (RFC 7240)."""

from __future__ import annotations

import re

LONGEST_WAIT = 30
"""Seconds; a wish to wait for more counts as this."""

KEY_PATTERN = "^[!-~]{1,128}$"
"""What an idempotency key looks like, the same for Python and for the documentation."""

_KEY = re.compile(KEY_PATTERN)
_PREFERENCES = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*\\?(?:"|\Z))+', re.DOTALL)
# A quoted text that is never closed reaches to the end: else each of its quotes were tried anew.
_WAIT = re.compile(
    r'\s*wait\s*=\s*(?:([0-9]+)|"([0-9]+)")\s*(?:;.*)?', re.ASCII | re.IGNORECASE | re.DOTALL
)


def is_idempotency_key(text: str) -> bool:
    """Whether the text is 1 to 128 visible ASCII characters."""
    return _KEY.fullmatch(text) is not None


def wanted_wait(prefer: str | None) -> int | None:
    """The whole seconds (0 to ``LONGEST_WAIT``) for which a client would like to wait.

    None without a ``wait`` that can be understood: a preference is a wish, and one that makes no
    sense is passed over. Of several the first counts.
    """
    for preference in _PREFERENCES.findall(prefer or ""):
        match = _WAIT.fullmatch(preference)
        if match is not None:
            digits = (match[1] or match[2]).lstrip("0") or "0"
            return LONGEST_WAIT if len(digits) > 2 else min(LONGEST_WAIT, int(digits))
    return None
