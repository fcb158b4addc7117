"""A chat's incoming webhook on this machine, as a socket that does what a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET_PATH = "/hooks/T0SECRETPATH"


class Chat:
    """``messages`` that were posted. ``answers`` are statuses for the next posts, then 200.

    ``hangs``: posts are taken and not answered until :meth:`stop`.
    """

    def __init__(
        self, answers: Sequence[tuple[int, dict[str, str]]] = (), *, hangs: bool = False
    ) -> None:
        self.messages: list[Any] = []
        self.posts = 0
        self._answers = list(answers)
        self._released = threading.Event()
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.posts += 1
                if hangs:
                    chat._released.wait(30)
                    return
                assert self.path == SECRET_PATH
                assert self.headers["Content-Type"] == "application/json"
                status, headers = chat._answers.pop(0) if chat._answers else (200, {})
                if status == 200:
                    chat.messages.append(json.loads(body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}{SECRET_PATH}"

    @property
    def text(self) -> str:
        """All messages of the form ``text``, one below the other."""
        return "\n".join(message["text"] for message in self.messages)

    def stop(self) -> None:
        """End it."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
