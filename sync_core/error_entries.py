"""What there is to say about one error code."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TaskErrorEntry:
    """One way in which a task can fail.

    ``sentence_de`` and ``advice_de`` are what staff read; ``meaning``, ``cause`` and ``advice``
    are the English words of the documentation. ``safe_to_retry`` says whether the very same
    request may simply be sent again. ``stepwise_de`` is the sentence of a task that writes step by
    step, where ``sentence_de`` speaks of a transaction; empty: it serves for both. ``short_de``
    are the few words for a table's cell; a task's own sentence may be more exact, these stay.
    """

    code: str
    safe_to_retry: bool
    sentence_de: str
    advice_de: str
    meaning: str
    cause: str
    advice: str
    stepwise_de: str = ""
    short_de: str = field(kw_only=True)


@dataclass(frozen=True)
class HttpErrorEntry:
    """One refusal of the HTTP API: its status, its code and what it means."""

    code: str
    status: int
    title: str
    meaning: str
    advice: str
