"""The gate in front of every request, whatever its path: request id, Host, page, key, size.

It is WSGI middleware around the whole application, so nothing (routing, plugins, error pages)
runs before these checks, and no answer leaves without the request id and the security headers.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

from api_blueprints.key_attempts import KeyAttempts
from api_blueprints.problems import (
    PROBLEM_CODE_KEY,
    PROBLEM_CONTENT_TYPE,
    REQUEST_ID_KEY,
    Problem,
    problem,
)
from api_blueprints.request_rules import (
    AccessRules,
    browser_may_send,
    loggable_path,
    offered_keys,
    request_id_from,
)
from sync_core.log_scope import log_scope

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_LIMIT = 64 * 1024
KNOWN_PATH_KEY = "sync_gui.known_path"
"""The rule of the route that matched, in the WSGI environment. The path itself is logged only if
it led somewhere: a mistyped one can hold anything, a patient's name included."""

SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
_PATIENT_DATA_PREFIX = "/api/sync"
_READING = ("GET", "HEAD", "OPTIONS")
_EXPOSED = "Location, Retry-After, X-Request-ID, X-Pagination, Preference-Applied"
_PREFLIGHT_HEADERS = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, Prefer, X-API-Key, X-Request-ID",
    ),
    ("Access-Control-Max-Age", "600"),
)
_PRIVATE_NETWORK = ("Access-Control-Allow-Private-Network", "true")
"""What a browser wants to hear before a page from elsewhere may call a server in the house."""

_METHODS = ("Allow", "GET, HEAD, OPTIONS, POST")


class RequestGuard:
    """WSGI middleware that lets through only what may be answered.

    ``key`` tells the API key in force, which may change while we answer; without it the key of
    ``rules`` holds.
    """

    def __init__(
        self,
        app: WSGIApplication,
        rules: AccessRules,
        logger: logging.Logger,
        *,
        key: Callable[[], str | None] | None = None,
    ) -> None:
        self._app = app
        self._rules = rules
        self._log = logger
        self._key = key or (lambda: rules.key)
        self._attempts = KeyAttempts()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, by ourselves or through the application."""
        started = time.perf_counter()
        request_id = request_id_from(environ.get("HTTP_X_REQUEST_ID"))
        environ[REQUEST_ID_KEY] = request_id
        answered = "-"

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal answered
            answered = status[:3]
            return start_response(status, self._complete(environ, headers), exc_info)

        with log_scope(request_id=request_id):
            answer = self._answer(environ, start)
            self._log.info(
                "%s %s %s %s%d ms",
                environ["REQUEST_METHOD"][:16],
                _logged_path(environ, answered),
                answered,
                f"{environ[PROBLEM_CODE_KEY]} " if PROBLEM_CODE_KEY in environ else "",
                round((time.perf_counter() - started) * 1000),
            )
        return answer

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        refusal = self._refusal(environ)
        if refusal is not None:
            return _send(refusal, environ, start)
        if self._is_preflight(environ):
            private = "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK" in environ
            start("204 No Content", [*_PREFLIGHT_HEADERS, *([_PRIVATE_NETWORK] if private else [])])
            return []
        if environ["PATH_INFO"] == "*":  # OPTIONS about the server as a whole
            start("204 No Content", [_METHODS])
            return []
        try:
            return self._app(environ, start)
        except Exception:  # noqa: BLE001 - the edge: what the application let through
            self._log.exception("a request failed outside the application's error handling")
            return _send(problem("internal_error"), environ, start, sys.exc_info())

    def _refusal(self, environ: WSGIEnvironment) -> Problem | None:
        rules = replace(self._rules, key=self._key())
        host = environ.get("HTTP_HOST")
        if host is None or not rules.host_is_ours(host):
            return problem("host_not_allowed", "The Host header is none of this server's names")
        if not self._page_may_ask(environ, host):
            return problem("origin_not_allowed", "Pages of this origin may not call this server")
        if rules.key is not None and not self._is_open(environ):
            refusal = self._key_refusal(environ, rules)
            if refusal is not None:
                return refusal
        if int(environ.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
            return problem("body_too_large", f"The body is larger than {BODY_LIMIT} bytes")
        return None

    def _page_may_ask(self, environ: WSGIEnvironment, host: str) -> bool:
        """Whether the request comes from no web page, or from one that may call us."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None:
            return self._rules.origin_is_ours(
                origin, host, environ["SERVER_PORT"]
            ) or self._rules.origin_is_listed(origin)
        return browser_may_send(
            site=environ.get("HTTP_SEC_FETCH_SITE"),
            mode=environ.get("HTTP_SEC_FETCH_MODE"),
            destination=environ.get("HTTP_SEC_FETCH_DEST"),
            is_open=self._is_open(environ),
        )

    def _key_refusal(self, environ: WSGIEnvironment, rules: AccessRules) -> Problem | None:
        challenge = [("WWW-Authenticate", "Bearer")]
        offered = offered_keys(environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_X_API_KEY"))
        if not offered:
            return problem("key_required", "This call needs the API key", headers=challenge)
        address = environ.get("REMOTE_ADDR", "")
        wait = self._attempts.seconds_to_wait(address)
        if wait:
            return problem("too_many_attempts", headers=[("Retry-After", str(wait))])
        if rules.key_matches(offered):
            self._attempts.was_right(address)
            return None
        if self._attempts.was_wrong(address):
            self._log.warning("many wrong API keys from %s", address)
        return problem("key_invalid", "The API key is wrong", headers=challenge)

    def _is_open(self, environ: WSGIEnvironment) -> bool:
        """Whether the call works without the key: it shows nothing about any patient."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in _READING:
            return False
        return (
            path in ("/health", "/api/docs", "/api/openapi.json")
            or path.startswith("/api/docs/")
            or self._is_preflight(environ)
        )

    def _is_preflight(self, environ: WSGIEnvironment) -> bool:
        """Whether a browser asks if a listed origin may call; it never sends the key with that."""
        return (
            environ["REQUEST_METHOD"] == "OPTIONS"
            and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
            and self._rules.origin_is_listed(environ.get("HTTP_ORIGIN", ""))
        )

    def _complete(
        self, environ: WSGIEnvironment, headers: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """The answer's headers with those that every answer carries.

        Raises ``UnicodeEncodeError`` for a value that HTTP cannot carry.
        """
        complete = Headers(list(headers))
        complete["X-Request-ID"] = environ[REQUEST_ID_KEY]
        for name, value in SECURITY_HEADERS:
            complete.setdefault(name, value)
        if environ["PATH_INFO"].startswith(_PATIENT_DATA_PREFIX):
            complete["Cache-Control"] = "no-store"
        else:
            complete.setdefault("Cache-Control", "no-store")
        origin = environ.get("HTTP_ORIGIN", "")
        if self._rules.origin_is_listed(origin):
            complete["Access-Control-Allow-Origin"] = origin
            complete["Access-Control-Expose-Headers"] = _EXPOSED
        if self._rules.origins:
            complete.add_header("Vary", "Origin")
        for _, value in complete.items():  # the server could no longer tell of it
            value.encode("latin-1")
        return complete.items()


def _logged_path(environ: WSGIEnvironment, answered: str) -> str:
    rule: str = environ.get(KNOWN_PATH_KEY, "-")
    if rule == "-" or answered == "404":
        return rule
    return loggable_path(environ["PATH_INFO"])


def _send(
    answer: Problem, environ: WSGIEnvironment, start: StartResponse, exc_info: Any = None
) -> list[bytes]:
    environ[PROBLEM_CODE_KEY] = answer.code
    body = answer.body(environ[REQUEST_ID_KEY])
    headers = [
        ("Content-Type", PROBLEM_CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        *answer.headers,
    ]
    start(answer.status_line, headers, exc_info)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
