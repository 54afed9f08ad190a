"""The edited lexicon, what counselors said of its pages, whom a student keeps away from their case, and what the
semantic net wants looked at."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer

from bot.store.tables.base import (
    KEYED,
    Table,
    key_part,
    moment,
    name_key,
    number,
    person,
    plain,
    sealed,
    yes_no,
)


class LexiconDrafts(Table, table=True):
    """A proposed change of the lexicon. `base` is the version it was proposed on (0: as shipped), `change` canonical
    JSON, `state` open, published or withdrawn; actors are those of the audit."""

    __tablename__ = "lexicon_drafts"
    id: str = name_key()
    state: str = plain(default="'open'")
    base: int = moment()
    change: str = plain()
    reason: str = plain()
    proposed_by: str = plain()
    proposed_at: int = moment(index=True)
    decided_by: str | None = plain(null=True)
    decided_at: int | None = moment(null=True)
    version: int = number(default="1")


class LexiconVersions(Table, table=True):
    """What was published, counted from 1. `overlay` is canonical JSON and `hash` its SHA-256; `fingerprint` is what
    the compiled rules call themselves on messages and cases; `restores` the version that this one brought back (0: as
    shipped)."""

    __tablename__ = "lexicon_versions"
    number: int = key_part(BigInteger)
    overlay: str = plain()
    hash: str = plain()
    fingerprint: str = plain(index=True)
    draft: str | None = plain(null=True)
    restores: int | None = moment(null=True)
    reason: str = plain()
    forced: bool = yes_no("false")
    proposed_by: str = plain()
    published_by: str = plain()
    published_at: int = moment()


class LexiconExamples(Table, table=True):
    """A text without identities that a counselor confirmed as an example, sealed under the service's key. It is tied to
    nobody."""

    __tablename__ = "lexicon_examples"
    id: str = name_key()
    body: bytes = sealed()
    language: str = plain()
    label: str = plain()
    category: str = plain()
    added_by: str = plain()
    added_at: int = moment(index=True)


class Marks(Table, table=True):
    """Whether somebody on the roster found a page right; `rules` (JSON) and `lexicon` are what fired."""

    __tablename__ = "marks"
    __table_args__ = (KEYED,)
    case_id: str = key_part()
    episode: int = key_part(Integer)
    actor: str = key_part()
    is_right: bool = yes_no("true")
    level: int = number()
    category: str = plain()
    rules: str = plain(default="'[]'")
    lexicon: str = plain(default="''")
    created_at: int = moment(index=True)


class Withheld(Table, table=True):
    """Who must not see a student's case: `kind` person (`value` is an id of the roster) or site (its name)."""

    __tablename__ = "withheld"
    __table_args__ = (KEYED,)
    student_id: int = person(primary_key=True, autoincrement=False)
    kind: str = key_part()
    value: str = key_part()
    created_at: int = moment()


class Reviews(Table, table=True):
    """A text for which the semantic net wants a counselor's eyes, or has opened a case. `score` in thousandths, `head`
    the version of the net, `state` open, dismissed or opened, `decided_by` an actor of the audit."""

    __tablename__ = "reviews"
    id: str = name_key()
    person_id: int = person(index=True)
    message_id: int = moment(unique=True, index=True)
    score: int = number()
    state: str = plain(default="'open'")
    head: str = plain()
    created_at: int = moment(index=True)
    decided_at: int | None = moment(null=True)
    decided_by: str | None = plain(null=True)
    case_id: str | None = plain(null=True)
