"""A night of the real service: the stage of the transcripts on a store that outlives the process, whose people,
platform and process do what a schedule tells them."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from bot import ledger, roster
from bot.app import build
from bot.channels.base import Kind
from bot.clock import SetClock
from bot.directory import load_directory
from bot.replay.acts import BLOCKED, LATER, NO
from bot.replay.stage import Stage, StoryIds, _moment, _rules, _settings, scripts
from bot.replay.story import read
from bot.store.db import Tx
from flows.events import Resolve
from tests.exploration.night_laws import broken, counts

T = TypeVar("T")
STUDENTS = ("Ana", "Budi", "Citra")
SUPPORTERS = ("Sari", "Tono")
COUNSELORS = ("Rini", "Joko")
STAFF = (*SUPPORTERS, *COUNSELORS, "Wati")
EVERYBODY = (*STUDENTS, *STAFF)
VERDICTS = {"refuses": NO, "holds": LATER, "loses": BLOCKED}
_CASES = "SELECT id FROM cases WHERE state <> 'resolved' ORDER BY opened_at, id"
_STORY = """
title: A night
people:
  Ana: {role: student}
  Budi: {role: student}
  Citra: {role: student, channel: whatsapp}
  Sari: {role: supporter, on duty: true, capacity: 1}
  Tono: {role: supporter, on duty: true, capacity: 2}
  Rini: {role: counselor, name: Bu Rini, rota: primary, on duty: true, capacity: 2}
  Joko: {role: counselor, name: Pak Joko}
  Wati: {role: coordinator, name: Bu Wati}
story:
- Ana says: halo
"""


class Night:
    """One service on one store. Every method is one thing that happens; what it causes happens at once, or later when
    `hold` says so: until then other things come between, or the process ends."""

    def __init__(self, database: str) -> None:
        self.story = read(_STORY)
        self.settings = _settings(self.story, database)
        self.clock, self.ids = SetClock(_moment(self.story.start, self.settings.zone)), StoryIds()
        self.channels = scripts(self.clock)
        self.runner = asyncio.Runner()
        self.lines = 0
        self.wrote: dict[str, str] = {}  # words that nobody else uses: who wrote them
        self.stage = self.run(self._begin())

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    async def _build(self) -> Stage:
        app = await build(
            self.settings, clock=self.clock, ids=self.ids, channels=self.channels, rules=_rules(), strict=True
        )
        return Stage(self.story, app, self.clock, self.ids, self.channels)

    async def _begin(self) -> Stage:
        stage = await self._build()
        await stage.app.store.write(lambda tx: tx.value("SELECT 1 FROM resources") or load_directory(tx, 0))
        await stage.cast()
        return stage

    # --- what people do -----------------------------------------------------------------------------------------------

    def says(self, who: str, text: str) -> None:
        """A line; words of its own make it known wherever it appears."""
        self.lines += 1
        mark = f"kata{self.lines:04d}"
        if not text.startswith("/"):
            text = f"{text} {mark}"
            self.wrote[mark] = who
        bubble = self.stage.channel(who).wrote(self.stage.addresses[who], text)
        self.run(self.stage.receive(who, Kind.TEXT, text=text, message_id=bubble.id))

    def edits(self, who: str, text: str) -> None:
        """New words for the newest line of theirs."""
        mine = [b for b in self.stage.screen(who).bubbles if b.own and not b.text.startswith("/")]
        if mine:
            self.run(self.stage.receive(who, Kind.EDIT, text=f"{text} {mine[-1].text}", message_id=mine[-1].id))

    def presses(self, who: str, number: int, old: bool) -> None:
        """One of the buttons on the screen, or one that was there once."""
        found = []
        for bubble in self.stage.screen(who).bubbles[-12:]:
            rows = self.stage.spent.get(bubble.id, ()) if old else bubble.buttons
            found += [(bubble, choice.data) for row in rows for choice in row]
        if found:
            bubble, data = found[-1 - number % len(found)]
            tap = self.stage.channel(who).number()
            self.run(self.stage.receive(who, Kind.PRESS, data=data, message_id=bubble.id, callback_id=tap))

    def presses_first(self, who: str, verb: str) -> None:
        """The newest button of a kind, if there is one: schedules that only press at random get nowhere."""
        for bubble in reversed(self.stage.screen(who).bubbles):
            for choice in (choice for row in bubble.buttons for choice in row if choice.data.startswith(verb)):
                tap = self.stage.channel(who).number()
                self.run(self.stage.receive(who, Kind.PRESS, data=choice.data, message_id=bubble.id, callback_id=tap))
                return

    def asks(self, who: str) -> None:
        """From wherever they are into the queue, if it can be done."""
        for verb in ("consent:yes", "age:18-21", "menu:peer", "skip:topic", "skip:heavy", "skip:wish", "skip:note"):
            self.presses_first(who, verb)
            self.settle()

    def blocks(self, who: str) -> None:
        self.stage.channel(who).verdicts[self.stage.addresses[who]] = BLOCKED
        self.run(self.stage.receive(who, Kind.BLOCKED))

    def unblocks(self, who: str) -> None:
        self.stage.channel(who).verdicts.pop(self.stage.addresses[who], None)
        self.run(self.stage.receive(who, Kind.UNBLOCKED))

    # --- what platform, coordinator, time and process do --------------------------------------------------------------

    def platform(self, verb: str, who: str) -> None:
        """What it says of every message to somebody from now on; `takes` ends it."""
        address = self.stage.addresses[who]
        if verb == "takes":
            self.stage.channel(who).verdicts.pop(address, None)
        else:
            self.stage.channel(who).verdicts[address] = VERDICTS[verb]

    def repeats(self) -> None:
        """The platform delivers the last thing once more."""
        last = self.stage.last
        if last is not None:
            who = next(name for name, address in self.stage.addresses.items() if address == last.sender)
            self.run(self.stage.hand_in(who, last))

    def status(self, who: str, status: str) -> None:
        def job(tx: Tx) -> None:
            staff = tx.value("SELECT id FROM staff WHERE person_id = :person", person=self._person(tx, who))
            roster.change(tx, self.stage.acting(), staff, None, {"status": status})

        self.run(self.stage.app.store.write(job))

    def _person(self, tx: Tx, who: str) -> Any:
        lookup = tx.keeper.lookup(self.stage.channel(who).name, self.stage.addresses[who])
        return tx.value("SELECT person_id FROM addresses WHERE lookup = :lookup", lookup=lookup)

    def resolves(self) -> None:
        """By the admin API."""
        id = self.run(self.stage.app.store.read(lambda tx: tx.value(_CASES)))
        if id is not None:
            self.run(self.stage.app.engine.case(id, Resolve(None), actor="token:coordinator"))

    def settle(self) -> None:
        self.run(self.stage.settle())

    def waits(self, seconds: int) -> None:
        self.run(self.stage.wait(seconds * 1_000))

    def sleeps(self, seconds: int) -> None:
        """Time passes, and nothing is done meanwhile: the service is down, or late."""
        self.clock.advance(seconds * 1_000)

    def crashes(self) -> None:
        """The process ends where it stands; another one begins on the same store."""
        self.run(self.stage.app.store.close())
        last = self.stage.last
        self.stage = self.run(self._build())
        self.stage.last = last

    # --- the laws -----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """What holds at any moment."""
        found = self.run(self.stage.app.store.read(broken))
        assert not found, found

    def end(self) -> None:
        """What holds when everything has come to rest: the ledger, and nobody has read what was not for them."""
        for channel in self.channels.values():
            channel.verdicts.clear()
        try:
            self.settle()
            self.waits(150)
            self.check()
            policy, now = self.stage.app.policy, self.clock()

            def audit(tx: Tx) -> list[ledger.Finding]:
                return list(ledger.check(tx, now, policy, grace=0))

            assert not (found := self.run(self.stage.app.store.read(audit))), found
            self._nobody_read_another()
        finally:
            self.close()

    def _nobody_read_another(self) -> None:
        for who in STUDENTS:
            for bubble in self.stage.screen(who).bubbles:
                for mark, writer in self.wrote.items():
                    if mark in bubble.text and not bubble.own:
                        assert writer in STAFF, f"{who} read a line of {writer}"
        for who in SUPPORTERS:
            for bubble in self.stage.screen(who).bubbles:
                for mark, writer in self.wrote.items():
                    if mark in bubble.text and not bubble.own and writer in STUDENTS:
                        assert ": " in bubble.text, f"{who} read a line of {writer} without an alias"

    def counts(self) -> dict[str, int]:
        """What the night has seen."""
        return dict(self.run(self.stage.app.store.read(counts)))

    def close(self) -> None:
        self.run(self.stage.app.stop())
        self.runner.close()
