"""The examples that every rule carries: they are its tests, here and before a changed lexicon is published."""

from __future__ import annotations

from flows.crisis.screen import Matcher, screen


def failing_examples(matcher: Matcher) -> list[str]:
    """One sentence for every example that does not hold; empty when all do.

    A text under `matches` must fire its rule; one under `does_not_match` must not fire it at its own level.
    """
    faults: list[str] = []
    for rule in matcher.lexicon.rules:
        for text in rule.matches:
            if not any(hit.rule == rule.id for hit in screen(text, matcher).hits):
                faults.append(f"{rule.id} does not fire on {text!r}")
        for text in rule.does_not_match:
            if any(hit.rule == rule.id and hit.level >= rule.level for hit in screen(text, matcher).hits):
                faults.append(f"{rule.id} fires on {text!r}")
    return faults
