"""What HTTP needs of the service behind it. `bot.app.App` is the one that serves; tests bring a smaller one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import Request

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from bot.acting import Acting
    from bot.channels.base import Answer, Channel, Inbound
    from bot.lexicon.service import Lexicon
    from bot.settings import Settings
    from bot.store.db import Store
    from flows.events import Internal
    from flows.snapshot import Case


class Engine(Protocol):
    """The part of `bot.engine.Engine` that HTTP calls."""

    async def receive(self, inbound: Inbound) -> Answer:
        """Returns once the message and all that it causes are committed (M1)."""
        ...

    async def set_aside_unreadable(self, channel: str, body: bytes) -> None:
        """Keep an authentic body that nobody can read, for a human (M6)."""
        ...

    async def case(self, id: str, event: Internal, *, actor: str) -> Case | str:
        """Step a case. The new case, or why its state does not allow it. Raises KeyError for an unknown one."""
        ...

    async def open_review(self, id: str, *, actor: str) -> str:
        """Make a case of a review; its id. Raises Missing, Conflict."""
        ...

    def acting(self, actor: str, now: int) -> Acting:
        """What a change is signed with; it wakes whoever must act on it."""
        ...


class Service(Protocol):
    """The composition root, as seen from HTTP."""

    @property
    def store(self) -> Store: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def lexicon(self) -> Lexicon:
        """The crisis rules in force, and how they are changed."""
        ...

    @property
    def channels(self) -> Mapping[str, Channel]: ...

    async def metrics(self) -> CollectorRegistry:
        """The registry, its figures those of this moment."""
        ...

    def clock(self) -> int:
        """Now, in ms since 1970 UTC."""
        ...

    async def ready(self) -> tuple[bool, Sequence[str]]:
        """Whether rules, database and workers run, and what is wrong (platforms' outages included)."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def service(request: Request) -> Service:
    """The service that this request belongs to."""
    found: Any = request.app.state.service
    serving: Service = found
    return serving
