"""Why a function of `bot/` did not do what a coordinator or an operator asked. Nothing was changed.

The message of each is for a person and quotes nothing private. The admin API turns them into problem documents, the
command line into one sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


class Refusal(Exception):
    """The base of them all."""


class Missing(Refusal):
    """There is no such thing."""


class Stale(Refusal):
    """Somebody changed it since it was read."""


class Conflict(Refusal):
    """Right in itself, and not possible now. `field` names what stands in the way, if one field does."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. The message never quotes the value."""

    field: str
    message: str


class Invalid(Refusal):
    """Values that break a rule; all that were found, not only the first."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e.field}: {e.message}" for e in errors))
        self.errors = tuple(errors)

    @classmethod
    def one(cls, field: str, message: str) -> Invalid:
        return cls([FieldError(field, message)])


def check_version(version: int, expected: Collection[int] | None) -> None:
    """Raise Stale unless the version is one that the caller has read; None asks for no check."""
    if expected is not None and version not in expected:
        raise Stale
