"""What counselors say of pages: right or wrong. Counted by rule and category, they show which words call in vain."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from bot import audit, cases_admin
from bot.acting import Acting
from bot.lexicon import examples
from bot.refusals import Conflict, Missing
from bot.store.db import Tx
from flows.crisis.assessment import Level

MOST = 100_000
"""Marks counted in one report."""
_CASE = "SELECT episode, level, category, rules, words_version FROM cases WHERE id = :id"
_MARK = (
    "INSERT INTO marks (case_id, episode, actor, is_right, level, category, rules, lexicon, created_at) "
    "VALUES (:case, :episode, :actor, :right, :level, :category, :rules, :lexicon, :now) "
    "ON CONFLICT (case_id, episode, actor) DO UPDATE SET is_right = excluded.is_right, level = excluded.level, "
    "category = excluded.category, rules = excluded.rules, lexicon = excluded.lexicon, created_at = excluded.created_at"
)
_COUNTED = (
    "SELECT category, rules, is_right FROM marks WHERE created_at >= :since AND created_at < :until "
    "ORDER BY created_at DESC LIMIT :most"
)
BUTTON = "(button)"
"""Stands for a rule where none fired: somebody pressed, or a helper called."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody said of an episode of a case. `rules` and `lexicon` are what had fired."""

    case: str
    episode: int
    right: bool
    level: str
    category: str
    rules: tuple[str, ...]
    lexicon: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Count:
    """Marks of one rule or category. `precision` is the share that was right."""

    name: str
    right: int
    wrong: int

    @property
    def precision(self) -> float:
        return round(self.right / (self.right + self.wrong), 4)


@dataclass(frozen=True, slots=True)
class Report:
    """All marks of a time; a page on which several rules fired counts for each of them."""

    marks: int
    by_rule: tuple[Count, ...]
    by_category: tuple[Count, ...]


def mark(tx: Tx, acting: Acting, case: str, right: bool, note: str, by: int | None) -> Mark:
    """Say whether a page was right; whoever says it again about the same episode has changed their mind, also where
    they once pressed a button and once came over the API: `by` is the person of the roster, if it is one. A note is
    kept among the case's notes. Raises Missing, Conflict."""
    row = tx.one(_CASE, id=case)
    if row is None:
        raise Missing("There is no such case.")
    episode, level, category, rules, lexicon = row
    who = acting.actor if by is None else f"person:{by}"
    tx.run(_MARK, case=case, episode=episode, actor=who, right=right, level=level, category=category,
           rules=rules, lexicon=lexicon, now=acting.now)  # fmt: skip
    audit.record(tx, actor=acting.actor, action="case.mark", object=f"case:{case}",
                 detail={"right": right, "episode": episode}, now=acting.now)  # fmt: skip
    if note.strip():
        cases_admin.note(tx, acting, case, by, note.strip())
    return Mark(case, episode, right, Level(level).word, category, tuple(json.loads(rules)), lexicon, acting.now)


def report(tx: Tx, since: int, until: int) -> Report:
    """Counts of the marks made from `since` until before `until` (ms), what called in vain most often first."""
    rules: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    categories: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    rows = tx.all(_COUNTED, since=since, until=until, most=MOST)
    for category, fired, right in rows:
        place = 0 if right else 1
        categories[category][place] += 1
        for rule in json.loads(fired) or [BUTTON]:
            rules[rule][place] += 1
    return Report(len(rows), _counts(rules), _counts(categories))


def suggestion(tx: Tx, acting: Acting, case: str) -> str:
    """The words of a case without identities, for a counselor to look at before anything is kept. Reading them is an
    audit entry. Raises Missing, and Conflict where there are none."""
    words, _version = cases_admin.words(tx, acting, case)
    if not words.strip():
        raise Conflict("This case holds no words: a button opened it, or its person has been erased.")
    return examples.scrub(words)


def _counts(found: dict[str, list[int]]) -> tuple[Count, ...]:
    counted = [Count(name, right, wrong) for name, (right, wrong) in found.items()]
    return tuple(sorted(counted, key=lambda one: (-one.wrong, one.name)))
