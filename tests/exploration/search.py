"""Breadth first through everything that a bound allows. States that are alike are visited once; the shortest way into
each is kept, so that a broken law is shown by its shortest story."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.exploration.bench import Bench
from tests.exploration.canon import digest
from tests.exploration.choices import Bound, Choice, choices, perform, start
from tests.exploration.laws import broken
from tests.exploration.quiet import unheard
from tests.exploration.values import Broken


@dataclass
class Explored:
    """What was found within a bound. `whole`: no state was left at the depth's end with something unexplored."""

    bound: Bound
    states: int = 0
    transitions: int = 0
    levels: list[int] = field(default_factory=list)
    whole: bool = False
    way: tuple[Choice, ...] = ()
    wrong: tuple[str, ...] = ()


def explore(bound: Bound) -> Explored:
    """Every state within the bound, until a law is broken in one."""
    found = Explored(bound)
    first = start(bound)
    parents: dict[bytes, tuple[bytes, Choice] | None] = {digest(first): None}
    level: list[tuple[bytes, Bench]] = [(digest(first), first)]
    found.wrong = tuple(broken(first))
    for depth in range(bound.depth + 1):
        found.levels.append(len(level))
        found.states += len(level)
        if not level or found.wrong:
            found.whole = not level
            break
        if depth == bound.depth:
            break
        following: list[tuple[bytes, Bench]] = []
        for name, bench in level:
            for choice in choices(bench, bound):
                found.transitions += 1
                after = bench.copy()
                wrong = try_it(after, choice, bound)
                known = digest(after)
                if not wrong and known not in parents:
                    parents[known] = (name, choice)
                    following.append((known, after))
                    wrong = unheard(after)
                if wrong:
                    found.way, found.wrong = (*_way(parents, name), choice), wrong
                    found.states += len(following)
                    return found
        level = following
    return found


def try_it(bench: Bench, choice: Choice, bound: Bound) -> tuple[str, ...]:
    """Let something happen; what is wrong then."""
    try:
        perform(bench, choice, bound)
        return tuple(broken(bench))
    except Broken as error:
        return (str(error),)


def _way(parents: dict[bytes, tuple[bytes, Choice] | None], name: bytes) -> tuple[Choice, ...]:
    steps: list[Choice] = []
    while (before := parents[name]) is not None:
        name, choice = before
        steps.append(choice)
    return tuple(reversed(steps))
