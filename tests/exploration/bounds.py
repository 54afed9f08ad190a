"""What is explored in every run of the tests, and what by hand or with --long. In all of them there are two supporters
and a counselor; what differs is who the students are and what may happen how often. The first kinds go as deep as time
allows; the last two are explored to their end."""

from __future__ import annotations

from dataclasses import replace

from flows.facts import Policy
from tests.exploration.choices import ALWAYS, HOW, Bound

ONCE, EACH = (1, 1), (1, 2)
FLOWING = {"accepts": ALWAYS, "time passes": ALWAYS, "time passes until": ALWAYS}
SLOW = {"is not delivered to": ONCE, "gets the next": ALWAYS, "is delivered to": ALWAYS, "a crash": ONCE}
STALE = {"presses an old offer": ONCE, "presses an old end": ONCE}

SMALL = (
    Bound(
        "lines",
        {
            **FLOWING, **SLOW, **STALE, "says": EACH, "writes": EACH, "writes late": ONCE, "chooses": ALWAYS,
            "ends": ONCE, "leaves": ONCE, "asks": ONCE, "turns away": ONCE, "passes": ONCE, "vanishes": ONCE,
            "returns": ONCE, "is revoked": ONCE,
        },
        depth=3,
    ),
    Bound(
        "one crisis",
        {
            **FLOWING, "cries": ONCE, "screams": ONCE, "acknowledges": ALWAYS, "declines": ONCE, "takes": ONCE,
            "resolves": ONCE, "blocks the bot": ONCE, "vanishes": ONCE, "returns": ONCE, "is revoked": ONCE,
            "writes": ONCE, "goes off duty": ONCE, "goes on duty": ONCE, "calls a counselor": ONCE,
        },
        depth=3,
        students=("talks",),
    ),
    Bound(
        "lost on the way",
        {
            **FLOWING, **SLOW, "says": (2, 2), "is revoked": ONCE, "vanishes": ONCE, "ends": ONCE, "leaves": ONCE,
        },
        depth=4,
        students=("talks",),
    ),
    Bound("everything", {**dict.fromkeys(HOW, EACH), **FLOWING}, depth=2, students=("talks", "waits")),
    Bound(
        "own danger",
        {
            **FLOWING, "despairs": ONCE, "sends after all": ONCE, "rests": ONCE, "ends": (2, 2), "writes": ONCE,
            "chooses": ALWAYS, "is revoked": ONCE, "blocks the bot": ONCE,
        },
        depth=4,
        students=("talks", "waits"),
    ),
    Bound(
        "one place each",
        {**FLOWING, "passes": ONCE, "ends": ONCE, "takes": ONCE, "cries": ONCE, "is revoked": ONCE, "leaves": ONCE},
        depth=4,
        capacity=1,
    ),
    Bound(
        "nobody is there",
        {**FLOWING, "goes on duty": EACH, "cries": EACH, "acknowledges": ALWAYS, "leaves": ONCE, "erases": ONCE},
        depth=5,
        on_duty=False,
        students=("waits", "chooses"),
    ),
    Bound(
        "one chat to its end",
        {**FLOWING, "says": ONCE, "ends": ONCE, "is revoked": ONCE, "leaves": ONCE},
        depth=40,
        students=("waits",),
    ),
    Bound(
        "one case to its end",
        {
            "time passes": ALWAYS, "cries": ONCE, "acknowledges": ONCE, "declines": ONCE, "resolves": ONCE,
        },
        depth=40,
        students=("talks",),
    ),
)  # fmt: skip

LARGE = tuple(
    replace(bound, depth=bound.depth + (1 if bound.depth < 10 else 0), policy=Policy(breadth=breadth))
    for bound in SMALL
    for breadth in (2, 1)
)
"""One step further, and with offers to one supporter at a time as well."""
