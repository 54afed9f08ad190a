"""Faults on demand: what the platform does to a bot on a bad day, one rule at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .errors import ApiError, bad_request, forbidden, too_many

# kind -> whether the call is carried out before it goes wrong
KINDS = {
    "429": False,
    "403": False,
    "400": False,
    "401": False,
    "409": False,
    "500": False,
    "502": False,
    "html": False,
    "slow": True,
    "hang": False,
    "cut": True,
    "drop": False,
}


@dataclass(eq=False)
class Fault:
    """One rule. `hits` counts how often it struck.

    `kind`: 429, 403, 400, 401, 409, 500, 502 refuse; `html` is a 502 with a proxy's page for a body; `slow`
    answers after `delay` s; `hang` never answers; `cut` carries the call out, then closes the connection
    without an answer; `drop` closes it without carrying anything out. `accepted` overrides whether the call
    is carried out (accepted 500: stored, and yet refused).
    """

    kind: str
    method: str | None = None
    chat_id: int | None = None
    times: int | None = 1
    skip: int = 0
    retry_after: int = 1
    delay: float = 0.2
    description: str | None = None
    accepted: bool = False
    hits: int = 0
    until: float | None = field(default=None, repr=False)

    def strikes(self, method: str, chat_id: int | None, now: float) -> bool:
        """Whether it applies to this call, counting it if so."""
        if self.method is not None and self.method.lower() != method.lower():
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.until is not None and now >= self.until:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True

    def error(self, now: float) -> ApiError | None:
        """The refusal it means, or None for a fault of the connection."""
        if self.kind == "429":
            left = self.retry_after if self.until is None else max(1, math.ceil(self.until - now))
            return too_many(left)
        if self.kind == "403":
            return forbidden(self.description or "bot was blocked by the user")
        if self.kind == "400":
            return bad_request(self.description or "chat not found")
        plain = {
            "401": (401, "Unauthorized"),
            "500": (500, "Internal Server Error"),
            "502": (502, "Bad Gateway"),
            "html": (502, "Bad Gateway"),
            "409": (409, "Conflict: terminated by other getUpdates request"),
        }
        if self.kind not in plain:
            return None
        code, words = plain[self.kind]
        return ApiError(code, self.description or words)


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(
        self,
        kind: str | int,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        times: int | None = 1,
        skip: int = 0,
        retry_after: int = 1,
        delay: float = 0.2,
        description: str | None = None,
        accepted: bool | None = None,
    ) -> Fault:
        """Put a rule in force for `times` matching calls (None: until removed) after `skip` passed."""
        name = str(kind)
        if name not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        fault = Fault(
            name,
            method,
            chat_id,
            times,
            skip,
            retry_after,
            delay,
            description,
            KINDS[name] if accepted is None else accepted,
        )
        self._rules.append(fault)
        return fault

    def flood(self, seconds: int, now: float, *, chat_id: int | None = None, method: str | None = None) -> Fault:
        """Answer 429 to everything that matches until `seconds` have passed, with the rest as retry_after."""
        fault = self.add("429", method=method, chat_id=chat_id, times=None, retry_after=seconds)
        fault.until = now + seconds
        return fault

    def remove(self, fault: Fault) -> None:
        """End a rule."""
        self._rules.remove(fault)

    def clear(self) -> None:
        """End all rules."""
        self._rules.clear()

    def strike(self, method: str, chat_id: int | None, now: float) -> Fault | None:
        """The first rule that applies to this call."""
        return next((fault for fault in self._rules if fault.strikes(method, chat_id, now)), None)
