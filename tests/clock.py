"""Time in tests. A test never fails because the machine was busy or stood still for a second.

*   What two things do at the same time is arranged, not hoped for: the demo's fault ``hold`` keeps
    CallDoc's answers back until the test lets them go, a barrier or an event does it elsewhere.
*   Whoever waits, waits for the event itself, for ``PATIENCE`` at most. Only a failing test does.
*   That something comes *at once* is held against a wait that is far longer (20 s and more, or for
    ever): ``AT_ONCE`` lies well below it and well above what a busy machine adds. A lower bound may
    be tight, an upper bound is never less; ``tests/architecture`` looks for such. How quick things
    are in figures is what ``dev.py bench`` measures.
"""

from __future__ import annotations

AT_ONCE = 5.0
"""Seconds. An upper bound for what has nothing to wait for."""

PATIENCE = 20.0
"""Seconds. How long a test waits for an event that has to come."""
