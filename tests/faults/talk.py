"""Pairs that write to each other without end, and what each of them is shown, counted as it arrives: lost, crossed, in
disorder, repeated (M2 to M4)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.failures.house import House
from tests.platforms.telegram import Person

LINE = re.compile(r"(murid|kakak) (\d+) baris (\d+)\b")
AHEAD = 25
"""How many lines somebody writes at most before the first of them was read."""
STEP = 0.05


@dataclass
class Ear:
    """What one of them is shown of the other's lines. `came`: how many came in order, from the first on."""

    person: Person
    writer: str
    number: int
    sent: int = 0
    came: int = 0
    repeated: int = 0
    crossed: int = 0
    disorder: int = 0
    _read: int = field(default=0, repr=False)

    def listen(self) -> None:
        """Read what is new on the screen. A line may be repeated only directly where it stood."""
        with self.person.api.world.lock:
            chat = self.person.chat
            fresh = [chat.messages[id] for id in range(self._read + 1, chat.last_id + 1) if id in chat.messages]
            self._read = chat.last_id
        for found in (LINE.search(message.text) for message in fresh if message.outgoing):
            if found is None:
                continue
            if (found[1], int(found[2])) != (self.writer, self.number):
                self.crossed += 1
            elif int(found[3]) == self.came:
                self.came += 1
            elif int(found[3]) == self.came - 1:
                self.repeated += 1
            else:
                self.disorder += 1


class Pair:
    """A student and a supporter in a chat."""

    def __init__(self, number: int, student: Person, helper: Person) -> None:
        self.number, self.student, self.helper = number, student, helper
        self.ears = (Ear(helper, "murid", number), Ear(student, "kakak", number))

    async def say(self) -> None:
        """A line each."""
        for ear in self.ears:
            await self._line(ear)

    async def _line(self, ear: Ear) -> None:
        writer = self.student if ear.person is self.helper else self.helper
        await writer.say(f"{ear.writer} {self.number} baris {ear.sent}")
        ear.sent += 1

    async def talk(self, quota: Quota, pace: float = STEP) -> None:
        """Write until nothing may be written any more, never more than AHEAD lines that were not read."""
        while quota.left:
            for ear in self.ears:
                ear.listen()
                if ear.sent - ear.came < AHEAD and quota.take():
                    await self._line(ear)
            await asyncio.sleep(pace)


@dataclass
class Quota:
    """How many lines may be written still."""

    left: int

    def take(self) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        return True

    def stop(self) -> None:
        self.left = 0


@dataclass(frozen=True)
class Sum:
    """What became of all lines."""

    sent: int
    lost: int
    crossed: int
    disorder: int
    repeated: int

    @property
    def bad(self) -> tuple[int, int, int]:
        return self.lost, self.crossed, self.disorder

    def __str__(self) -> str:
        return (
            f"{self.sent} lines: {self.lost} lost, {self.crossed} crossed, {self.disorder} out of order, "
            f"{self.repeated} repeated"
        )


def total(pairs: Sequence[Pair]) -> Sum:
    """What became of the lines of all."""
    ears = [ear for pair in pairs for ear in pair.ears]
    for ear in ears:
        ear.listen()
    return Sum(
        sum(ear.sent for ear in ears),
        sum(ear.sent - ear.came for ear in ears),
        sum(ear.crossed for ear in ears),
        sum(ear.disorder for ear in ears),
        sum(ear.repeated for ear in ears),
    )


async def pairs(home: House, many: int = 3) -> list[Pair]:
    """So many of them, in their chats."""
    made = []
    for number in range(many):
        helper = await home.hire("supporter", 700 + number, f"Kak {number}", capacity=1)
        student = home.api.person(7_000_000_001 + number, f"Murid{number}")
        await home.welcome(student)
        await home.chat(student, helper)
        made.append(Pair(number, student, helper))
    await home.quiet()
    return made


async def all_read(made: Sequence[Pair], late: float) -> None:
    """Until every line has come. AssertionError with the sum when for `late` seconds none did."""
    came, loop = -1, asyncio.get_running_loop()
    until = loop.time() + late
    while (found := total(made)).lost:
        if found.sent - found.lost > came:
            came, until = found.sent - found.lost, loop.time() + late
        assert loop.time() < until, f"nothing comes any more: {found}"
        await asyncio.sleep(0.05)
