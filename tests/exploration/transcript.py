"""A way through the states, told so that a person can read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.exploration.bench import Bench
from tests.exploration.choices import NAMES, Bound, Choice, start
from tests.exploration.quiet import unheard
from tests.exploration.search import Explored, try_it

DIALOGS = ("student", "desk")


def told(found: Explored) -> str:
    """The shortest story that breaks a law."""
    return "\n".join(_lines(found.bound, found.way))


def _lines(bound: Bound, way: Sequence[Choice]) -> Iterator[str]:
    bench = start(bound)
    begun = bench.now
    yield f"Bound {bound.name!r}. " + " ".join(_doing(bench))
    wrong: tuple[str, ...] = ()
    for number, choice in enumerate(way, start=1):
        after = bench.copy()
        wrong = try_it(after, choice, bound)
        yield f"{number:2}. [{(bench.now - begun) // 1000} s] {_said(bench, choice)}"
        for one in after.happened:
            if one[0] == "fired":
                yield f"      due: {one[1][2]} of a {one[1][0]}"
            elif one[0] == "sent":
                yield f"      {NAMES[one[1].to]} gets {one[1].key}"
            elif one[0] == "toast" and one[1] is not None:
                yield f"      {NAMES[one[1]]} sees {one[2]}"
            elif one[0] == "settled":
                yield f"      a line of {NAMES[one[1].writer]} is {one[2].fate}"
        bench = after
    yield "    Then: " + " ".join(_doing(bench))
    for one in bench.letters:
        yield f"    On its way to the dialog of {NAMES[int(one.id)]}: {one.event}"
    yield from (f"  BROKEN  {one}" for one in wrong or unheard(bench))


def _said(bench: Bench, choice: Choice) -> str:
    what, who, of = choice
    whose = ""
    for kind in ("offer", "chat", "case"):
        thing = bench.things[kind].get(of)
        if kind == "offer" and thing is not None:
            thing = bench.request(thing.request)
        if thing is not None:
            whose = f" ({kind} of {NAMES[thing.student]})"
    return f"{NAMES[who]} {what}{whose or (f' {of}' if of else '')}".strip()


def _doing(bench: Bench) -> Iterator[str]:
    for kind in DIALOGS:
        for person, one in bench.things[kind].items():
            more = "".join(f", in a chat with {NAMES[c.student]}" for c in bench.open_chats(person))
            yield f"{NAMES[person]}: {one.state}{more}."
    for case in bench.things["case"].values():
        yield f"Case of {NAMES[case.student]}: {case.state}."


def summary(found: Explored) -> str:
    """What was explored, in one line."""
    bound = found.bound
    how_far = "to the end of the bound" if found.whole else f"up to {bound.depth} things one after another"
    return (
        f"{bound.name!r}, {how_far}: {found.states} states, {found.transitions} steps"
        f" ({len(bound.students)} students, 2 supporters, 1 counselor, {len(bound.often)} kinds of things)."
    )
