"""Texts of real messages without identities, kept as examples for dry runs only after a counselor has confirmed the
very words. They are tied to nobody, and sealed under the service's key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot import audit
from bot.acting import Acting
from bot.lexicon.lines import Line
from bot.lists import Ask, Listing, Page, page
from bot.refusals import Conflict, Invalid, Missing
from bot.store.db import Tx
from flows.crisis.assessment import Level

SEALED = "lexicon_examples.body"
LONGEST = 500
MOST = 2_000
_COLUMNS = "id, body, language, label, category, added_by, added_at"
_ALL = f"SELECT {_COLUMNS} FROM lexicon_examples ORDER BY added_at, id LIMIT :most"  # noqa: S608 - constants of this file
_COUNT = "SELECT count(*) FROM lexicon_examples"
_INSERT = (
    f"INSERT INTO lexicon_examples ({_COLUMNS}) "  # noqa: S608 - constants of this file
    "VALUES (:id, :body, :language, :label, :category, :by, :now)"
)
_DELETE = "DELETE FROM lexicon_examples WHERE id = :id"
LISTING = Listing(
    name="lexicon_examples",
    columns=_COLUMNS,
    source="lexicon_examples",
    key="id",
    sorts={"added_at": "added_at"},
    filters={"label": "label = :label", "category": "category = :category", "language": "language = :language"},
    default="-added_at",
)

_IDENTITIES = (
    (re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|id|net|org|me|io|co|ac|sch|edu|info|link)\b\S*",
                re.IGNORECASE), "[link]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"@\w+"), "[name]"),
    (re.compile(r"\+?\d(?:[\s().-]?\d){2,}"), "[number]"),
    (re.compile(r"\d"), "#"),
)  # fmt: skip
"""E-mail addresses are looked for before names after @, and long numbers before single digits."""


@dataclass(frozen=True, slots=True)
class Example:
    """One kept text. `added_at` in ms."""

    id: str
    text: str
    language: str
    label: str
    category: str
    added_by: str
    added_at: int


def scrub(text: str) -> str:
    """The text without links, e-mail addresses, names after @ and digits, cut to LONGEST characters. Names that stand
    in it as words are for the counselor to see: hence the confirmation."""
    for pattern, stead in (_IDENTITIES[1], _IDENTITIES[0], *_IDENTITIES[2:]):
        text = pattern.sub(stead, text)
    return " ".join(text.split())[:LONGEST]


def identifies(text: str) -> bool:
    """Whether something in a text may lead to somebody's account. Single digits may not: they are letters in chat."""
    return any(pattern.search(text) for pattern, _ in _IDENTITIES[:-1])


def add(tx: Tx, acting: Acting, text: str, language: str, label: str, category: str) -> Example:
    """Keep a confirmed text. Raises Invalid where something in it may tell who wrote it, Conflict where it is full."""
    text = " ".join(text.split())
    if scrub(text) != text:
        raise Invalid.one("text", "holds a number, a link, an e-mail address or an @name: send it as suggested")
    if int(tx.value(_COUNT)) >= MOST:
        raise Conflict(f"{MOST} examples are kept: delete some of them first.")
    id = acting.ids.id()
    tx.run(_INSERT, id=id, body=tx.seal(None, text, SEALED), language=language, label=label, category=category,
           by=acting.actor, now=acting.now)  # fmt: skip
    _audit(tx, acting, "lexicon.example.add", id, label=label, category=category)
    return Example(id, text, language, label, category, acting.actor, acting.now)


def delete(tx: Tx, acting: Acting, id: str) -> None:
    """Raises Missing."""
    if tx.run(_DELETE, id=id) != 1:
        raise Missing("There is no such example.")
    _audit(tx, acting, "lexicon.example.delete", id)


def listed(tx: Tx, acting: Acting, ask: Ask) -> Page[Example]:
    """One page; that they were read stands in the audit: they are words of students, if nobody's by name."""
    found = page(tx, LISTING, ask)
    _audit(tx, acting, "lexicon.example.read", "list")
    return Page([_example(tx, row) for row in found.items], found.next_cursor)


def lines(tx: Tx) -> list[Line]:
    """All of them, for a dry run."""
    return [
        Line(one.text, Level.of(one.label), one.category, one.language, "marked")
        for one in (_example(tx, row) for row in tx.all(_ALL, most=MOST))
    ]


def _example(tx: Tx, row: Iterable[Any]) -> Example:
    id, body, language, label, category, by, at = row
    return Example(id, tx.unseal(None, body, SEALED).decode(), language, label, category, by, at)


def _audit(tx: Tx, acting: Acting, action: str, id: str, **detail: str) -> None:
    audit.record(tx, actor=acting.actor, action=action, object=f"lexicon-example:{id}", detail=detail, now=acting.now)
