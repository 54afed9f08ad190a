"""The lexicon in force, entry by entry, with where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.lexicon import versions
from bot.lexicon.versions import Version
from bot.refusals import Missing
from bot.rules.documents import Document, MaskText, RuleText
from bot.rules.overlay import Overlay
from bot.rules.spell import listed
from bot.store.db import Tx

Kind = Literal["rule", "class", "idiom"]
Origin = Literal["shipped", "edited", "added", "disabled"]
NUMBERS = 10_000
"""Versions looked through for where an entry comes from, at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, a word class or a fixed expression. `id` is `rule:<id>`, `idiom:<id>` or `class:<language>/<name>`;
    `words` are a class's own, `added` those that came by editing, `verbs` roots whose forms belong to it."""

    id: str
    kind: Kind
    language: str
    name: str
    origin: Origin
    category: str | None = None
    level: str | None = None
    force: str | None = None
    about: str | None = None
    when: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    does_not_match: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything written in it, for searching."""
        parts = (self.name, *self.when, *self.matches, *self.does_not_match, *self.words, *self.added, *self.verbs)
        return "\n".join(parts).casefold()


def entries(documents: tuple[Document, ...], overlay: Overlay) -> Iterator[Entry]:
    """All of them, what is out of force included."""
    for document in documents:
        language = document.language
        seen: set[str] = set()
        for rule in document.rules:
            seen.add(rule.id)
            yield _rule(overlay.rules.get(rule.id, rule), language, _origin(f"rule:{rule.id}", overlay))
        for id, edited in overlay.rules.items():
            if edited.language == language and id not in seen:
                yield _rule(edited, language, "added")
        seen = set()
        for mask in document.masks:
            seen.add(mask.id)
            yield _idiom(overlay.idioms.get(mask.id, mask), language, _origin(f"idiom:{mask.id}", overlay))
        for id, idiom in overlay.idioms.items():
            if idiom.language == language and id not in seen:
                yield _idiom(idiom, language, "added")
        named = {*document.classes, *document.verbs}
        named |= {added.name for added in overlay.words.values() if added.language == language}
        for name in sorted(named):
            yield _class(document, name, overlay)


def one(documents: tuple[Document, ...], overlay: Overlay, id: str) -> Entry:
    """Raises Missing."""
    for entry in entries(documents, overlay):
        if entry.id == id:
            return entry
    raise Missing("There is no such rule, class or idiom.")


def wanted(entry: Entry, filters: dict[str, object]) -> bool:
    """Whether it passes the filters that are set: kind, language, category, level, origin, text."""
    for name in ("kind", "language", "category", "level", "origin"):
        if filters.get(name) is not None and getattr(entry, name) != filters[name]:
            return False
    text = filters.get("text")
    return text is None or str(text).casefold() in entry.text


def since(tx: Tx, overlay: Overlay, number: int, entry: str) -> Version | None:
    """The version of which an edited entry is as it stands in `overlay`, the version `number`; None for what is as
    shipped. Raises RulesError."""
    now = _value(overlay, entry)
    if now == _NOTHING:
        return None
    first = number
    for earlier in range(number - 1, max(0, number - NUMBERS), -1):
        if _value(versions.overlay(tx, earlier), entry) != now:
            break
        first = earlier
    return versions.read(tx, first)


_NOTHING = (None, False)


def _value(overlay: Overlay, entry: str) -> tuple[object, bool]:
    kind, _, name = entry.partition(":")
    table: dict[str, object] = {"rule": overlay.rules, "idiom": overlay.idioms}.get(kind, overlay.words)  # type: ignore[assignment]  # one of three
    return table.get(name), entry in overlay.disabled


def _origin(entry: str, overlay: Overlay) -> Origin:
    if entry in overlay.disabled:
        return "disabled"
    return "shipped" if _value(overlay, entry)[0] is None else "edited"


def _rule(rule: RuleText, language: str, origin: Origin) -> Entry:
    return Entry(
        f"rule:{rule.id}", "rule", language, rule.id, origin, rule.category.value, rule.level, rule.force,
        rule.about.value if rule.about else None, tuple(rule.when), tuple(rule.matches), tuple(rule.does_not_match),
    )  # fmt: skip


def _idiom(mask: MaskText, language: str, origin: Origin) -> Entry:
    return Entry(
        f"idiom:{mask.id}", "idiom", language, mask.id, origin, when=tuple(mask.when),
        matches=tuple(getattr(mask, "matches", ())), does_not_match=tuple(getattr(mask, "does_not_match", ())),
    )  # fmt: skip


def _class(document: Document, name: str, overlay: Overlay) -> Entry:
    key = f"{document.language}/{name}"
    added = overlay.words.get(key)
    own = document.classes.get(name, "")
    origin: Origin = "shipped" if added is None else "edited"
    return Entry(
        f"class:{key}", "class", document.language, name, origin, words=tuple(listed(own)),
        added=tuple(added.words) if added else (), verbs=tuple(listed(document.verbs.get(name, ""))),
        matches=tuple(added.matches) if added else (), does_not_match=tuple(added.does_not_match) if added else (),
    )  # fmt: skip
