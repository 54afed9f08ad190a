"""A night drawn from a seed: students in danger, counselors who sleep, decline or block the bot, platforms that fail,
a service that is killed and comes back. Played by the real engine and outbox on the stage, in a time of its own."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count

from bot import ledger, people, roster
from bot.channels.base import Kind
from bot.channels.script import Bubble
from bot.clock import SetClock
from bot.replay import acts
from bot.replay.story import Actor, Story
from bot.store.db import Tx
from flows.crisis.ladder import LONGEST, honest_after
from flows.facts import MINUTE, Policy
from tests.failures.hours import BACKOFF, AtOnce, Platform, Trouble
from tests.faults.mortal import Mortal, begins, mortal, words

DUSK = 8 * MINUTE
"""ms after which nothing more goes wrong, and everybody who can wakes up."""
HIGH = ("aku mau mati", "rasanya pengen mati aja", "/darurat", "aku dipukul bapak tiap hari")
IMMINENT = ("aku mau bunuh diri malam ini", "aku sudah pegang obatnya, malam ini aku akhiri")
PLAIN = ("halo", "aku capek banget", "kak, ada orang?")
FAILS = ("network", "status_500", "429", "cut", "raises")
TRUTH = ("crisis.unanswered", "crisis.still", "crisis.again")
"""What tells a student that nobody has answered."""


class Broken(AssertionError):
    """A law did not hold; the message names the seed, the moment and the case."""


@dataclass(slots=True)
class Keeper:
    """A counselor or coordinator on this night. `answers`: ack, decline or never; `then`, once they have a case: take,
    idle or resolve. They are awake from `wakes` on, and need `pause` ms for an answer."""

    name: str
    answers: str
    then: str
    wakes: int
    pause: int
    read: int = 0


@dataclass(slots=True)
class Paging:
    """A time in which a case was paged for. `until` is None while it lasts; `owned`: it ended with a named person;
    `anew`: with another time of paging, from the first rung on."""

    case: str
    student: str
    since: int
    until: int | None = None
    owned: bool = False
    anew: bool = False


@dataclass(slots=True)
class Tally:
    """What a night held; summed over many."""

    nights: int = 0
    cases: int = 0
    acknowledged: int = 0
    told: int = 0
    unanswered: int = 0
    kills: int = 0
    stops: int = 0
    met: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        for name in ("nights", "cases", "acknowledged", "told", "unanswered", "kills", "stops"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.met += other.met

    def __str__(self) -> str:
        met = ", ".join(f"{number} x {what}" for what, number in sorted(self.met.items()))
        return (
            f"{self.nights} nights, {self.cases} cases; times of paging: {self.acknowledged} acknowledged, "
            f"{self.told} told the truth, {self.unanswered} unanswered to the end; {self.kills} kills, "
            f"{self.stops} restarts; met: {met}"
        )


@cache
def _openings() -> tuple[str, ...]:
    return tuple(words().text("id", key, {"numbers": "\0"}).partition("\0")[0] for key in TRUTH)


class Night(Mortal):
    """One seed's night."""

    def draw(self, seed: int, chance: random.Random) -> None:
        """Decide what happens on it."""
        self.seed, self.chance = seed, chance
        self.dawn = self.clock() + DUSK
        self.keepers: list[Keeper] = []
        self.downs: list[tuple[int, int]] = []
        self.pagings: list[Paging] = []
        self.tally = Tally(nights=1)
        self._line: list[tuple[int, int, Callable[[], Awaitable[None]]]] = []
        self._numbers = count()
        self._cases: set[str] = set()
        self._who: dict[int, str] = {}
        self._away: dict[str, int] = {}
        self._back: dict[str, list[tuple[int, int]]] = {}
        self._draw()

    @property
    def platform(self) -> Platform:
        return self.channels["telegram"]  # type: ignore[return-value]  # what `night` has put there

    @property
    def policy(self) -> Policy:
        return self.app.policy

    def broken(self, what: str) -> Broken:
        return Broken(f"seed {self.seed}, {(self.clock() - self.dawn + DUSK) / 1000:.1f} s into the night: {what}")

    # --- the process ---

    async def down(self, ms: int) -> None:
        """The service is gone for so long; what people do meanwhile waits on the platform."""
        start = self.clock()
        self.end()
        self.clock.now = start + ms
        self.downs.append((start, self.clock.now))
        while self._line and self._line[0][0] <= self.clock():
            _, _, act = heapq.heappop(self._line)
            await act()  # whatever is handed in now is owed
        await self.begin(self.life.inner)

    async def died(self) -> None:
        self.tally.kills += 1
        await self.down(self.chance.choice((0, 500, 20_000, 90_000, 300_000)))

    # --- what happens when ---

    def at(self, moment: int, act: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._line, (moment, next(self._numbers), act))

    async def play(self) -> Tally:
        """The whole night, and the morning after it. Raises Broken."""
        await self._until(self.dawn)
        await self._morning()
        late = self.clock() + 3 * MINUTE  # what was promised before dawn is kept by then
        await self._until(late)
        if self.keepers:
            await self._until(late + LONGEST + self.policy.ack, enough=lambda: not self._open())
        await self._judge()
        return self.tally

    async def _until(self, end: int, enough: Callable[[], bool] = lambda: False) -> None:
        for _ in range(20_000):
            due = await self._next()
            moment = min([end, *([due] if due is not None else []), *([self._line[0][0]] if self._line else [])])
            self.clock.now = max(self.clock.now, moment)
            while self._line and self._line[0][0] <= self.clock():
                _, _, act = heapq.heappop(self._line)
                await act()
            await self.settle()
            await self._look()
            if self.clock() >= end or enough():
                return
        raise self.broken("the night does not end")

    def _draw(self) -> None:
        chance, now = self.chance, self.clock()
        length = self.dawn - now
        students = [one.name for one in self.story.actors.values() if one.role == "student"]
        for name in students:
            for _ in range(chance.randint(1, 3)):
                self.at(now + chance.randrange(length * 2 // 3), partial(self._says, name, self._line_of_danger()))
            if chance.random() < 0.5:
                self.at(now + chance.randrange(length), partial(self._says, name, chance.choice(PLAIN)))
            if chance.random() < 0.25:
                gone = now + chance.randrange(length * 3 // 4)
                self.at(gone, partial(self._blocks, name))
                self.at(gone + chance.randrange(self.dawn - gone), partial(self._returns, name))
        for name in self.staff:
            idle = chance.choice(("take", "idle", "resolve", "take"))
            answers = chance.choice(("ack", "never", "never", "decline"))
            wakes = now + chance.choice((0, 0, 60_000, length // 2, 10 * length))
            self.keepers.append(Keeper(name, answers, idle, wakes, chance.choice((2_000, 15_000, 70_000, 200_000))))
            if chance.random() < 0.2:
                self.at(now + chance.randrange(length), partial(self._blocks, name))
            elif chance.random() < 0.1:
                self.at(now + chance.randrange(length), partial(self._suspended, name))
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            self._trouble(chance.choice(["", *self.addresses.values()]), now, length)
        for _ in range(chance.choice((0, 0, 1, 2))):
            self.at(now + chance.randrange(length), self._armed)
        if chance.random() < 0.25:
            self.at(now + chance.randrange(length), self._stopped)
        if chance.random() < 0.1:
            self.at(now + chance.randrange(length // 2), self._poisoned)

    def _line_of_danger(self) -> str:
        return self.chance.choice(HIGH if self.chance.random() < 0.6 else IMMINENT)

    def _trouble(self, address: str, now: int, length: int) -> None:
        start = now + self.chance.randrange(length)
        end = min(self.dawn, start + self.chance.choice((5_000, 30_000, 120_000, 400_000)))
        students = {self.addresses[one.name] for one in self.story.actors.values() if one.role == "student"}
        kinds = FAILS if address == "" or address in students else (*FAILS, "refuses")
        what = self.chance.choice(kinds)
        slack = BACKOFF + (self.chance.choice((1_000, 5_000, 30_000)) if what == "429" else 0)
        self.platform.troubles.append(Trouble(start, end, address, what, slack))

    async def _says(self, name: str, text: str) -> None:
        if self.addresses[name] not in self.platform.blocked:
            bubble = self.channel(name).wrote(self.addresses[name], text)
            await self.receive(name, Kind.TEXT, text=text, message_id=bubble.id)

    async def _blocks(self, name: str) -> None:
        """The platform tells of half of the blocks; of the others only a refused message does."""
        self.platform.blocked.add(self.addresses[name])
        self._away.setdefault(name, self.clock())
        if self.chance.random() < 0.5:
            await self.receive(name, Kind.BLOCKED)

    async def _returns(self, name: str) -> None:
        self.platform.blocked.discard(self.addresses[name])
        since = self._away.pop(name, None)
        if since is not None:
            await self._says(name, "/start" if self.chance.random() < 0.5 else "halo, aku balik")
            self._back.setdefault(name, []).append((since, self.clock()))

    async def _suspended(self, name: str) -> None:
        acting, staff = self.acting(), self.staff[name]

        def job(tx: Tx) -> None:
            roster.change(tx, acting, staff, None, {"status": "suspended"})

        await self.life.inner.write(job)  # the command line does it, whether or not the service runs
        self.keepers = [one for one in self.keepers if one.name != name]

    async def _armed(self) -> None:
        self.life.die(self.chance.randint(1, 12), after=self.chance.random() < 0.5)

    async def _stopped(self) -> None:
        self.tally.stops += 1
        await self.down(self.chance.choice((1_000, 30_000, 200_000)))

    async def _poisoned(self) -> None:
        self.life.poison(3)
        await self._says(self.chance.choice(list(self._students())), self._line_of_danger())

    def _students(self) -> list[str]:
        return [one.name for one in self.story.actors.values() if one.role == "student"]

    # --- what people do about it ---

    async def _look(self) -> None:
        await self._observe()
        for keeper in self.keepers:
            bubbles = self.screen(keeper.name).bubbles
            if self.clock() < keeper.wakes or self.addresses[keeper.name] in self.platform.blocked:
                continue
            fresh, keeper.read = bubbles[keeper.read :], len(bubbles)
            for bubble in fresh:
                self._answer(keeper, bubble)

    def _answer(self, keeper: Keeper, bubble: Bubble) -> None:
        data = [choice.data for row in bubble.buttons for choice in row]
        asks = next((one for one in data if one.startswith("case:ack")), None)
        if asks is not None and keeper.answers != "never":
            verb = "case:ack" if keeper.answers == "ack" else "case:decline"
            pressed = next((one for one in data if one.startswith(verb)), asks)
            self.at(self.clock() + keeper.pause, partial(self._press, keeper, bubble, pressed))
        elif asks is None and keeper.then != "idle":
            then = next((one for one in data if one.startswith(f"case:{keeper.then}")), None)
            if then is not None:
                self.at(self.clock() + keeper.pause, partial(self._press, keeper, bubble, then))

    async def _press(self, keeper: Keeper, bubble: Bubble, data: str) -> None:
        if self.addresses[keeper.name] not in self.platform.blocked:
            await self.receive(
                keeper.name, Kind.PRESS, data=data, message_id=bubble.id, callback_id=self.platform.number()
            )

    async def _morning(self) -> None:
        """Nothing fails any more; whoever is left wakes up and answers, on half of the nights only what comes now."""
        for name in [*self._students(), *self.staff]:
            if self.addresses[name] in self.platform.blocked:
                await self._returns(name)
        for keeper in self.keepers:
            keeper.answers, keeper.then, keeper.wakes, keeper.pause = "ack", "take", self.clock(), 2_000
            keeper.read = 0 if self.seed % 2 else len(self.screen(keeper.name).bubbles)

    # --- what must hold ---

    def _open(self) -> list[Paging]:
        return [one for one in self.pagings if one.until is None]

    async def _observe(self) -> None:
        now = self.clock()
        rows = await self.life.inner.read(lambda tx: [tuple(row) for row in tx.all(_CASES)])
        if any(row[1] not in self._who for row in rows):
            self._who = await self.life.inner.read(self._people)
        paging = {(id, since): student for id, student, state, since, _, _ in rows if state == "paging"}
        owners = {id: owner for id, _, state, _, owner, _ in rows if state != "paging"}
        for one in self._open():
            if (one.case, one.since) not in paging:
                one.until = now
                one.owned = owners.get(one.case) is not None
                one.anew = one.case in {case for case, _ in paging}
        known = {(one.case, one.since) for one in self.pagings}
        for (id, since), student in paging.items():
            if (id, since) not in known:
                self.pagings.append(Paging(id, self._who[student], since))
        for id, _, state, _, _, climb in rows:
            if state == "paging" and climb is None:
                raise self.broken(f"case {id} pages nobody any more")
            if state == "paging" and climb > now + LONGEST:
                raise self.broken(f"case {id} pages only in {(climb - now) // 1000} s")
        self._cases |= {row[0] for row in rows}

    def _people(self, tx: Tx) -> dict[int, str]:
        found = {name: people.find(tx, "telegram", self.addresses[name]) for name in self._students()}
        return {one.person: name for name, one in found.items() if one is not None}

    def _reachable(self, name: str, moment: int) -> int:
        """The first moment from `moment` on at which the student could certainly be told."""
        places = ("", self.addresses[name])
        spans = [(one.start, one.end + one.slack) for one in self.platform.troubles if one.address in places]
        spans += [(start, end + BACKOFF) for start, end in self.downs]
        spans += self._back.get(name, [])
        for _ in range(len(spans) + 1):
            moment = max([moment, *(end for start, end in spans if start <= moment < end)])
        return moment

    async def _judge(self) -> None:
        tally, limit, now = self.tally, honest_after(self.policy), self.clock()
        truths: dict[str, list[int]] = {}
        for moment, address, text in self.platform.shown:
            if text.startswith(_openings()) and "119" in text:
                truths.setdefault(address, []).append(moment)
        for one in self.pagings:
            due = self._reachable(one.student, one.since + limit)
            told = any(one.since <= moment <= due for moment in truths.get(self.addresses[one.student], ()))
            ended = one.until is not None and one.until <= due
            if not told and not ended:
                raise self.broken(f"nobody told the student of case {one.case}, paged for since {one.since}, by {due}")
            if one.until is not None and not one.owned and not one.anew:
                raise self.broken(f"case {one.case} ended without a named person")
            tally.told += told
            tally.acknowledged += one.owned
            tally.unanswered += one.until is None
        if self.keepers and self._open():
            raise self.broken(f"{self._open()[0].case} is not acknowledged, though somebody is awake")
        tally.cases += len(self._cases)
        tally.met += self.platform.met
        found = await self.app.store.read(lambda tx: list(ledger.check(tx, now, self.policy, grace=0)))
        wrong = [one for one in found if one.law != "M6"]
        if wrong:
            raise self.broken(f"the ledger says: {wrong}")


_CASES = """SELECT c.id, c.student, c.state, c.paging_since, c.owner,
(SELECT MIN(t.due_at) FROM timers t WHERE t.kind = 'case' AND t.target = c.id AND t.name = 'climb') FROM cases c"""


def _story(chance: random.Random) -> Story:
    cast = {f"S{n}": _actor(f"S{n}", "student") for n in range(chance.choice((1, 1, 2)))}
    for n in range(chance.choice((0, 1, 1, 2, 3))):
        rota = chance.choice(("", "primary", "backup"))
        cast[f"C{n}"] = _actor(f"C{n}", "counselor", rota=rota, on_duty=chance.random() < 0.4)
    for n in range(chance.choice((0, 1))):
        cast[f"K{n}"] = _actor(f"K{n}", "coordinator")
    settings = {
        "escalation_ack_seconds": chance.choice((10, 30, 60, 60, 300)),
        "case_action_seconds": chance.choice((30, 120, 600)),
    }
    return Story("", cast, [], written={"settings": settings})


def _actor(name: str, role: str, rota: str = "", on_duty: bool = False) -> Actor:
    return Actor(name, role, "telegram", "id", rota, on_duty, {"name": name}, {})


async def night(seed: int) -> Tally:
    """Play it. Raises Broken where a law does not hold."""
    chance = random.Random(seed)
    story = _story(chance)
    clock = SetClock(begins(story))
    platform = Platform("telegram", clock)
    async with mortal(story, AtOnce(), Night, clock, telegram=platform) as made:
        for name in made._students():
            if chance.random() < 0.4:
                await acts.is_welcomed(made, name, None)
        made.draw(seed, chance)
        tally: Tally = await made.play()
        return tally
