"""One inbound message, one transaction: load, screen, step, apply, commit. Only then is the platform told "received".

`receive` is what channels call; `run_mail` and `run_timers` are what the worker loops call (bot.loops). All
of them step pure flows inside a turn. A message that cannot be processed is set aside, and its sender is told (M6).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bot import accounts, aside, erasing, inbound, mail, people, timers, undelivered, window
from bot.acting import Acting
from bot.channels.base import Answer, Inbound, Kind
from bot.clock import Clock
from bot.facts import SqlFacts, ready, waiting
from bot.failing import note, whole
from bot.hooks import Hooks
from bot.ids import Ids
from bot.journal import Journal
from bot.messages import Message, Messages
from bot.outbox import holding, queue, statuses, touched
from bot.outbox.rows import Row
from bot.semantic import reviews
from bot.store import entities
from bot.store.db import Store, Tx
from bot.store.errors import NOT_NOW
from bot.turn import THINGS, Turn
from bot.words import Words
from flows.crisis.assessment import Assessment
from flows.crisis.screen import Matcher
from flows.effects import Create
from flows.events import Back, EndNoticeLanded, Gone, Internal, Tick
from flows.facts import Policy, Waiting
from flows.snapshot import Case, Offer
from flows.support import matching

log = logging.getLogger(__name__)

TRIES = 3
TRY_SECONDS = 5.0
HOOK_LEASE = 30_000
ROUND_LEASE = 5_000
"""ms after which a hook, or a matching round, that was begun and has not ended is begun again."""
_UNREACHABLE = "UPDATE people SET unreachable_at = :now WHERE id = :person AND unreachable_at IS NULL"


@dataclass(slots=True)
class Wakes:
    """What a commit wakes; set by the loops, harmless before."""

    outbox: Callable[[Tx], None] = lambda tx: None
    mail: Callable[[], None] = lambda: None
    timers: Callable[[int], None] = lambda due: None
    typing: Callable[[int], None] = lambda person: None


class Engine:
    """Steps dialogs and shared things, durably."""

    def __init__(
        self,
        *,
        store: Store,
        words: Words,
        matcher: Matcher,
        policy: Callable[[Tx], Policy],
        clock: Clock,
        ids: Ids,
        zone: ZoneInfo,
        languages: tuple[str, ...] = ("id", "en"),
        locale: str = "id",
        area: str = "",
        journal: Journal | None = None,
    ) -> None:
        self.journal = journal if journal is not None else Journal(clock)
        self.store = store
        self.words = words
        self.matcher = matcher
        self.policy = policy
        self.clock = clock
        self.ids = ids
        self.zone = zone
        self.languages = languages
        self.locale = locale
        self.area = area
        self.messages = Messages()
        self.hooks = Hooks()
        self.wakes = Wakes()
        self._tasks: set[asyncio.Task[None]] = set()

    def use(self, matcher: Matcher) -> None:
        """Screen with these rules from the next message on."""
        self.matcher = matcher

    # --- from channels ---

    async def receive(self, incoming: Inbound) -> Answer:
        """Handle one inbound; returns after its commit. Raises StoreError when it could not be stored: the platform
        is then told "not received" and sends it again (M1)."""
        if incoming.kind is Kind.IGNORED or (incoming.status is not None and incoming.status.state == "sent"):
            return Answer(fresh=False)
        path = self.journal.received(incoming)
        assessment = inbound.assess(incoming.text, self.matcher)
        crisis = inbound.is_crisis(incoming, assessment)
        path.screened(crisis)
        key = (incoming.channel, incoming.sender)
        until, failure = time.monotonic() + TRY_SECONDS, ""
        for attempt in range(TRIES):
            try:
                return path.committed(await self.store.write(
                    lambda tx: path.step(tx, lambda: self._handle(tx, incoming, assessment)), crisis=crisis, key=key
                ))  # fmt: skip
            except NOT_NOW:
                raise
            except Exception as error:
                log.error(
                    "inbound of %s failed (%s), attempt %d", incoming.channel, type(error).__name__, attempt + 1,
                    exc_info=whole(error),
                )  # fmt: skip
                failure = type(error).__name__
                if time.monotonic() > until:
                    break
        answer = await self.store.write(
            lambda tx: path.step(tx, lambda: aside.set_aside(self, tx, incoming, assessment, failure, TRIES)),
            crisis=crisis, key=key,
        )  # fmt: skip
        return path.set_aside(answer, failure)

    def _handle(self, tx: Tx, incoming: Inbound, assessment: Assessment) -> Answer:
        now = self.clock()
        if incoming.kind is Kind.SEEN:
            return self._seen(tx, incoming, now)
        if not inbound.first_time(tx, incoming, None, now):
            return Answer(fresh=False)
        if incoming.kind is Kind.MOVED:
            before = tuple(name for name in (incoming.sender, incoming.linked) if name)
            return Answer(fresh=accounts.moved(tx, incoming.channel, before, incoming.moved_to))
        address = self.address(tx, incoming, now)
        turn = self.turn(tx, now, address.person)
        who: entities.Person | None = tx.memo.get(("person", address.person))
        gone = not address.reachable or (who is not None and who.unreachable_at is not None)
        self._mail_first(turn)
        if incoming.kind is Kind.BLOCKED:
            if people.lost(tx, address.id, now):
                turn.personal(Gone())
                self._also_desk(turn, Gone())
            return Answer(fresh=True)
        if gone and people.regained(tx, address.id, now) and incoming.kind is not Kind.UNBLOCKED:
            turn.personal(Back())
        until = window.until(incoming.channel, incoming.sent_at, now)
        people.heard(tx, address.id, address.person, now, until, address.last_in_at if address.reachable else None)
        holding.reopen(tx, incoming.channel, address.id, now)
        message = self._message(incoming, assessment, address.id, address.person, now)
        event = inbound.event(tx, incoming, assessment, message.id, address.id, now)
        if event is None:
            return Answer(fresh=True)
        quoted = getattr(event, "quote", None)
        message.quote_of = quoted.message if quoted is not None else None
        message.original = getattr(event, "original", None)
        if incoming.kind in inbound.TELLING:
            turn.message = message
        turn.personal(event)
        turn.finish()
        shown = incoming.answers and incoming.kind is Kind.PRESS
        if turn.toast and not shown and address.id not in touched(tx).addresses:
            # The platform shows no answer to a tap, or it was typed: it is said, unless the flow has said something.
            queue.say_once(tx, address.person, address.id, turn.toasted(), now)
        if incoming.kind is Kind.PRESS and incoming.message_id:
            inbound.pressed(tx, address.id, incoming, now)
        return Answer(fresh=True, toast=turn.toast)

    def _seen(self, tx: Tx, incoming: Inbound, now: int) -> Answer:
        """A status of a message that left. A failure is taken in once; what comes before its message is recorded is
        remembered for that moment."""
        self.turn(tx, now)
        status = incoming.status
        failed = status is not None and status.state == "failed"
        if failed and not inbound.first_time(tx, incoming, None, now):
            return Answer(fresh=False)
        known = statuses.seen(tx, incoming, now, self)
        if not known and not failed:
            inbound.first_time(tx, incoming, None, now)
        return Answer(fresh=known)

    def address(self, tx: Tx, incoming: Inbound, now: int) -> people.Address:
        """Whose address it came from; a person who is being erased is finished first, and comes as somebody new."""
        if incoming.linked:
            accounts.learn(tx, incoming.channel, incoming.sender, incoming.linked)
        language = incoming.language[:2].lower()
        found = people.find_or_create(
            tx,
            incoming.channel,
            incoming.sender,
            language=language if language in self.languages else self.locale,
            now=now,
            ids=self.ids,
        )
        if found.fresh and incoming.linked:
            accounts.learn(tx, incoming.channel, incoming.sender, incoming.linked)
        if not found.fresh:
            who = entities.person(tx, found.person, lock=True)
            if (who is None or who.student is None) and erasing.under_way(tx, found.person):
                erasing.finish(tx, found.person, erasing.LAST, now)
                return self.address(tx, incoming, now)
            tx.memo["person", found.person] = who
        return found

    def _message(self, incoming: Inbound, assessment: Assessment, address: int, person: int, now: int) -> Message:
        return Message(
            id=self.ids.message(now),
            person=person,
            address=address,
            kind=incoming.kind.value,
            text=incoming.text,
            sent_at=incoming.sent_at,
            external_id=incoming.message_id if incoming.kind is not Kind.EDIT else "",
            assessment=assessment,
            media=incoming.media,
            place=incoming.place,
        )

    def turn(self, tx: Tx, now: int, person: int | None = None, actor: str = "system") -> Turn:
        """A working set for this transaction; the outbox is woken after its commit."""
        tx.after(lambda: self.wakes.outbox(tx))
        return Turn(self, tx, self.facts(tx, now), now, person, actor=actor)

    def facts(self, tx: Tx, now: int) -> SqlFacts:
        return SqlFacts(
            tx=tx, policy=self.policy(tx), now=now, ids=self.ids, text=self.words.text, zone=self.zone, area=self.area
        )

    def acting(self, actor: str, now: int) -> Acting:
        return Acting(actor=actor, now=now, zone=self.zone, wake=self.wakes.mail, ids=self.ids)

    def _also_desk(self, turn: Turn, event: Internal) -> None:
        """A person who is student and helper at once is gone as both."""
        person = turn.person
        if person is not None and turn.facts.staff(person) is not None:
            turn.internal("desk", person, event)

    # --- internal mail ---

    def _mail_first(self, turn: Turn) -> None:
        """What happened to this person before their message is stepped before it."""
        if turn.person is None:
            return
        entities.hold_person(turn.tx, turn.person)  # whoever has it steps what it finds then, and nobody else does
        cause = turn.tx.cause
        for letter in mail.of(turn.tx, turn.person):
            if mail.drop(turn.tx, letter.id):
                turn.tx.cause = letter.cause
                turn.internal(letter.kind, turn.person, letter.event)
        turn.tx.cause = cause

    async def run_mail(self) -> int:
        """Step everybody whose mail waits; how many people."""
        waiting_people = await self.store.read(mail.people)
        for person in waiting_people:
            await self._mail_of(person)
        return len(waiting_people)

    async def _mail_of(self, person: int) -> None:
        trace: int | None = None

        def job(tx: Tx) -> None:
            nonlocal trace
            try:
                self._mail_first(self.turn(tx, self.clock(), person))
            finally:
                trace = tx.cause

        try:
            await self.store.write(job, crisis=True, key=("person", person))
        except NOT_NOW:
            raise
        except Exception as error:
            note(log, "mail of a dialog failed", error, trace)
            failure = type(error).__name__
            await self.store.write(lambda tx: aside.set_mail_aside(self, tx, person, failure))

    # --- timers ---

    async def run_timers(self, hook: Callable[[timers.Due], Coroutine[Any, Any, None]]) -> int | None:
        """Give every due timer to whom it belongs; when the next is due (ms), or None. `hook` posts an outside hook."""
        for _ in range(50):
            due = await self.store.read(lambda tx: timers.due(tx, self.clock()))
            if not due:
                break
            for timer in due:
                if timer.kind == "hook":
                    await self._post(hook, timer)
                else:
                    await self._timer(timer)
        return await self.store.read(timers.next_due)

    async def _post(self, hook: Callable[[timers.Due], Coroutine[Any, Any, None]], timer: timers.Due) -> None:
        """Send a hook beside the loop, so that a slow receiver holds up no page. Until its end is known it is set for
        later, so that a crash sends it again."""
        until = self.clock() + HOOK_LEASE
        later = await self.store.write(lambda tx: timers.lease(tx, timer, until), crisis=True)
        if later is not None:
            task = asyncio.create_task(hook(later))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _timer(self, timer: timers.Due) -> None:
        if timer.kind == "match":
            ok = await self._round(timer)
        elif timer.kind == "erase":
            ok = await self._job(lambda tx: self._erase(tx, timer), timer)
            await self.store.checkpoint()
        else:
            ok = await self._job(lambda tx: self._fire(tx, timer), timer)
        if not ok:
            await self.store.write(lambda tx: aside.set_timer_aside(self, tx, timer))

    async def _job(self, job: Callable[[Tx], None], timer: timers.Due) -> bool:
        try:
            await self.store.write(job, crisis=timer.crisis, key=("timer", timer.kind))
            return True
        except NOT_NOW:
            raise
        except Exception as error:
            note(log, f"timer of a {timer.kind} failed", error, timer.cause)
            return False

    def _fire(self, tx: Tx, timer: timers.Due) -> None:
        target: str | int = int(timer.target) if timer.kind in ("student", "desk") else timer.target
        person = int(timer.target) if timer.kind in ("student", "desk") else None
        # First whoever it is about: they may be setting this very timer anew.
        if person is not None:
            entities.hold_person(tx, person)
        else:
            entities.hold(tx, THINGS[timer.kind][0], timer.target)
        if not timers.claim(tx, timer):
            return
        self.turn(tx, self.clock(), person).internal(timer.kind, target, timer.event)

    def _erase(self, tx: Tx, timer: timers.Due) -> None:
        entities.hold_person(tx, int(timer.target))
        if timers.claim(tx, timer):
            tries = timer.event.n if isinstance(timer.event, Tick) else 0
            erasing.finish(tx, int(timer.target), tries, self.clock())

    async def _round(self, timer: timers.Due) -> bool:
        """One matching round. Its timer is put off before, because everybody sets it: whoever comes while the round is
        under way has it set for another one, and a crash has it begun again."""
        until = self.clock() + ROUND_LEASE
        lease = await self.store.write(lambda tx: timers.lease(tx, timer, until))
        if lease is None:
            return True
        again: int | None = None

        def job(tx: Tx) -> None:
            nonlocal again
            again = self._match(tx)

        ok = await self._job(job, timer)
        if ok:
            await self.store.write(lambda tx: self._rest(tx, lease, again))
        return ok

    def _rest(self, tx: Tx, lease: timers.Due, again: int | None) -> None:
        """A round is over. The next is at `again`, unless somebody has set one meanwhile: it will look further."""
        if timers.claim(tx, lease) and again is not None:
            timers.match(tx, again)
            self.expect(tx, again)

    def _match(self, tx: Tx) -> int | None:
        """A matching round in a transaction of its own, and no other beside it. When to look again (ms), or None."""
        tx.alone("match")
        now = self.clock()
        queue = self._queue(tx, now)
        if not queue:
            return None
        helpers = [*ready(tx, now, "supporter"), *ready(tx, now, "counselor")]
        turn = self.turn(tx, now)
        causes = timers.causes(tx, "request", "position", sorted(one.request.id for one in queue))
        for effect in matching.plan(queue, helpers, now, turn.facts.policy, self.ids.id):
            if isinstance(effect, Create) and isinstance(effect.what, Offer):  # what follows is of this offer
                tx.cause = causes.get(effect.what.request)
            turn.apply([effect])
        tx.cause = None
        return matching.next_round(queue, helpers, now, turn.facts.policy)

    def _queue(self, tx: Tx, now: int) -> list[Waiting]:
        """Who waits; none of them leaves or is accepted until this transaction ends."""
        queue = waiting(tx, now)
        if queue and tx.dialect != "sqlite":
            entities.lock_people(tx, (one.request.student for one in queue))
            queue = waiting(tx, now)
        return queue

    # --- what the outbox and the admin API report ---

    def sent(self, tx: Tx, row: Row, at: int) -> None:
        """The notice that a chat is over has reached a helper (contract: who receives a helper's line)."""
        tx.cause = row.cause
        if row.notice == "chat_end":
            mail.post(tx, "desk", row.person_id, EndNoticeLanded(at), at)
            tx.after(self.wake_mail)

    def refused(self, tx: Tx, row: Row, reason: str, at: int) -> None:
        """A page that will never arrive counts as a decline; a line, its writer must know (M4)."""
        tx.cause = row.cause
        if row.notice == "chat_end":
            self.sent(tx, row, at)
        undelivered.refused(self.turn(tx, at), row)

    def held(self, tx: Tx, row: Row, at: int) -> None:
        """A line that waits for its person to write again: its writer is told at once. A crisis message to a student
        in an open case: whoever has the case."""
        tx.cause = row.cause
        undelivered.held(self.turn(tx, at), row)

    def unreachable(self, tx: Tx, person: int, address: int, at: int) -> None:
        """The platform says that this address cannot be reached at all: the person is gone, on both of their sides,
        when it was their last."""
        if not people.reachable(tx, person, at):
            tx.run(_UNREACHABLE, person=person, now=at)
            mail.post(tx, "student", person, Gone(), at)
            if self.facts(tx, at).staff(person) is not None:
                mail.post(tx, "desk", person, Gone(), at)
            tx.after(self.wake_mail)

    async def lost(self, person: int, address: int) -> None:
        """An address takes nothing any more (a page left for good)."""

        def job(tx: Tx) -> None:
            now = self.clock()
            entities.hold_person(tx, person)
            if people.lost(tx, address, now):
                self.unreachable(tx, person, address, now)

        await self.store.write(job, crisis=True, key=("person", person))

    async def case(self, id: str, event: Internal, *, actor: str) -> Case | str:
        """Give a case an event from the admin API. Returns the case as it is then; "unchanged" as text when the event
        means nothing in its state. Raises KeyError for an unknown case."""

        def job(tx: Tx) -> Case | str:
            before = entities.get(tx, Case, id)
            if before is None:
                raise KeyError(id)
            turn = self.turn(tx, self.clock(), None, actor)
            turn.internal("case", id, event)
            after = entities.get(tx, Case, id)
            return after if after is not None and after != before else f"the case is {before.state}"

        return await self.store.write(job, crisis=True, key=("case", id))

    async def open_review(self, id: str, *, actor: str) -> str:
        """Make a case of a review; its id. Raises Missing, Conflict."""
        return await self.store.write(lambda tx: reviews.open_as_case(self, tx, id, actor=actor), crisis=True)

    async def set_aside_unreadable(self, channel: str, body: bytes) -> None:
        """Keep an authentic body that nobody could read, sealed, for a human."""
        await self.store.write(lambda tx: aside.keep(tx, channel, body, "unreadable", self.clock()))

    # --- wakes ---

    def wake_mail(self) -> None:
        self.wakes.mail()

    def expect(self, tx: Tx, due: int) -> None:
        """Let the timer loop know of something due, once this is committed."""
        tx.after(lambda: self.wakes.timers(due))

    def typing(self, person: int) -> None:
        self.wakes.typing(person)
