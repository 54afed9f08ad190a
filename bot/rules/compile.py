"""Compiles lexicon documents to the Matcher: classes to phrases, patterns to tags, everything to one trie."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.rules.automaton import Automaton, Node
from bot.rules.documents import Document, ModifierText, RulesError, parse_document
from bot.rules.morphology import active, passive
from bot.rules.patterns import ClassOf, Element, Line, Literal, parse_pattern, phrase_variants
from bot.rules.spell import build_spelling, listed
from flows.crisis.assessment import Level
from flows.crisis.lexicon import Force, Lexicon, Modifier, Pattern, Rule
from flows.crisis.normalize import Spelling

Phrase = tuple[str, ...]
Table = dict[int, list[tuple[int, Pattern]]]


def compile_rules(documents: Sequence[Document | Mapping[str, Any]]) -> Automaton:
    """All documents together as one Matcher. Raises RulesError naming the document and the fault."""
    checked = [
        given if isinstance(given, Document) else parse_document(f"document {number}", given)
        for number, given in enumerate(documents, 1)
    ]
    return _Compiler(checked).build()


class _Compiler:
    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.classes: dict[str, list[str]] = defaultdict(list)
        self.common: set[str] = set()
        self.tags: dict[str, int] = {}
        self.phrases: dict[Phrase, set[int]] = defaultdict(set)
        self.spelling = Spelling()
        self.members: dict[str, set[Phrase]] = {}
        self.negations: set[str] = set()
        self.common_words: set[str] = set()

    def build(self) -> Automaton:
        self._gather_classes()
        lines = self._gather_lines()
        raw_words = {word for phrases in self.classes.values() for phrase in phrases for word in phrase.split()}
        for _, _, parsed in lines:
            for line in parsed:
                for element, _ in line:
                    if element.phrases:
                        raw_words.update(word for phrase in element.phrases for word in phrase.split())
        self.spelling = build_spelling(self.documents, raw_words)
        self.members = {
            name: {self._canonical(phrase) for phrase in phrases} - {()} for name, phrases in self.classes.items()
        }
        self.negations = {words[0] for words in self.members.get("neg", ()) if len(words) == 1}
        self.common_words = {
            words[0] for name in self.common for words in self.members.get(name, ()) if len(words) == 1
        }
        rules: list[Rule] = []
        modifiers: list[Modifier] = []
        tables: dict[str, Table] = {"rule": {}, "modifier": {}, "spare": {}, "mask": {}}
        rule_numbers: dict[str, int] = {}
        modifier_numbers: dict[tuple[str, bool], int] = {}
        for document in self.documents:
            for text in document.rules:
                if text.id in rule_numbers:
                    raise RulesError(f"{document.name}: the rule {text.id} is written twice")
                rule_numbers[text.id] = len(rules)
                rules.append(
                    Rule(
                        text.id,
                        text.category,
                        Level.of(text.level),
                        Force[text.force],
                        text.about,
                        tuple(text.matches),
                        tuple(text.does_not_match),
                    )
                )
            for raises, texts in ((True, document.raises), (False, document.lowers)):
                for change in texts:
                    if (change.id, raises) in modifier_numbers:
                        raise RulesError(f"{document.name}: the modifier {change.id} is written twice")
                    modifier_numbers[change.id, raises] = len(modifiers)
                    modifiers.append(_modifier(change, raises))
        for kind, owner, parsed in lines:
            if kind == "rule":
                number, table = rule_numbers[owner], "rule"
            elif kind == "mask":
                number, table = 0, "mask"
            else:
                raises = kind.startswith("raises")
                number = modifier_numbers[owner, raises]
                table = "spare" if kind.endswith("spare") else "modifier"
            for line in parsed:
                pattern = self._pattern(line, owner)
                tables[table].setdefault(pattern.tags[pattern.anchor], []).append((number, pattern))
        for name in ("self", "friend"):
            self._class_tag(ClassOf((name,)))
        frozen = {name: {tag: tuple(entries) for tag, entries in table.items()} for name, table in tables.items()}
        lexicon = Lexicon(
            tuple(rules),
            tuple(modifiers),
            frozen["rule"],
            frozen["modifier"],
            frozen["spare"],
            frozen["mask"],
            tuple(self.tags),
            {name: tag for name, tag in self.tags.items() if not name.startswith("=")},
        )
        return Automaton(_version(self.documents), self.spelling, lexicon, self._trie())

    def _gather_classes(self) -> None:
        for document in self.documents:
            for name, text in document.classes.items():
                for phrase in listed(text):
                    try:
                        self.classes[name].extend(filter(None, phrase_variants(phrase)))
                    except ValueError as error:
                        raise RulesError(f"{document.name}: classes.{name}: {error}") from error
            for name, text in document.verbs.items():
                for root in listed(text):
                    self.classes[name].extend(active(root))
                    self.classes[f"{name}.di"].extend(passive(root))
            self.common.update(document.common)

    def _gather_lines(self) -> list[tuple[str, str, list[Line]]]:
        out: list[tuple[str, str, list[Line]]] = []

        def add(document: Document, kind: str, owner: str, patterns: Iterable[str]) -> None:
            for text in patterns:
                try:
                    parsed = parse_pattern(text)
                except ValueError as error:
                    raise RulesError(f"{document.name}: {owner}: {error}") from error
                for line in parsed:
                    for element, _ in line:
                        for name in element.names if isinstance(element, ClassOf) else ():
                            if name not in self.classes:
                                raise RulesError(f"{document.name}: {owner}: there is no class {name!r}")
                out.append((kind, owner, parsed))

        for document in self.documents:
            for rule in document.rules:
                add(document, "rule", rule.id, rule.when)
            for mask in document.masks:
                add(document, "mask", mask.id, mask.when)
            for kind, changes in (("raises", document.raises), ("lowers", document.lowers)):
                for change in changes:
                    add(document, kind, change.id, change.when)
                    add(document, f"{kind} spare", change.id, change.spare)
        return out

    def _canonical(self, phrase: str) -> Phrase:
        forms, fillers = self.spelling.forms, self.spelling.fillers
        return tuple(word for raw in phrase.split() for word in forms.get(raw, (raw,)) if word not in fillers)

    def _class_tag(self, element: ClassOf) -> int:
        extra = sorted({self._canonical(phrase) for phrase in element.phrases} - {()})
        key = "|".join(element.names)
        if extra:
            key = "=" + key + "|" + "|".join(" ".join(words) for words in extra)
        if key not in self.tags:
            self.tags[key] = len(self.tags)
            for words in (*extra, *(words for name in element.names for words in self.members.get(name, ()))):
                self.phrases[words].add(self.tags[key])
        return self.tags[key]

    def _literal_tag(self, phrases: Sequence[Phrase]) -> int:
        key = "=" + "|".join(" ".join(phrase) for phrase in phrases)
        if key not in self.tags:
            self.tags[key] = len(self.tags)
            for phrase in phrases:
                self.phrases[phrase].add(self.tags[key])
        return self.tags[key]

    def _pattern(self, line: Line, owner: str) -> Pattern:
        tags: list[int] = []
        gaps: list[int] = []
        weights: list[int] = []
        negative = False
        for element, gap in line:
            if isinstance(element, ClassOf):
                tags.append(self._class_tag(element))
                weights.append(2 if any(name in self.common for name in element.names) else 0)
            else:
                phrases = sorted({self._canonical(phrase) for phrase in element.phrases} - {()})
                if not phrases:  # particles are dropped from texts: what is left would match too much
                    raise RulesError(f"{owner}: {element.phrases[0]!r} is nothing but fillers")
                tags.append(self._literal_tag(phrases))
                weights.append(1 if any(len(p) == 1 and p[0] in self.common_words for p in phrases) else 0)
            gaps.append(gap)
            negative = negative or self._negates(element)
        return Pattern(tuple(tags), tuple(gaps), weights.index(min(weights)), negative)

    def _negates(self, element: Element) -> bool:
        phrases = (
            [words for name in element.names for words in self.members[name]] if isinstance(element, ClassOf) else []
        ) + [self._canonical(phrase) for phrase in element.phrases]
        return 2 * sum(1 for words in phrases if any(w in self.negations for w in words)) >= max(1, len(phrases))

    def _trie(self) -> dict[str, Node]:
        root = Node()
        for words, tags in self.phrases.items():
            node = root
            for word in words:
                node = node.next.setdefault(word, Node())
            node.tags = tuple(sorted(tags))
        return root.next


def _modifier(text: ModifierText, raises: bool) -> Modifier:
    return Modifier(
        text.id,
        raises,
        frozenset(Force[word] for word in text.forces),
        frozenset(text.categories),
        text.within,
        text.before,
        text.about,
    )


def _version(documents: Sequence[Document]) -> str:
    text = json.dumps([d.model_dump(mode="json") for d in documents], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
