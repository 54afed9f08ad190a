"""What every flow's work object has: the thing being stepped, the event, and a list for effects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from flows.effects import Effect
from flows.facts import Facts
from flows.step import Step

Thing = TypeVar("Thing")


@dataclass(slots=True)
class Work(Generic[Thing]):
    """One step in the making. `state` is moved by the flow's table; everything else by replies."""

    thing: Thing
    event: Any
    now: int
    facts: Facts
    state: str = ""
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.state:
            self.state = str(getattr(self.thing, "state"))  # noqa: B009 -- Thing is any snapshot that has a state

    def want(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def change(self, **fields: Any) -> None:
        """Replace fields of the snapshot (never its state: that is the table's)."""
        self.thing = replace(self.thing, **fields)  # type: ignore[type-var]  # Thing is always a dataclass

    def nothing(self) -> None:
        """The answer to an event that means nothing in this state."""

    def done(self) -> Step[Thing]:
        thing: Any = self.thing
        return Step(thing if thing.state == self.state else replace(thing, state=self.state), tuple(self.effects))
