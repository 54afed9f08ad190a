"""The pages that are open in browsers now: whom to wake when something was committed, and whom to show "is writing".

In memory, of this process. What other processes committed is found by `Webchat.look`, a second later at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Page:
    """One open page: of an address (the store's number, and what the channel calls it) and its person."""

    address_id: int
    person_id: int
    address: str
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _typing: bool = False

    def wake(self, *, typing: bool = False) -> None:
        """Something may have been committed for it; `typing`: the other side is writing."""
        self._typing = self._typing or typing
        self._news.set()

    def take_typing(self) -> bool:
        """Whether the other side is writing; said once."""
        typing, self._typing = self._typing, False
        return typing

    async def wait(self, seconds: float) -> bool:
        """Wait for news; false when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Pages:
    """All open pages. For the service's event loop alone, which is where `tx.after` calls."""

    def __init__(self) -> None:
        self._open: dict[int, set[Page]] = {}
        self._closing = False

    @property
    def closing(self) -> bool:
        """Whether the service is stopping, so that streams end now."""
        return self._closing

    @contextmanager
    def subscribe(self, address_id: int, person_id: int, address: str) -> Iterator[Page]:
        """A page of this address, for as long as the block runs."""
        page = Page(address_id, person_id, address)
        self._open.setdefault(address_id, set()).add(page)
        try:
            yield page
        finally:
            left = self._open[address_id]
            left.discard(page)
            if not left:
                del self._open[address_id]

    def notify(self, address_id: int) -> None:
        """Wake the pages of an address."""
        for page in self._open.get(address_id, ()):
            page.wake()

    def notify_all(self, address_ids: Iterable[int]) -> None:
        """Wake the pages of these addresses."""
        for address_id in address_ids:
            self.notify(address_id)

    def typing_of(self, person_id: int) -> bool:
        """Show "is writing" on the pages of a person; false when none is open."""
        return self._typing(page for page in self._all() if page.person_id == person_id)

    def typing_at(self, address: str) -> bool:
        """The same for what the channel calls an address."""
        return self._typing(page for page in self._all() if page.address == address)

    def present(self, address_id: int) -> bool:
        """Whether a page of this address is open here."""
        return address_id in self._open

    def addresses(self) -> list[int]:
        """Every address that has a page open here."""
        return list(self._open)

    def close(self) -> None:
        """End every stream: the service stops, and browsers come back by themselves."""
        self._closing = True
        for page in self._all():
            page.wake()

    def _all(self) -> Iterator[Page]:
        for pages in self._open.values():
            yield from pages

    @staticmethod
    def _typing(pages: Iterable[Page]) -> bool:
        found = list(pages)
        for page in found:
            page.wake(typing=True)
        return bool(found)
