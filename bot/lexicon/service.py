"""The lexicon of one process: which rules are in force, and everything that is done to change them.

A published version is a row. Every process looks for the newest one when it hears of it, and by a sweep; compiles it in
a thread, off the event loop; and then puts it in place at once. What cannot be compiled changes nothing: the rules
before it stay in force and `trouble` says so (C5).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot import audit
from bot.acting import Acting
from bot.lexicon import drafts, examples, trial, versions
from bot.loops import Waker
from bot.refusals import Conflict, FieldError, Invalid, Missing
from bot.rules.automaton import Automaton
from bot.rules.changes import Change, SetIdiom, SetRule, SetWords, apply
from bot.rules.documents import RulesError
from bot.rules.overlay import SHIPPED, Overlay
from bot.rules.rulebook import Rulebook
from bot.store.db import Store, Tx
from bot.store.errors import StoreError
from flows.crisis.assessment import Assessment
from flows.crisis.explain import Explanation, explain
from flows.crisis.screen import screen

log = logging.getLogger(__name__)
T = TypeVar("T")

SWEEP = 2.0
"""Seconds between two looks for a new version, if no news comes."""
WAITING = 4
"""Proposals, dry runs and publications that may wait for one another; each is about a second of computing."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An edited lexicon that could be published on version `base`."""

    base: int
    overlay: Overlay
    matcher: Automaton


def _nobody() -> None:
    """Where no other process is to be told."""


class Lexicon:
    """`matcher` is what messages are screened with; replaced as a whole, never changed."""

    def __init__(self, store: Store, book: Rulebook) -> None:
        self._store = store
        self.book = book
        self.matcher: Automaton = book.shipped
        self.overlay = SHIPPED
        self.number = 0
        self.trouble = ""
        self.tell: Callable[[], None] = _nobody
        self.changed: Callable[[Automaton], None] = lambda matcher: None
        self._seen = 0
        self._compiled: tuple[str, Automaton] | None = None
        self._computing = asyncio.Lock()
        self._refreshing = asyncio.Lock()
        self._queue = 0
        self._waker = Waker()

    # --- which rules are in force ---

    async def refresh(self) -> bool:
        """Put the newest published version in force; whether that changed anything. Raises StoreError; never for rules
        that cannot be used: then those before stay, and `trouble` says so."""
        async with self._refreshing:
            number = await self._store.read(versions.newest)
            return number != self._seen and await self._put_in_force(number)

    async def _put_in_force(self, number: int) -> bool:
        try:
            overlay = await self._store.read(lambda tx: versions.overlay(tx, number))
            matcher = await asyncio.to_thread(self._compile, overlay)
        except (RulesError, Missing) as error:
            self._seen = number
            self.trouble = f"version {number} of the edited lexicon cannot be used, version {self.number} is in force"
            log.error("%s (%s)", self.trouble, error)
            return False
        self._seen, self.number, self.overlay, self.trouble = number, number, overlay, ""
        self.matcher = matcher
        self.changed(matcher)
        log.info("lexicon version %d is in force", number)
        return True

    async def run(self) -> None:
        """Look for new versions until cancelled."""
        while True:
            await self._waker.wait(SWEEP)
            try:
                await self.refresh()
            except StoreError as error:
                log.warning("the lexicon's version could not be read (%s); trying again", type(error).__name__)
            except Exception as error:
                log.error("looking for a new lexicon failed (%s); trying again", type(error).__name__)

    def wake(self) -> None:
        """Look at once."""
        self._waker.wake()

    def _compile(self, overlay: Overlay) -> Automaton:
        digest = overlay.hash
        known = self._compiled
        if known is not None and known[0] == digest:
            return known[1]
        made = self.book.edited(overlay)
        self._compiled = (digest, made)
        return made

    # --- trying ---

    def explain(self, text: str) -> tuple[Assessment, Explanation]:
        """What the rules in force make of a text that somebody tries. Kept nowhere."""
        found = screen(text, self.matcher)
        return found, explain(text, found, self.matcher)

    async def candidate(self, changes: Sequence[Change]) -> Candidate:
        """What these changes would make of the newest version, compiled, with their own examples met. Raises Invalid
        naming the place, Conflict."""
        _no_identities(changes)
        number, overlay = await self._head()

        def work() -> Candidate:
            try:
                edited = apply(self.book.documents, overlay, changes)
                matcher = self._compile(edited)
            except RulesError as error:
                raise Invalid(_fields(str(error), changes)) from None
            faults = trial.unmet(edited, matcher, _touched(changes))
            if faults:
                raise Invalid([error for fault in faults[:20] for error in _fields(fault, changes)])
            return Candidate(number, edited, matcher)

        return await self._compute(work)

    async def dry_run(self, changes: Sequence[Change]) -> trial.Trial:
        """What would change, over the labelled lines and the kept examples. Raises Invalid, Conflict."""
        await self.refresh()
        made = await self.candidate(changes)
        before = self.matcher
        marked = await self._store.read(examples.lines)
        return await self._compute(lambda: trial.run(before, made.matcher, marked))

    # --- changing ---

    async def propose(self, acting: Acting, changes: Sequence[Change], reason: str) -> drafts.Draft:
        """Keep a proposal that could be published now. Raises Invalid, Conflict."""
        made = await self.candidate(changes)
        id = acting.ids.id()

        def job(tx: Tx) -> drafts.Draft:
            drafts.add(tx, id, made.base, changes, reason, acting.actor, acting.now)
            _audit(tx, acting, "lexicon.propose", f"lexicon-draft:{id}", base=made.base, changes=len(changes))
            return drafts.read(tx, id)

        return await self._store.write(job)

    async def withdraw(self, acting: Acting, id: str) -> drafts.Draft:
        """Close a proposal without publishing it. Raises Missing, Conflict."""

        def job(tx: Tx) -> drafts.Draft:
            drafts.decide(tx, id, "withdrawn", acting.actor, acting.now)
            _audit(tx, acting, "lexicon.withdraw", f"lexicon-draft:{id}")
            return drafts.read(tx, id)

        return await self._store.write(job)

    async def publish(self, acting: Acting, id: str, *, reason: str = "", force: bool = False) -> versions.Version:
        """Make a proposal the newest version, in force everywhere within seconds. Raises Missing, Invalid, and Conflict
        where an imminent text of the project would page nobody any more, or everyday sentences would page in masses
        (unless `force`, with a reason)."""
        if force and not reason.strip():
            raise Invalid.one("reason", "is required where publishing is forced")
        await self.refresh()
        draft = await self._store.read(lambda tx: drafts.read(tx, id))
        if draft.state != "open":
            raise Conflict(f"This proposal was {draft.state} before.")
        made = await self.candidate(draft.changes)
        before = self.matcher
        silent, more = await self._compute(
            lambda: (trial.silenced(before, made.matcher), trial.flood(before, made.matcher))
        )
        if silent and not force:
            count = len(silent)
            raise Conflict(f"{count} imminent text{'s' * (count > 1)} would page nobody any more: see the dry run.")
        if more > trial.FLOOD and not force:
            raise Conflict(f"{more:.0f} more of 1,000 everyday sentences would page: see the dry run.")
        said = reason.strip() or draft.reason

        def job(tx: Tx) -> versions.Version:
            version = self._add(tx, acting, made, said, draft=draft, forced=bool(silent) or more > trial.FLOOD)
            drafts.decide(tx, id, "published", acting.actor, acting.now)
            _audit(
                tx, acting, "lexicon.publish", f"lexicon:{version.number}",
                draft=id, forced=version.forced, silenced=len(silent), fingerprint=version.fingerprint,
            )  # fmt: skip
            return version

        return await self._put(job)

    async def rollback(self, acting: Acting, number: int, reason: str) -> versions.Version:
        """Bring an earlier version back (0: as shipped) as a new one. Raises Missing, Invalid, Conflict."""
        head, overlay = await self._head(number)
        if head == number:
            raise Conflict("This is the newest version.")
        matcher = await self._compute(lambda: self._usable(overlay))

        def job(tx: Tx) -> versions.Version:
            made = Candidate(head, overlay, matcher)
            version = self._add(tx, acting, made, reason, restores=number)
            _audit(
                tx, acting, "lexicon.rollback", f"lexicon:{version.number}",
                restores=number, fingerprint=version.fingerprint,
            )  # fmt: skip
            return version

        return await self._put(job)

    def _add(
        self, tx: Tx, acting: Acting, made: Candidate, reason: str, *, draft: drafts.Draft | None = None,
        restores: int | None = None, forced: bool = False,
    ) -> versions.Version:  # fmt: skip
        tx.alone("lexicon")
        if versions.newest(tx) != made.base:
            raise Conflict("Somebody else published a version meanwhile: look at it, then try again.")
        version = versions.Version(
            made.base + 1, made.overlay.hash, made.matcher.version, draft.id if draft else None, restores, reason,
            forced, draft.proposed_by if draft else acting.actor, acting.actor, acting.now,
        )  # fmt: skip
        versions.add(tx, version, made.overlay)
        return version

    async def _put(self, job: Callable[[Tx], versions.Version]) -> versions.Version:
        version = await self._store.write(job)
        self.tell()
        await self.refresh()
        return version

    # --- small hands ---

    async def _head(self, number: int | None = None) -> tuple[int, Overlay]:
        """The newest version's number, and the overlay of it or of another. Raises Missing, Conflict."""

        def job(tx: Tx) -> tuple[int, Overlay]:
            head = versions.newest(tx)
            return head, versions.overlay(tx, head if number is None else number)

        try:
            return await self._store.read(job)
        except RulesError as error:
            raise Conflict(f"{error}: bring an earlier version back.") from None

    def _usable(self, overlay: Overlay) -> Automaton:
        try:
            return self._compile(overlay)
        except RulesError as error:
            raise Conflict(f"This version does not fit the shipped rules any more: {error}") from None

    async def _compute(self, work: Callable[[], T]) -> T:
        """In a thread, one at a time, so that editing never takes more than one core from messages. Raises Conflict
        where too many wait."""
        if self._queue >= WAITING:
            raise Conflict("Several changes of the lexicon are being tried just now: try again in a few seconds.")
        self._queue += 1
        try:
            async with self._computing:
                return await asyncio.to_thread(work)
        finally:
            self._queue -= 1


def _no_identities(changes: Sequence[Change]) -> None:
    """Everybody who may look at the lexicon reads its examples: nobody's account stands in them. Raises Invalid."""
    for number, change in enumerate(changes):
        held = getattr(change, "rule", None) or getattr(change, "idiom", None) or change
        texts = (*getattr(held, "matches", ()), *getattr(held, "does_not_match", ()))
        if any(examples.identifies(text) for text in texts):
            raise Invalid.one(
                f"changes.{number}", "an example holds a link, an e-mail address, an @name or a long number"
            )


def _touched(changes: Sequence[Change]) -> frozenset[str]:
    """The entries whose examples must hold."""
    out: set[str] = set()
    for change in changes:
        if isinstance(change, SetRule):
            out.add(f"rule:{change.rule.id}")
        elif isinstance(change, SetIdiom):
            out.add(f"idiom:{change.idiom.id}")
        elif isinstance(change, SetWords):
            out.add(f"class:{change.language}/{change.name}")
    return frozenset(out)


def _fields(fault: str, changes: Sequence[Change]) -> list[FieldError]:
    """Where in `changes` a sentence of the compiler belongs."""
    for number, change in enumerate(changes):
        if fault.startswith(f"changes.{number}: "):
            return [FieldError(f"changes.{number}", fault.partition(": ")[2])]
        for entry in _touched([change]):
            name = entry.partition(":")[2]
            if fault.startswith((f"{entry}:", f"{name}:")) or f": {name}:" in fault:
                return [FieldError(f"changes.{number}", fault)]
    return [FieldError("changes", fault)]


def _audit(tx: Tx, acting: Acting, action: str, object: str, **detail: object) -> None:
    audit.record(tx, actor=acting.actor, action=action, object=object, detail=detail, now=acting.now)
