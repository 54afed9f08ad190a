"""Faults on demand: what the platform does to a bot on a bad day, one rule at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import CODES, ApiError

if TYPE_CHECKING:
    from .person import Person

CONNECTION = {"500": False, "html": False, "slow": True, "hang": False, "cut": True, "drop": False, "empty": True}
"""Kind -> whether the call is carried out before it goes wrong."""


@dataclass(eq=False)
class Fault:
    """One rule. `hits` counts how often it struck.

    `kind`: a Graph code refuses with it; `500` and `html` refuse without one; `slow` answers after `delay` s; `hang`
    never answers; `cut` carries the call out, then closes the connection without an answer; `drop` closes it without
    carrying anything out; `empty` carries it out and answers 200 without an id. `accepted` overrides whether the call
    is carried out (accepted 500: sent, and yet refused). `late`: a code comes as a failed status instead.
    """

    kind: str
    method: str | None = None
    to: Person | None = None
    times: int | None = 1
    skip: int = 0
    delay: float = 0.2
    accepted: bool = False
    late: bool = False
    subcode: int | None = None
    hits: int = 0

    def strikes(self, method: str, to: Person | None) -> bool:
        """Whether it applies to this call, counting it if so."""
        if self.method is not None and self.method != method:
            return False
        if self.to is not None and self.to is not to:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True

    def error(self) -> ApiError | None:
        """The refusal it means, or None for a fault of the connection."""
        return ApiError(int(self.kind), subcode=self.subcode) if self.kind not in CONNECTION else None


class Faults:
    """The rules in force, oldest first. Methods: messages, media, read, fetch, download, number, templates."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(
        self,
        kind: str | int,
        *,
        method: str | None = "messages",
        to: Person | None = None,
        times: int | None = 1,
        skip: int = 0,
        delay: float = 0.2,
        accepted: bool | None = None,
        late: bool = False,
        subcode: int | None = None,
    ) -> Fault:
        """Put a rule in force for `times` matching calls (None: until removed) after `skip` passed."""
        name = str(kind)
        if name not in CONNECTION and (not name.isdigit() or int(name) not in CODES):
            raise ValueError(f"kind is one of {', '.join(CONNECTION)} or a code of the Graph API")
        carried = CONNECTION.get(name, False) if accepted is None else accepted
        fault = Fault(name, method, to, times, skip, delay, carried, late, subcode)
        self._rules.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """End a rule."""
        self._rules.remove(fault)

    def clear(self) -> None:
        """End all rules."""
        self._rules.clear()

    def strike(self, method: str, to: Person | None) -> Fault | None:
        """The first rule that applies to this call."""
        return next((fault for fault in self._rules if fault.strikes(method, to)), None)
