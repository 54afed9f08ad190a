"""What lies on a bench beside the values of `flows.snapshot`: what is on its way, and what was written."""

from __future__ import annotations

from dataclasses import dataclass

DIALOGS = ("student", "desk")


class Broken(Exception):
    """A law does not hold; says which, and of whom."""


@dataclass(frozen=True, slots=True)
class Out:
    """Something on its way to a person. `at` counts what was put into the outbox."""

    at: int
    to: int
    cls: int
    key: str  # of the catalogue; "line" and "edit" for what a person wrote
    chat: str | None = None
    case: str | None = None
    ref: str | None = None
    notice: str | None = None
    message: int | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A line that somebody wrote: what became of it, and who has been shown it. `told`: its writer knows that it did
    not arrive."""

    id: int
    writer: int
    fate: str | None = None
    chat: str | None = None
    shown: tuple[tuple[int, str], ...] = ()  # (person, chat)
    told: bool = False
