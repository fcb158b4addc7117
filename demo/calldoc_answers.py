"""CallDoc's answers as bytes, right ones and wrong ones, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.http_server import encode_json

_HTML = b"""<!DOCTYPE html>
<html><head><title>Anmeldung</title></head><body><h1>Bitte anmelden</h1></body></html>
"""
_NO_BODY = (204, 304)


@dataclass(frozen=True)
class Answer:
    """Status, body and media type of one answer."""

    status: int
    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True)
class Listing:
    """What a search found: the ``entries`` and the name under which the answer lists them.

    ``stranger`` is an entry of somebody who was not asked for, in the same form.
    """

    name: str
    entries: list[Any]
    stranger: Any


def listing_answer(listing: Listing) -> Answer:
    """The right answer."""
    document: dict[str, Any] = {listing.name: listing.entries}
    if listing.name == "data":
        document = {"count": len(listing.entries)} | document
    return Answer(200, encode_json(document))


def spoilt_answer(mode: str, status: int, listing: Listing) -> Answer:
    """The answer that the fault ``mode`` makes of a listing; the right one for other modes.

    ``status`` is the one to answer with when the mode is ``status``.
    """
    right = listing_answer(listing)
    if mode == "status":
        message = encode_json({"error": True, "message": f"simulated status {status}"})
        return Answer(status, b"" if status in _NO_BODY else message)
    if mode == "html":
        return Answer(200, _HTML, "text/html")
    if mode == "half_json":
        return Answer(200, right.body[: len(right.body) // 2])
    if mode == "error_200":
        return Answer(200, encode_json({"error": True, "message": "internal database error"}))
    if mode == "data_null":
        return Answer(200, encode_json({listing.name: None}))
    if mode == "data_missing":
        return Answer(200, encode_json({"count": len(listing.entries)}))
    if mode == "wrong_types":
        entries = [wrong_types(entry) for entry in listing.entries]
        return listing_answer(Listing(listing.name, entries, listing.stranger))
    if mode == "foreign_patient":
        entries = [listing.stranger, *listing.entries]
        return listing_answer(Listing(listing.name, entries, listing.stranger))
    return right


def wrong_types(entry: Any) -> Any:
    """The same entry with a value of a wrong type in every field."""
    if not isinstance(entry, dict):
        return entry
    return {name: _of_another_type(value) for name, value in entry.items()}


def _of_another_type(value: Any) -> Any:
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, list):
        return 3.5
    if value is None:
        return [None]
    return [value]
