"""The documentation in the browser, complete without internet access.

Swagger UI's own files come from the installed package and are served by us; the page around them
has its script in a file of its own, so that the security policy needs no inline scripts.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from flask import Blueprint, Response, send_from_directory
from werkzeug.exceptions import NotFound

from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# Swagger UI sets style attributes, hence 'unsafe-inline' for styles alone.

_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
# Said outright: Windows takes the type of .js from its registry, and browsers obey `nosniff`.

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sync GUI API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<p><a href="/api/docs/errors">Error codes</a></p>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""

_START = """window.ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  defaultModelRendering: "example",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: "none",
});
"""

_ERROR_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error codes</title>
<style>
body {{ font-family: sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; }}
h3 {{ font-family: monospace; margin-bottom: 0.2em; }}
:target {{ background: #ffffcc; }}
</style>
</head>
<body>
<h1>Error codes</h1>
<h2>Refused requests</h2>
{http}
<h2>Failed tasks</h2>
{tasks}
</body>
</html>
"""


def create_blueprint(openapi_document: Callable[[], bytes]) -> Blueprint:
    """The blueprint ``docs``; ``openapi_document`` is the OpenAPI document as JSON."""
    blueprint = Blueprint("docs", __name__)
    folder = _swagger_folder()
    errors = _error_page()

    @blueprint.route("/api/openapi.json")
    def openapi() -> Response:
        return Response(openapi_document(), content_type="application/json")

    @blueprint.route("/api/docs")
    def page() -> Response:
        return Response(_PAGE, content_type="text/html; charset=utf-8")

    @blueprint.route("/api/docs/start.js")
    def start() -> Response:
        return Response(_START, content_type="text/javascript; charset=utf-8")

    @blueprint.route("/api/docs/errors")
    def error_page() -> Response:
        return Response(errors, content_type="text/html; charset=utf-8")

    @blueprint.route("/api/docs/<path:asset>")
    def file(asset: str) -> Response:
        if asset not in _ASSETS:
            raise NotFound
        return send_from_directory(folder, asset, mimetype=_ASSETS[asset], max_age=3600)

    @blueprint.after_request
    def allow_own_scripts(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return blueprint


def _swagger_folder() -> Path:
    """Where the installed package keeps Swagger UI; found without importing it."""
    found = importlib.util.find_spec("flask_swagger_ui")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("flask_swagger_ui is not installed")
    return Path(found.origin).parent / "dist"


def _error_page() -> str:
    refused = {entry.code for entry in HTTP_ERRORS}
    http = (
        _entry(entry.code, entry.code, f"HTTP {entry.status}", (entry.meaning, entry.advice))
        for entry in HTTP_ERRORS
    )
    tasks = (
        _entry(
            f"task_{entry.code}" if entry.code in refused else entry.code,
            entry.code,
            "safe to send again" if entry.safe_to_retry else "do not simply send again",
            (entry.meaning, entry.cause, entry.advice),
        )
        for entry in TASK_ERRORS
    )
    return _ERROR_PAGE.format(http="\n".join(http), tasks="\n".join(tasks))


def _entry(anchor: str, code: str, note: str, sentences: Iterable[str]) -> str:
    paragraphs = "".join(f"<p>{_with_code(sentence)}</p>" for sentence in sentences)
    return f'<h3 id="{escape(anchor)}">{escape(code)}</h3><p><em>{note}</em></p>{paragraphs}'


def _with_code(sentence: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))
