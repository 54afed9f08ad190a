"""One person, several addresses: a code made on one channel and shown on another joins the two.

Only an address without a story moves: the person behind it has asked for nobody, talked to nobody, and is not of the
roster. Two stories are never mixed, because each was told to somebody of its own.
"""

from __future__ import annotations

from flows.effects import Effect, LinkCode, Merge, Say
from flows.facts import MINUTE, Facts, Ms

VALID: Ms = 10 * MINUTE
"""How long a code is good for."""


def link(person: int, code: str, facts: Facts) -> list[Effect]:
    """What /tautkan does: alone it gives a code, with a code it joins this address and the code's person."""
    if not code:
        return [LinkCode(person, VALID)]
    other = facts.linked(code)
    if other is None:
        return [Say("link.unknown", to=person)]
    if other == person:
        return [Say("link.same", to=person)]
    if not facts.storied(person):
        return [Merge(person, other, code), Say("link.done", to=other)]
    if not facts.storied(other):
        return [Merge(other, person, code), Say("link.done", to=person)]
    return [Say("link.two-stories", to=person)]
