"""The queue before the writers: two classes, crisis first (C4), and the order of each key kept.

Jobs of one key (one sender) never overtake one another and never run at the same time. A crisis job that stands behind
ordinary jobs of its own key lifts those with it. Keys take turns, so that one flooding sender delays nobody else.
"""

from __future__ import annotations

import threading
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from bot.store.errors import Closed, QueueFull


@dataclass(slots=True, eq=False)
class Job:
    """Work for a writer, and the future that learns of its end. `reads`: it must not write."""

    run: Callable[[Any], Any]
    loop: AbstractEventLoop
    future: Future[Any]
    crisis: bool = False
    key: Hashable | None = None
    reads: bool = False
    taken: bool = False
    urgent: bool = False  # stands in the crisis class


@dataclass(slots=True)
class _Chain:
    """The waiting jobs of one key, in order; only the head stands in a class."""

    jobs: deque[Job] = field(default_factory=deque)
    running: bool = False


class JobQueue:
    """Thread-safe. At most `bound` jobs wait; crisis jobs find room up to twice that."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._changed = threading.Condition()
        self._crisis: deque[Job] = deque()
        self._ordinary: deque[Job] = deque()
        self._chains: dict[Hashable, _Chain] = {}
        self._waiting = 0
        self._closed = False

    def __len__(self) -> int:
        return self._waiting

    def put(self, job: Job) -> None:
        """Take a job in. Raises QueueFull or Closed, and then nothing was taken."""
        with self._changed:
            if self._closed:
                raise Closed("the store is closing")
            if self._waiting >= (2 * self._bound if job.crisis else self._bound):
                raise QueueFull(f"{self._waiting} jobs wait for the database")
            self._waiting += 1
            if job.key is None:
                self._line_up(job, job.crisis)
            else:
                self._chain(job)
            self._changed.notify()

    def _chain(self, job: Job) -> None:
        chain = self._chains.setdefault(job.key, _Chain())
        chain.jobs.append(job)
        if chain.running:
            return
        head = chain.jobs[0]
        if head is job:
            self._line_up(job, job.crisis)
        elif job.crisis and not head.urgent:
            self._line_up(head, True)  # its old place is skipped when it is reached

    def _line_up(self, job: Job, urgent: bool) -> None:
        job.urgent = urgent
        (self._crisis if urgent else self._ordinary).append(job)

    def take(self, *, wait: bool = True, crisis_only: bool = False) -> Job | None:
        """The next job, or None: when nothing is ready (`wait` False), or closed and nothing is left for anybody."""
        with self._changed:
            while True:
                job = self._first(crisis_only)
                if job is not None or not wait:
                    return job
                if self._closed and not self._waiting:
                    return None
                self._changed.wait()

    def _first(self, crisis_only: bool) -> Job | None:
        for line in (self._crisis,) if crisis_only else (self._crisis, self._ordinary):
            while line:
                job = line.popleft()
                if job.taken:
                    continue
                job.taken = True
                self._waiting -= 1
                if job.key is not None:
                    chain = self._chains[job.key]
                    chain.jobs.popleft()
                    chain.running = True
                return job
        return None

    def done(self, job: Job) -> None:
        """The job has ended: the next of its key may run."""
        with self._changed:
            if job.key is not None:
                chain = self._chains[job.key]
                chain.running = False
                if chain.jobs:
                    self._line_up(chain.jobs[0], any(waiting.crisis for waiting in chain.jobs))
                else:
                    del self._chains[job.key]
            self._changed.notify_all() if self._closed else self._changed.notify()

    def close(self) -> None:
        """Take nothing in any more; what waits is still handed out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
