"""A log record as text that foreign data can neither break nor fill with personal data.

Each record is one line; the lines of a traceback follow it, each marked with ``|``. A traceback
names files, lines, functions and exception types. It shows no variables, and an exception's own
message only where that message cannot hold data of a patient: a database driver's "duplicate key
value is (…)" and an HTTP client's address with its query are exactly what must not be written.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from datetime import datetime

from sync_core.errors import SyncGuiError
from sync_core.log_scope import REQUEST_ID, TASK_ID

LONGEST_MESSAGE = 8000
"""Characters after which a message is cut: foreign text must not fill the disk."""

# Control characters, line ends of Unicode, and the marks that turn the reading direction around.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_SPEAKING_BUILTINS = (
    AttributeError,  # these name identifiers of the program …
    ImportError,
    NameError,
    SyntaxError,
    OSError,  # … and this one files, sockets and the system's own words
)


def one_line(text: str) -> str:
    """The text with everything escaped that could begin a new line or hide something."""
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[:LONGEST_MESSAGE]}… ({len(text)} characters)"
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def exception_line(error: BaseException) -> str:
    """Type of an exception, and its message if that is known to hold no personal data."""
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    builtin = kind.__module__ == "builtins" and isinstance(error, _SPEAKING_BUILTINS)
    if not (builtin or isinstance(error, SyncGuiError)):
        return f"{name} (message withheld)" if error.args else name
    return one_line(f"{name}: {error}")


def traceback_lines(error: BaseException) -> Iterator[str]:
    """The exception and what led to it, the first cause first, without any variable's value."""
    yield from _chain(error, set())


def _chain(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause is not None and id(cause) not in seen:
        yield from _chain(cause, seen)
        yield "which led to:"
    stack = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), capture_locals=False
    )
    for block in stack.format():
        yield from (one_line(line) for line in block.rstrip("\n").split("\n"))
    yield exception_line(error)
    for inner in getattr(error, "exceptions", ()):  # the members of an exception group
        if isinstance(inner, BaseException) and id(inner) not in seen:
            yield "of which one is:"
            yield from _chain(inner, seen)


class OneLineFormatter(logging.Formatter):
    """``TIME LEVEL LOGGER task=ID request=ID MESSAGE``, then the traceback if there is one.

    The time is local with its offset from UTC, to the millisecond. The ids are those of the
    thread's :func:`~sync_core.log_scope.log_scope`, ``-`` outside of one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, without a line end."""
        time = (
            datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
        )
        lines = [
            f"{time} {record.levelname:<7} {_word(record.name)} task={_word(TASK_ID.get())} "
            f"request={_word(REQUEST_ID.get())} {one_line(_message(record))}"
        ]
        if record.exc_info and record.exc_info[1] is not None:
            lines += [f"  | {line}" for line in traceback_lines(record.exc_info[1])]
        if record.stack_info:
            lines += [f"  | {one_line(line)}" for line in record.stack_info.split("\n")]
        return "\n".join(lines)


def _word(text: str) -> str:
    return one_line(text).replace(" ", "_")


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - the edge: a slip in a log call must not end what it reports on
        return f"{record.msg} (its arguments do not fit)"
