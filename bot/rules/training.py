"""Trains the recall net, in plain Python, from labelled lines and everyday text (see flows.crisis.net)."""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from pathlib import Path
from typing import Any

from flows.crisis.assessment import Level
from flows.crisis.net import Net, features, judge, named_places, segments
from flows.crisis.normalize import read
from flows.crisis.screen import Matcher, screen

EPOCHS = 12
RATE = 0.25
DECAY = 3e-4
EVERYDAY_WEIGHT = 0.3  # of an everyday sentence beside a labelled line
SMALLEST = 0.25  # a lighter weight is not kept
SHORT_AT, LONG_AT, QUIET_AT = 0.45, 0.75, 0.35
URGENT_AT = 0.5  # chosen on cross-validation; see the card

Features = set[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line. Lines of one family are variations of one thought, and are never parted by a fold."""

    text: str
    level: Level
    lang: str
    kind: str
    family: str


def read_lines(files: Iterable[Path]) -> list[Line]:
    """The labelled lines of `files` (JSON, one a line). Raises ValueError naming file and line."""
    out: list[Line] = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                raw = json.loads(line)
                kind, lang = str(raw.get("kind", "")), str(raw.get("lang", ""))
                family = f"{raw['label']}-{raw.get('family') or raw.get('category', '')}-{kind}-{lang}"
                out.append(Line(raw["text"], Level.of(raw["label"]), lang, kind, family))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{file.name}, line {number}: {error}") from error
    return out


def everyday(templates: Path, counts: dict[str, int], seed: int = 0) -> list[str]:
    """Generated everyday sentences: `counts` of each language of the template file, its slots filled at random."""
    raw: dict[str, Any] = tomllib.loads(templates.read_text(encoding="utf-8"))
    chance = random.Random(seed)  # noqa: S311  # sentences, not secrets
    out: list[str] = []
    for lang, count in counts.items():
        slots = {name: [w.strip() for w in words.split(",")] for name, words in raw[lang]["slots"].items()}
        for _ in range(count):
            pieces = re.split(r"\[(\w+)\]", chance.choice(raw[lang]["lines"]))
            out.append("".join(chance.choice(slots[p]) if n % 2 else p for n, p in enumerate(pieces)))
    return out


class Reader:
    """Reads texts into features, with one matcher."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.names = matcher.lexicon.classes

    def whole(self, text: str) -> Features:
        """The features of `text` read as one segment."""
        words = read(text, self.matcher.spelling).words
        return features(words, named_places(self.matcher.find(words), self.names), 0, len(words))

    def parts(self, text: str) -> list[Features]:
        """The features of each segment that `text` is read in when it is screened."""
        reading = read(text, self.matcher.spelling)
        classes = named_places(self.matcher.find(reading.words), self.names)
        spans = segments(len(reading.words), reading.stops)
        return [features(reading.words, classes, first, last) for first, last in spans]


def fit(examples: Sequence[Features], labels: Sequence[int], shares: Sequence[float], seed: int = 0) -> Net:
    """Logistic regression by AdaGrad; deterministic for one seed. `shares` weigh the examples."""
    counted = Counter(feature for seen in examples for feature in seen)
    index = {feature: number for number, feature in enumerate(counted)}
    rows = [[index[feature] for feature in sorted(seen)] for seen in examples]
    weights, sums = [0.0] * len(index), [1e-3] * len(index)
    bias, bias_sum = 0.0, 1e-3
    order = list(range(len(rows)))
    chance = random.Random(seed)  # noqa: S311  # the order of examples, not a secret
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for number in order:
            row = rows[number]
            scale = 1 / sqrt(len(row) + 3)
            score = bias + scale * sum([weights[i] for i in row])
            error = (1 / (1 + exp(-max(-30.0, min(30.0, score)))) - labels[number]) * shares[number]
            bias_sum += error * error
            bias -= RATE * error / sqrt(bias_sum)
            if -1e-3 < error < 1e-3:
                continue
            step = error * scale
            for i in row:
                slope = step + DECAY * weights[i]
                sums[i] += slope * slope
                weights[i] -= RATE * slope / sqrt(sums[i])
    kept = {feature: round(weights[i], 3) for feature, i in index.items() if abs(weights[i]) >= SMALLEST}
    return Net(kept, round(bias, 4), SHORT_AT, LONG_AT, QUIET_AT)


def train(lines: Sequence[Line], plain: Sequence[str], reader: Reader) -> Net:
    """The net learned from `lines` (high and imminent against the rest) and from everyday text `plain`."""
    examples = [reader.whole(line.text) for line in lines] + [reader.whole(text) for text in plain]
    labels = [int(line.level >= Level.HIGH) for line in lines] + [0] * len(plain)
    net = fit(examples, labels, [1.0] * len(lines) + [EVERYDAY_WEIGHT] * len(plain))
    return replace(net, urgent=_urgent(lines, examples))


def _urgent(lines: Sequence[Line], examples: Sequence[Features]) -> Net:
    """The net that tells imminent from high, learned from the grave lines alone."""
    grave = [n for n, line in enumerate(lines) if line.level >= Level.HIGH]
    imminent = [int(lines[n].level == Level.IMMINENT) for n in grave]
    net = fit([examples[n] for n in grave], imminent, [1.0] * len(grave))
    return replace(net, short=URGENT_AT)


def cross_validate(
    lines: Sequence[Line], plain: Sequence[str], reader: Reader, folds: int = 5, seed: int = 3
) -> dict[str, Any]:
    """Honest figures: every line is judged by a net that saw no line of its family, every everyday sentence by one
    that did not see it. The rules are not learned and count as they are."""
    families: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        families[line.family].append(number)
    names = sorted(families)
    random.Random(seed).shuffle(names)  # noqa: S311  # folds, not secrets
    fold_of = {number: k % folds for k, name in enumerate(names) for number in families[name]}
    seen = [reader.whole(line.text) for line in lines]
    plain_seen = [reader.whole(text) for text in plain]
    scores, soon = [0.0] * len(lines), [False] * len(lines)
    plain_hits = 0
    for fold in range(folds):
        chosen = [n for n in range(len(lines)) if fold_of[n] != fold]
        kept = [n for n in range(len(plain)) if n % folds != fold]
        net = fit(
            [seen[n] for n in chosen] + [plain_seen[n] for n in kept],
            [int(lines[n].level >= Level.HIGH) for n in chosen] + [0] * len(kept),
            [1.0] * len(chosen) + [EVERYDAY_WEIGHT] * len(kept),
        )
        hurried = _urgent([lines[n] for n in chosen], [seen[n] for n in chosen])
        for n in range(len(lines)):
            if fold_of[n] == fold:
                scores[n] = judge(seen[n], net)
                soon[n] = judge(seen[n], hurried) >= URGENT_AT
        plain_hits += sum(_pages(reader.parts(plain[n]), net) for n in range(len(plain)) if n % folds == fold)
    judged = [screen(line.text, reader.matcher) for line in lines]
    rules = [found.crisis for found in judged]
    imminent = [n for n, line in enumerate(lines) if line.level == Level.IMMINENT]
    high = [n for n, line in enumerate(lines) if line.level == Level.HIGH]
    heard = [score >= SHORT_AT for score in scores]
    return {
        "lines": len(lines),
        "rules_alone": _figures(lines, rules),
        "net_alone": _figures(lines, heard),
        "together": _figures(lines, [a or b for a, b in zip(rules, heard, strict=True)]),
        "imminent_as_imminent": {
            "rules_alone": _share(judged[n].level == Level.IMMINENT for n in imminent),
            "urgent_net_alone": _share(soon[n] for n in imminent),
            "together": _share(soon[n] or judged[n].level == Level.IMMINENT for n in imminent),
            "high_taken_for_imminent": _share(soon[n] or judged[n].level == Level.IMMINENT for n in high),
        },
        "net_flags_per_1000_everyday": round(1000 * plain_hits / max(1, len(plain)), 2),
    }


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / max(1, len(counted)), 4)


def _pages(parts: Sequence[Features], net: Net) -> bool:
    threshold = net.short if len(parts) == 1 else net.long
    return any(judge(seen, net) >= threshold for seen in parts)


def _figures(lines: Sequence[Line], flagged: Sequence[bool]) -> dict[str, float]:
    grave = [n for n, line in enumerate(lines) if line.level >= Level.HIGH]
    imminent = [n for n in grave if lines[n].level == Level.IMMINENT]
    hits = sum(flagged[n] for n in grave)
    return {
        "recall_high": round(hits / max(1, len(grave)), 4),
        "recall_imminent": round(sum(flagged[n] for n in imminent) / max(1, len(imminent)), 4),
        "precision": round(hits / max(1, sum(flagged)), 4),
    }


def write_net(net: Net, card: dict[str, Any], file: Path) -> None:
    """Store `net` as plain arrays with its card."""
    stored: dict[str, Any] = {"card": card, **_arrays(net)}
    if net.urgent is not None:
        stored["urgent"] = _arrays(net.urgent)
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text + "\n", encoding="utf-8")


def _arrays(net: Net) -> dict[str, Any]:
    names = sorted(net.weights)
    return {
        "bias": net.bias,
        "short": net.short,
        "long": net.long,
        "quiet": net.quiet,
        "features": names,
        "weights": [net.weights[name] for name in names],
    }
