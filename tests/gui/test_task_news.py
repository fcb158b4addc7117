from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from sync_core.task_model import Progress, TaskSource, TaskStatus, TaskView, Writing
from sync_gui.task_news import TaskNews
from tests.clock import PATIENCE

NOW = datetime(2033, 5, 3, 8, tzinfo=timezone.utc)
PICTURE = TaskView(
    task_id="sync_2033-05-03_20330503080000",
    kind="day",
    status=TaskStatus.PENDING,
    progress=Progress("pending", 0, ""),
    created_at=NOW,
    deadline_at=NOW + timedelta(minutes=1),
    source=TaskSource("api", "127.0.0.1"),
    request_id="r",
    request={},
    writing=Writing.STEP_BY_STEP,
)
LIFE = (TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.COMPLETED)


def picture(task: str, status: TaskStatus, percent: int) -> TaskView:
    return replace(PICTURE, task_id=task, status=status, progress=Progress("x", percent, ""))


class Waiting:
    """A bridge that delivers when it is told to; like the real one in order."""

    def __init__(self) -> None:
        self._receivers: dict[str, list] = {}
        self._queue: list[tuple[str, object]] = []

    def subscribe(self, topic, receiver):
        self._receivers.setdefault(topic, []).append(receiver)

    def emit(self, topic, value):
        self._queue.append((topic, value))

    def deliver(self) -> None:
        while self._queue:
            topic, value = self._queue.pop(0)
            for receiver in self._receivers.get(topic, ()):
                receiver(value)


def test_progress_that_nobody_has_seen_yet_is_replaced_by_the_newest():
    bridge, seen = Waiting(), []
    bridge.subscribe("news", seen.append)
    news = TaskNews(bridge, "news")
    pictures = [picture("a", TaskStatus.RUNNING, percent) for percent in range(100)]
    for view in pictures[:60]:
        news.put(view)
    bridge.deliver()
    for view in pictures[60:]:
        news.put(view)
    bridge.deliver()
    assert seen == [pictures[59], pictures[99]]


@given(st.data())
def test_every_status_is_told_in_order_and_the_last_picture_of_each(data):
    """Whatever the order in which tasks change and the window has time."""
    bridge, seen = Waiting(), []
    bridge.subscribe("news", seen.append)
    news = TaskNews(bridge, "news")
    lives = {
        task: [
            picture(task, status, n) for status in LIFE for n in range(data.draw(st.integers(1, 3)))
        ]
        for task in "abc"
    }
    left = {task: list(views) for task, views in lives.items()}
    while any(left.values()):
        task = data.draw(st.sampled_from([task for task, views in left.items() if views]))
        news.put(left[task].pop(0))
        if data.draw(st.booleans()):
            bridge.deliver()
    bridge.deliver()
    for task, views in lives.items():
        told = [view for view in seen if view.task_id == task]
        assert [view for view in views if view in told] == told
        for status in LIFE:
            last = [view for view in views if view.status is status][-1]
            assert last in told


def test_pictures_from_another_thread_reach_the_window(qtbot, bridge):
    seen: list[TaskView] = []
    bridge.subscribe("news", seen.append)
    news = TaskNews(bridge, "news")
    views = [picture("a", TaskStatus.RUNNING, percent) for percent in range(1000)]
    end = picture("a", TaskStatus.COMPLETED, 100)

    def work() -> None:
        for view in (*views, end):
            news.put(view)

    worker = threading.Thread(target=work)
    worker.start()
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == end)
    worker.join(PATIENCE)
    percents = [view.progress.percent for view in seen[:-1]]
    assert percents == sorted(percents)
    assert percents[-1] == 999
