"""How much of the server one client may have, and for how long: every bound in one place.

A bound is there for the other clients. What is being answered is never cut off: a call may wait
for a task's end as long as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The bounds of one server; times are in seconds, sizes in bytes.

    - ``connections``: open at the same time; for a further one the connection that was of no use
      for longest is closed.
    - ``header_bytes``, ``header_lines``: of one request.
    - ``pipelined``: requests that one connection may send ahead; it is closed after them.
    - ``first_request``: from connecting to the first byte; ``idle``: between two requests.
    - ``header``, ``request``: from a request's first byte to the end of its header, of its body.
    - ``reader``: a client may take this long to fetch its answer, and one second more for each
      ``reader_rate`` bytes that it did fetch.
    - ``linger``: how long what follows a refused request is still read and thrown away.
    """

    connections: int = 200
    header_bytes: int = 32 * 1024
    header_lines: int = 100
    pipelined: int = 8
    first_request: float = 20.0
    idle: float = 120.0
    header: float = 10.0
    request: float = 30.0
    reader: float = 30.0
    reader_rate: int = 16 * 1024
    linger: float = 2.0
