"""Reading a request as strictly as RFC 9112 lets us: what two programs could read differently is
refused, because between two readings of one text a second request can be hidden.

waitress reads the bytes; here stands what it lets pass and we do not.
"""

from __future__ import annotations

import re

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.utilities import BadRequest, Error, RequestHeaderFieldsTooLarge

from api_blueprints.limits import Limits

_BEGINS_A_REQUEST = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\r\n")
"""Methods are letters, and an empty line before them is allowed. Anything else, a TLS greeting
for instance, will never become a request, so nobody waits for its end."""

_TARGET = re.compile(r"[!-~]+")
_VERSIONS = ("1.0", "1.1")
_TRANSFER_ENCODING = re.compile(rb"\r\ntransfer-encoding:([^\r\n]*)", re.IGNORECASE)
_FOLDED = re.compile(rb"\r\n[ \t]")


class TooManyHeaderLinesError(Exception):
    """The header has more lines than any client needs."""


class StrictRequest(HTTPRequestParser):
    """waitress's reader of one request, made strict.

    Refused besides what waitress refuses: folded header lines, a body's length told in two ways,
    transfer codings other than one ``chunked``, HTTP versions other than 1.0 and 1.1, targets
    with blanks, control or non-ASCII characters or a fragment, absolute targets that do not
    repeat ``Host``, and empty requests.
    """

    request_uri: str
    command: str  # type: ignore[assignment]  # the stubs err
    proxy_scheme: str
    proxy_netloc: str

    def __init__(self, adj: Adjustments, limits: Limits) -> None:
        super().__init__(adj)
        self._limits = limits

    def received(self, data: bytes) -> int:
        """Take in bytes; returns how many belonged to this request."""
        if self._is_hopeless(data):
            return self._refuse(BadRequest("no request begins like that"), data)
        try:
            consumed: int = super().received(data)
        except TooManyHeaderLinesError:
            return self._refuse(RequestHeaderFieldsTooLarge("too many header lines"), data)
        except ValueError:  # a length of thousands of digits, a target that is no address
            return self._refuse(BadRequest("a number or address that is none"), data)
        if self.empty:
            self.empty = False
            return self._refuse(BadRequest("an empty request"), data)
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the whole header; raises waitress's own exceptions, which it answers."""
        if header_plus.count(b"\r\n") > self._limits.header_lines:
            raise TooManyHeaderLinesError
        if _FOLDED.search(header_plus):
            raise ParsingError("a folded header line")
        codings = _TRANSFER_ENCODING.findall(header_plus)
        if codings and [coding.strip(b" \t").lower() for coding in codings] != [b"chunked"]:
            raise TransferEncodingNotImplemented("transfer codings other than chunked")
        super().parse_header(header_plus)
        if self.version not in _VERSIONS:
            raise ParsingError("not HTTP/1.0 or HTTP/1.1")
        if codings and (self.version == "1.0" or "CONTENT_LENGTH" in self.headers):
            raise ParsingError("the body's length is told in two ways")
        self._check_target()

    def _check_target(self) -> None:
        target = self.request_uri
        if _TARGET.fullmatch(target) is None or "#" in target:
            raise ParsingError("characters that a target cannot have")
        if target.startswith("/") or (target == "*" and self.command == "OPTIONS"):
            return
        host: str = self.headers.get("HOST", "")
        if self.proxy_scheme != "http" or self.proxy_netloc.lower() != host.lower():
            raise ParsingError("the target is neither a path nor an address of this server")

    def _is_hopeless(self, data: bytes) -> bool:
        begins = self.body_rcv is None and not self.header_plus and not self.completed
        return begins and data[:1] != b"" and data[0] not in _BEGINS_A_REQUEST

    def _refuse(self, error: Error, data: bytes) -> int:
        self.error = error
        self.completed = True
        return len(data)
