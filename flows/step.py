"""One step of a dialog: what a person did, or what happened to them, becomes a new snapshot and effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flows.effects import Effect

Snapshot = TypeVar("Snapshot")


@dataclass(frozen=True, slots=True)
class Step(Generic[Snapshot]):
    """What a step gives back: the shell stores the one and does the others, in one transaction."""

    snapshot: Snapshot
    effects: Sequence[Effect]
