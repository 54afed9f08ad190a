"""One shared `transitions` Machine per flow, used as a table.

A flow is a closed set of states, a closed set of triggers and a table of rows. The machine holds no conversation:
a small work object carries the state in and out (`transitions` never adds it as a model), so one Machine serves
every conversation at once and costs microseconds an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from transitions import Machine

ANY = "*"
SAME = "="


class Work(Protocol):
    """What a row's guard and reply are methods of. `state` is read before and written after."""

    state: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a flow's table: on `trigger` in `source`, if `guard`, go to `dest` and do `reply`.

    `source` is a state, several states, or ANY (every state that has no unguarded row for the
    trigger yet, and is not final). `dest` SAME stays. `guard` and
    `reply` name methods of the work object; a guard has no effect, a reply appends effects and may change the work
    object's snapshot, never its state.
    """

    trigger: str
    source: str | Sequence[str]
    dest: str
    guard: str | None = None
    reply: str | None = None


class FlowError(Exception):
    """A flow's table is not sound; names the flow and the row at fault."""


class Flow:
    """A named table of rows over closed sets of states and triggers."""

    def __init__(
        self,
        name: str,
        *,
        states: type[StrEnum],
        triggers: type[StrEnum],
        initial: StrEnum,
        rows: Iterable[Row],
        work: type[Any],
        final: Iterable[StrEnum] = (),
    ) -> None:
        self.name = name
        self.states = tuple(s.value for s in states)
        self.triggers = tuple(t.value for t in triggers)
        self.initial = initial.value
        self.final = frozenset(s.value for s in final)
        self.work = work
        self.rows = tuple(self._spread(rows))
        self.validate()
        self._machine = Machine(
            model=None,
            states=list(self.states),
            initial=self.initial,
            auto_transitions=False,
            send_event=False,
            transitions=[
                {
                    "trigger": row.trigger,
                    "source": row.source,
                    # An internal transition where the state stays: nothing is left and entered again.
                    "dest": None if row.dest in (SAME, row.source) else row.dest,
                    "conditions": [row.guard] if row.guard else None,
                    "after": [row.reply] if row.reply else None,
                }
                for row in self.rows
            ],
        )

    def _spread(self, rows: Iterable[Row]) -> Iterable[Row]:
        closed: set[tuple[str, str]] = set()
        for row in rows:
            if row.source == ANY:
                open_ones = [s for s in self.states if s not in self.final and (s, row.trigger) not in closed]
                sources: Iterable[str] = open_ones
                if not open_ones:
                    raise FlowError(f"{self.name}: {row.trigger} in {ANY}: every state has its answer already")
            elif isinstance(row.source, str):
                sources = [row.source]
            else:
                sources = row.source
            for source in sources:
                if row.guard is None:
                    if (str(source), row.trigger) in closed:
                        raise FlowError(f"{self.name}: {row.trigger} in {source}: two last answers")
                    closed.add((str(source), row.trigger))
                yield Row(str(row.trigger), str(source), str(row.dest), row.guard, row.reply)

    def validate(self) -> None:
        """Refuse an unknown state, trigger, guard or reply, a row that can never fire, and a state that lacks an
        unguarded last row for some trigger (a person would meet silence). Raises FlowError."""
        closed: set[tuple[str, str]] = set()
        for row in self.rows:
            where = f"{self.name}: {row.trigger} in {row.source}"
            if row.trigger not in self.triggers:
                raise FlowError(f"{where}: unknown trigger")
            if row.source not in self.states or (row.dest != SAME and row.dest not in self.states):
                raise FlowError(f"{where} -> {row.dest}: unknown state")
            for method in (row.guard, row.reply):
                if method and not callable(getattr(self.work, method, None)):
                    raise FlowError(f"{where}: {self.work.__name__} has no method {method}")
            key = (str(row.source), row.trigger)
            if key in closed:
                raise FlowError(f"{where}: stands after an unguarded row and can never fire")
            if row.guard is None:
                closed.add(key)
        for state in self.states:
            for trigger in self.triggers:
                if state not in self.final and (state, trigger) not in closed:
                    raise FlowError(f"{self.name}: {state} has no last answer to {trigger}")

    def fire(self, work: Any, trigger: str) -> None:
        """Apply `trigger` to the work object: the first row whose guard holds moves its state and calls its reply.
        In a final state nothing happens."""
        if work.state in self.final:
            return
        self._machine.events[trigger].trigger(work)

    def diagram(self) -> str:
        """The table as a Mermaid state diagram; rows that stay and do the same in every state are left out."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        arrows: dict[tuple[str, str], list[str]] = {}
        for row in self.rows:
            dest = str(row.source) if row.dest == SAME else row.dest
            if dest == row.source:
                continue
            label = row.trigger + (f" [{row.guard}]" if row.guard else "")
            labels = arrows.setdefault((str(row.source), dest), [])
            if label not in labels:
                labels.append(label)
        for (source, dest), labels in arrows.items():
            lines.append(f"    {source} --> {dest}: {'<br/>'.join(labels)}")
        lines.extend(f"    {state} --> [*]" for state in self.states if state in self.final)
        return "\n".join(lines) + "\n"
