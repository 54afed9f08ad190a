"""BotApi: one bot's loopback Telegram, started and stopped by `with` or `async with`, scripted from tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

from .app import BotApp
from .chats import User
from .clock import Clock
from .control import routes
from .delivery import SAME, Delivery
from .faults import Faults
from .group import Group
from .journal import Journal, Request
from .limits import Limits
from .person import Person
from .server import Cutter, ServerThread
from .world import Callback, World

Json = dict[str, Any]
Result = TypeVar("Result")

TOKEN = "7100200300:AAloopback-server-token-for-tests-only"


class BotApi:
    """A Telegram of its own for one bot. See the package's docstring for a tour."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        clock: Clock | None = None,
        topics: bool = False,
        limits: Limits | None = None,
        username: str = "sebaya_bot",
    ) -> None:
        """`topics` allows topics in private chats (Bot API 9.3); `limits` switches rate limits on."""
        self.clock = clock or Clock()
        self.token = token
        self.world = World(token, self.clock, topics=topics, username=username)
        self.faults = Faults()
        self.journal = Journal()
        self.delivery = Delivery(self.world)
        self.people: dict[int, Person] = {}
        cutter = Cutter()
        self._app = BotApp(self.world, self.faults, self.journal, cutter, limits)
        self._server = ServerThread(self._app.application(routes(self)), cutter, port)

    @property
    def url(self) -> str:
        """The root: methods at `<url>/bot<token>/<method>`, files at `<url>/file/bot<token>/<path>`."""
        return f"http://127.0.0.1:{self._server.port}"

    # --- start and stop ---

    def start(self) -> Self:
        """Serve from now on."""
        self._server.start(self.delivery.run())
        return self

    def stop(self) -> None:
        """End. RuntimeError if this server itself failed meanwhile (a bug here, not in the bot)."""
        self._server.stop()
        if self._app.crashes:
            raise RuntimeError("the loopback Bot API failed:\n" + self._app.crashes[0])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()

    def run(self, act: Coroutine[Any, Any, Result]) -> Result:
        """Carry out an act from synchronous code: `api.run(person.say("halo"))`."""
        return self._server.submit(act).result(60)

    # --- people and groups ---

    def person(
        self,
        id: int | None = None,
        first_name: str = "Budi",
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = "id",
        started: bool = False,
    ) -> Person:
        """A new person. Until they write (or `started`) the bot cannot write to them: 403, as Telegram."""
        with self.world.lock:
            user = User(
                id if id is not None else 7_300_000_000 + self.world.number(),
                first_name,
                last_name,
                username,
                language_code,
                started=started,
            )
            person = Person(self, user, self.world.add_user(user))
            self.people[user.id] = person
            return person

    def group(
        self,
        title: str = "Kelompok",
        members: Iterable[Person] = (),
        *,
        supergroup: bool = False,
        forum: bool = False,
    ) -> Group:
        """A group with the bot in it."""
        with self.world.lock:
            kind = "supergroup" if supergroup or forum else "group"
            chat = self.world.new_group(title, type=kind, forum=forum)
            chat.members.update({person.id: person.user for person in members})
            return Group(self, chat)

    def channel(self, title: str = "kanal") -> Group:
        """A channel that the bot administers."""
        with self.world.lock:
            chat = self.world.new_group(title, type="channel", forum=False)
            chat.bot_status = "administrator"
            return Group(self, chat)

    # --- updates ---

    @property
    def updates(self) -> list[Json]:
        """Every update so far, delivered or not."""
        with self.world.lock:
            return list(self.world.updates.log)

    @property
    def waiting(self) -> list[int]:
        """The ids of updates not yet confirmed by the bot."""
        with self.world.lock:
            return [pending.id for pending in self.world.updates.waiting]

    def push(self, update: Json) -> int:
        """Queue a raw update of any shape (an update_id is added if it has none); returns its id."""
        with self.world.change() as now:
            if "update_id" not in update:
                update = {"update_id": self.world.updates.next_id(), **update}
            self.world.updates.queue(update, now)
            return int(update["update_id"])

    def hold(self) -> None:
        """Keep all updates back until `release`."""
        with self.world.change():
            self.world.updates.held = True

    def release(self, *, times: int = 1, shuffle: int | None = None) -> None:
        """Deliver what was held, each `times` times, in an order drawn from the seed `shuffle`."""
        updates = self.world.updates
        with self.world.change() as now:
            held = [pending.wire for pending in updates.waiting]
            for _ in range(times - 1):
                for wire in held:
                    updates.repeat(wire, now)
            if shuffle is not None:
                updates.shuffle(shuffle)
            updates.held = False

    def redeliver(self, update_id: int, *, times: int = 1) -> None:
        """Deliver an old update again through the ordinary channel (polling or webhook)."""
        with self.world.change() as now:
            for _ in range(times):
                self.world.updates.repeat(self.world.updates.by_id(update_id), now)

    def replay(self, *, times: int = 3, shuffle: int = 1) -> None:
        """Deliver every update so far `times` times more, in disorder."""
        with self.world.change() as now:
            for _ in range(times):
                for update in self.world.updates.log:
                    self.world.updates.repeat(update, now)
            self.world.updates.shuffle(shuffle)

    async def post(self, update: Json | int, *, secret: Any = SAME) -> int:
        """Post an update (or the one with this id) to the webhook at once; the status, 0 without an answer.

        `secret` forges the header: a wrong string, or None for none.
        """
        with self.world.lock:
            wire = self.world.updates.by_id(update) if isinstance(update, int) else update
        return await asyncio.wrap_future(self._server.submit(self.delivery.post(wire, secret)))

    # --- time, faults, limits ---

    def advance(self, seconds: float) -> None:
        """Let time pass on the server's clock."""
        with self.world.change():
            self.clock.advance(seconds)

    def flood(self, seconds: int, *, chat_id: int | None = None, method: str | None = None) -> None:
        """429 for everything that matches until `seconds` have passed on the server's clock."""
        with self.world.lock:
            self.faults.flood(seconds, self.clock.now(), chat_id=chat_id, method=method)

    # --- what the bot did ---

    @property
    def requests(self) -> list[Request]:
        """Every request of the bot in the order of arrival, getUpdates included."""
        with self.world.lock:
            return list(self.journal.requests)

    def calls(self, method: str, chat_id: int | None = None) -> list[Request]:
        """The requests of one method, to one chat if given."""
        return [request for request in self.requests if request.method == method and chat_id in (None, request.chat_id)]

    @property
    def callbacks(self) -> list[Callback]:
        """Every button press, answered or not."""
        with self.world.lock:
            return list(self.world.callbacks.values())

    def outgoing_bytes(self, to: int | None = None) -> bytes:
        """Every byte of every request (to one chat if given): bodies raw and decoded, file names, files."""
        return b"\n".join(
            request.outgoing()
            for request in self.requests
            if request.method != "getUpdates" and to in (None, request.chat_id)
        )

    async def wait_call(
        self, method: str, *, chat_id: int | None = None, count: int = 1, timeout: float = 30
    ) -> Request:
        """The `count`-th request of a method, once it has arrived; AssertionError after `timeout` seconds."""

        def look() -> Request | None:
            found = self.calls(method, chat_id)
            return found[count - 1] if len(found) >= count else None

        return await self._expect(look, timeout, f"{method} number {count}")

    async def wait_idle(self, *, quiet: float = 0.05, timeout: float = 30) -> None:
        """Until all updates are confirmed, no request is open, and nothing happened for `quiet` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            await self._expect(lambda: self._settled() or None, max(0.0, end - loop.time()), "idleness")
            before = self._events()
            await asyncio.sleep(quiet)
            if self._settled() and before == self._events():
                return

    def _settled(self) -> bool:
        return not self.waiting and not self.journal.open and not self.delivery.busy

    def _events(self) -> tuple[int, int, int]:
        requests = sum(request.method != "getUpdates" for request in self.requests)
        return requests, len(self.world.updates.log), len(self.delivery.attempts)

    async def _expect(self, look: Callable[[], Result | None], timeout: float, what: str) -> Result:
        found = await self.world.waking.until(look, timeout)
        if found is None:
            raise AssertionError(
                f"no {what} within {timeout} s; {len(self.waiting)} updates unconfirmed, "
                f"{self.journal.open} requests open, {len(self.requests)} requests so far"
            )
        return found
