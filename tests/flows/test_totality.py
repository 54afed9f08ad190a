"""Every flow: every state answers every trigger, and a table that would not is refused by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from flows.crisis import case as cases
from flows.dialogs.helper import counselor, supporter
from flows.dialogs.student.table import FLOW as STUDENT
from flows.machine import ANY, SAME, Flow, FlowError, Row
from flows.support import chat, offer, request

FLOWS = {flow.name: flow for flow in (
    STUDENT, supporter.FLOW, counselor.FLOW, request.FLOW, offer.FLOW, chat.FLOW, cases.FLOW,
)}  # fmt: skip


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_sound(name: str) -> None:
    FLOWS[name].validate()


@pytest.mark.parametrize("name", FLOWS)
def test_every_state_has_one_last_answer_to_every_trigger(name: str) -> None:
    """Counted from the rows alone, not by the validation that the flow makes of itself."""
    flow = FLOWS[name]
    for state in flow.states:
        for trigger in flow.triggers:
            rows = [row for row in flow.rows if (row.source, row.trigger) == (state, trigger)]
            if state in flow.final:
                continue
            assert rows, f"{state} never answers {trigger}"
            assert [row.guard is None for row in rows] == [False] * (len(rows) - 1) + [True], (state, trigger)
            for row in rows:
                assert row.dest == SAME or row.dest in flow.states
                assert all(callable(getattr(flow.work, n)) for n in (row.guard, row.reply) if n)


@pytest.mark.parametrize("name", FLOWS)
def test_every_state_can_be_reached_and_drawn(name: str) -> None:
    flow = FLOWS[name]
    reached, before = {flow.initial}, 0
    while len(reached) != before:
        before = len(reached)
        reached |= {row.dest for row in flow.rows if row.source in reached and row.dest != SAME}
    never = set(flow.states) - reached
    # A case and a chat begin where they begin; a desk is put away by the roster.
    assert never <= {"gone"}, never
    chart = flow.diagram()
    assert chart.startswith("stateDiagram-v2") and f"[*] --> {flow.initial}" in chart
    assert all(f"{state} --> [*]" in chart for state in flow.final)


# --- a flow of our own, and what is wrong with others ---


class S(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"


class T(StrEnum):
    push = "push"
    lock = "lock"


@dataclass
class Door:
    state: str = "open"
    locked: bool = False
    said: list[str] = field(default_factory=list)

    def is_locked(self) -> bool:
        return self.locked

    def creak(self) -> None:
        self.said.append("creak")


def door(*rows: Row, **given: Any) -> Flow:
    """A flow of these rows over a door; what is not said is answered by nothing."""
    return Flow("door", **{"states": S, "triggers": T, "initial": S.OPEN, "rows": rows, "work": Door, **given})


SOUND = (
    Row("push", S.SHUT, SAME, "is_locked", "creak"),
    Row("push", S.SHUT, S.OPEN, None, "creak"),
    Row("push", S.OPEN, S.SHUT),
    Row("push", ANY, SAME),
    Row("lock", (S.OPEN, S.SHUT), S.GONE, "is_locked"),
    Row("lock", ANY, SAME),
)


def test_the_first_row_whose_guard_holds_moves_and_replies() -> None:
    flow = door(*SOUND)
    one = Door()
    flow.fire(one, "push")
    assert (one.state, one.said) == ("shut", [])
    one.locked = True
    flow.fire(one, "push")
    assert (one.state, one.said) == ("shut", ["creak"])
    one.locked = False
    flow.fire(one, "push")
    assert (one.state, one.said) == ("open", ["creak", "creak"])


def test_one_machine_serves_many_conversations() -> None:
    flow = door(*SOUND)
    doors = [Door() for _ in range(100)]
    for number, one in enumerate(doors):
        for _ in range(number % 3):
            flow.fire(one, "push")
    assert [one.state for one in doors] == [("open", "shut", "open")[n % 3] for n in range(100)]


def test_nothing_happens_in_a_final_state() -> None:
    flow = door(
        Row("push", ANY, S.GONE), Row("lock", ANY, S.GONE, None, "creak"), final=(S.GONE,)
    )  # fmt: skip
    one = Door(state="gone")
    flow.fire(one, "lock")
    assert (one.state, one.said) == ("gone", [])


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ((*SOUND, Row("kick", S.OPEN, SAME)), "kick in open: unknown trigger"),
        ((*SOUND, Row("push", "ajar", SAME)), "push in ajar -> =: unknown state"),
        ((Row("push", S.OPEN, "ajar"), *SOUND[3:]), "push in open -> ajar: unknown state"),
        ((Row("push", S.OPEN, SAME, "is_lockd"), *SOUND), "Door has no method is_lockd"),
        ((Row("push", S.OPEN, SAME, None, "squeak"), *SOUND[3:]), "Door has no method squeak"),
        ((Row("push", S.OPEN, SAME, None, "said"), *SOUND[3:]), "Door has no method said"),
        ((*SOUND[:4], Row("push", S.OPEN, SAME, "is_locked"), *SOUND[4:]), "stands after an unguarded row"),
        ((*SOUND[:3], Row("push", S.OPEN, S.GONE), *SOUND[3:]), "push in open: two last answers"),
        ((*SOUND, Row("lock", ANY, SAME)), "every state has its answer already"),
        (SOUND[:5], "open has no last answer to lock"),
        (SOUND[4:], "open has no last answer to push"),
    ],
)
def test_a_table_that_would_meet_somebody_with_silence_is_refused(rows: tuple[Row, ...], fault: str) -> None:
    with pytest.raises(FlowError, match="door: ") as error:
        door(*rows)
    assert fault in str(error.value)


def test_a_final_state_needs_no_answers() -> None:
    door(Row("push", ANY, S.SHUT), Row("lock", ANY, S.GONE), final=(S.GONE,)).validate()
