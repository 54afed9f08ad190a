"""The queue before the writers: crisis first, each sender's order kept, nobody starved, no more than the bound."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from bot.store.errors import Closed, QueueFull
from bot.store.queue import Job, JobQueue

Put = Callable[..., Job]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def put_into(loop: asyncio.AbstractEventLoop) -> Put:
    def put(queue: JobQueue, name: str, key: str | None = None, crisis: bool = False) -> Job:
        job = Job(lambda tx: name, loop, loop.create_future(), crisis, key)
        queue.put(job)
        return job

    return put


def drain(queue: JobQueue) -> list[str]:
    """Every job's name, in the order in which one writer runs them."""
    names: list[str] = []
    while (job := queue.take(wait=False)) is not None:
        names.append(job.run(None))
        queue.done(job)
    return names


def test_crisis_overtakes(put_into: Put) -> None:
    queue = JobQueue(100)
    for n in range(3):
        put_into(queue, f"a{n}", f"k{n}")
    put_into(queue, "crisis", "k9", crisis=True)
    assert drain(queue) == ["crisis", "a0", "a1", "a2"]


def test_a_sender_never_overtakes_themselves(put_into: Put) -> None:
    queue = JobQueue(100)
    put_into(queue, "other1", "b")
    put_into(queue, "line1", "a")
    put_into(queue, "line2", "a")
    put_into(queue, "crisis", "a", crisis=True)
    put_into(queue, "line3", "a")
    put_into(queue, "other2", "b")
    # The crisis lifts what its own sender wrote before it, and nothing else.
    assert drain(queue) == ["line1", "line2", "crisis", "other1", "line3", "other2"]


def test_a_key_runs_one_job_at_a_time(put_into: Put) -> None:
    queue = JobQueue(100)
    put_into(queue, "a1", "a")
    put_into(queue, "a2", "a", crisis=True)
    put_into(queue, "b1", "b")
    first = queue.take(wait=False)
    assert first is not None and first.run(None) == "a1"
    second = queue.take(wait=False)
    assert second is not None and second.run(None) == "b1"
    assert queue.take(wait=False) is None  # a2 waits until a1 has ended
    queue.done(first)
    assert drain(queue) == ["a2"]


def test_keys_take_turns(put_into: Put) -> None:
    queue = JobQueue(100)
    for n in range(4):
        put_into(queue, f"flood{n}", "flood")
    put_into(queue, "one", "quiet")
    assert drain(queue) == ["flood0", "one", "flood1", "flood2", "flood3"]


def test_keyless_jobs_keep_their_order(put_into: Put) -> None:
    queue = JobQueue(100)
    for n in range(5):
        put_into(queue, f"j{n}")
    assert drain(queue) == ["j0", "j1", "j2", "j3", "j4"]


def test_a_full_queue_takes_nothing_but_crisis(put_into: Put) -> None:
    queue = JobQueue(2)
    put_into(queue, "a", "a")
    put_into(queue, "b", "b")
    with pytest.raises(QueueFull):
        put_into(queue, "c", "c")
    put_into(queue, "d", "d", crisis=True)
    put_into(queue, "e", "e", crisis=True)
    with pytest.raises(QueueFull):
        put_into(queue, "f", "f", crisis=True)
    assert len(queue) == 4
    assert drain(queue) == ["d", "e", "a", "b"]
    assert len(queue) == 0


def test_a_closed_queue_hands_out_the_rest(put_into: Put) -> None:
    queue = JobQueue(10)
    put_into(queue, "a1", "a")
    put_into(queue, "a2", "a")
    queue.close()
    with pytest.raises(Closed):
        put_into(queue, "late")
    first = queue.take()
    assert first is not None
    waiting = threading.Thread(target=lambda: [queue.done(job) for job in iter(queue.take, None)])
    waiting.start()  # it waits for a2, which waits for a1
    queue.done(first)
    waiting.join(timeout=30)
    assert not waiting.is_alive()
    assert queue.take() is None
