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
from bot.rules.patterns import ClassOf, Element, Line, parse_pattern, phrase_variants
from bot.rules.spell import build_spelling, listed
from flows.crisis.assessment import Level
from flows.crisis.lexicon import Force, Lexicon, Modifier, Pattern, Rule, Table
from flows.crisis.net import Net
from flows.crisis.normalize import Spelling

Phrase = tuple[str, ...]
Draft = dict[int, list[tuple[int, Pattern]]]


def compile_rules(documents: Sequence[Document | Mapping[str, Any]], net: Net | None = None) -> Automaton:
    """All documents together, with the recall net if given, as one Matcher.

    Raises RulesError naming the document and the fault.
    """
    checked = [
        given if isinstance(given, Document) else parse_document(f"document {number}", given)
        for number, given in enumerate(documents, 1)
    ]
    return _Compiler(checked).build(net)


class _Compiler:
    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.classes: dict[str, list[str]] = defaultdict(list)
        self.common: set[str] = set()
        self.phrases: dict[Phrase, int] = {}
        self.sets: dict[frozenset[int], frozenset[int]] = {}
        self.spelling = Spelling()
        self.members: dict[str, set[Phrase]] = {}
        self.negations: set[str] = set()
        self.common_words: set[str] = set()

    def build(self, net: Net | None) -> Automaton:
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
        for document in self.documents:
            self.common_words.update(word for phrase in listed(document.frequent) for word in self._canonical(phrase))
        rules: list[Rule] = []
        modifiers: list[Modifier] = []
        tables: dict[str, Draft] = {"rule": {}, "modifier": {}, "spare": {}, "mask": {}}
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
                for phrase in pattern.elements[pattern.anchor]:
                    tables[table].setdefault(phrase, []).append((number, pattern))
        names: dict[int, list[str]] = {}
        for name in sorted(self.members):
            for words in self.members[name]:
                names.setdefault(self._number(words), []).append(name)
        frozen: dict[str, Table] = {
            name: {phrase: tuple(entries) for phrase, entries in table.items()} for name, table in tables.items()
        }
        lexicon = Lexicon(
            tuple(rules),
            tuple(modifiers),
            frozen["rule"],
            frozen["modifier"],
            frozen["spare"],
            frozen["mask"],
            self._numbers(self.members.get("friend", ())),
            self._numbers(self.members.get("self", ())),
            {phrase: tuple(classes) for phrase, classes in names.items()},
        )
        return Automaton(_version(self.documents, net), self.spelling, lexicon, self._trie(), net)

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

    def _number(self, words: Phrase) -> int:
        return self.phrases.setdefault(words, len(self.phrases))

    def _numbers(self, phrases: Iterable[Phrase]) -> frozenset[int]:
        numbers = frozenset(self._number(words) for words in phrases)
        return self.sets.setdefault(numbers, numbers)

    def _phrases(self, element: Element) -> set[Phrase]:
        own = {self._canonical(phrase) for phrase in element.phrases} - {()}
        if isinstance(element, ClassOf):
            return own.union(*(self.members[name] for name in element.names))
        return own

    def _pattern(self, line: Line, owner: str) -> Pattern:
        elements: list[frozenset[int]] = []
        weights: list[float] = []
        negative = False
        for element, _ in line:
            phrases = self._phrases(element)
            if not phrases:  # particles are dropped from texts: what is left would match too much
                raise RulesError(f"{owner}: {element.phrases[0]!r} is nothing but fillers")
            elements.append(self._numbers(phrases))
            weights.append(sum(self._often(words) for words in phrases))
            denials = sum(1 for words in phrases if any(word in self.negations for word in words))
            negative = negative or 2 * denials >= len(phrases)
        anchor = weights.index(min(weights))
        others = [n for n in range(len(elements)) if n != anchor]
        partner = elements[min(others, key=lambda n: weights[n])] if others else frozenset()
        return Pattern(tuple(elements), tuple(gap for _, gap in line), anchor, negative, partner)

    def _often(self, words: Phrase) -> float:
        """A guess at how often `words` are met, to begin matching at what is rare."""
        if len(words) > 1:
            return 0.01
        return 30.0 if words[0] in self.common_words else 1.0

    def _trie(self) -> dict[str, Node]:
        root = Node()
        for words, number in self.phrases.items():
            node = root
            for word in words:
                node = node.next.setdefault(word, Node())
            node.phrase = number
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


def _version(documents: Sequence[Document], net: Net | None) -> str:
    text = json.dumps([d.model_dump(mode="json") for d in documents], sort_keys=True, ensure_ascii=False)
    if net is not None:
        for part in (net, net.urgent):
            if part is not None:
                text += json.dumps([part.bias, part.short, part.long, part.quiet, sorted(part.weights.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
