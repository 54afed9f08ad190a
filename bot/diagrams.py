"""The state charts of docs/diagrams, written from the tables that the service runs by, so that they cannot lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.crisis import case as cases
from flows.crisis import ladder
from flows.crisis.assessment import Category, Level
from flows.dialogs.helper import counselor, supporter
from flows.dialogs.student import table as student
from flows.facts import SECOND, Facts, OnDuty, Policy, Staff
from flows.machine import Flow
from flows.snapshot import Case, Desk
from flows.support import chat, offer, request

MADE = "<!-- Made by `make diagrams` from the tables in flows/; do not edit. -->"

CHARTS: Mapping[str, tuple[str, str, Flow]] = {
    "student": ("What a student is doing", "flows/dialogs/student/table.py", student.FLOW),
    "supporter": ("Where a supporter stands", "flows/dialogs/helper/supporter.py", supporter.FLOW),
    "counselor": ("Where a counselor stands", "flows/dialogs/helper/counselor.py", counselor.FLOW),
    "request": ("A student's place in the queue", "flows/support/request.py", request.FLOW),
    "offer": ("A request shown to one helper", "flows/support/offer.py", offer.FLOW),
    "chat": ("One student with one helper", "flows/support/chat.py", chat.FLOW),
    "case": ("An escalation, from the first page to its end", "flows/crisis/case.py", cases.FLOW),
}
"""File name -> title, where the table stands, the table."""

HOW = (
    "An arrow is an event that moves to another state; the condition in brackets is the guard that must hold. Events "
    "that are answered without leaving the state are not drawn: every state answers every kind of event."
)


def charts() -> dict[str, str]:
    """Every page of the folder by its file name."""
    pages = {f"{name}.md": _page(title, place, flow) for name, (title, place, flow) in CHARTS.items()}
    pages["ladder.md"] = _ladder()
    titles = {**{name: title for name, (title, _, _) in CHARTS.items()}, "ladder": LADDER_TITLE}
    index = "\n".join(f"- [{title}]({name}.md)" for name, title in titles.items())
    pages["README.md"] = f"{MADE}\n\n# State charts\n\n{index}\n"
    return pages


def write(folder: Path) -> list[str]:
    """Write the pages that differ; their names. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    differing = stale(folder)
    pages = charts()
    for name in differing:
        (folder / name).write_text(pages[name], encoding="utf-8")
    return differing


def stale(folder: Path) -> list[str]:
    """The pages of the folder that are missing or not what the tables say now."""

    def there(name: str) -> str | None:
        try:
            return (folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    return [name for name, text in charts().items() if there(name) != text]


def _page(title: str, place: str, flow: Flow) -> str:
    resting = [state for state in flow.states if state in flow.final]
    ends = f" It ends in {', '.join(f'`{state}`' for state in resting)}." if resting else ""
    return (
        f"{MADE}\n\n# {title}\n\nThe table stands in `{place}`. It begins in `{flow.initial}`.{ends}\n{HOW}\n\n"
        f"```mermaid\n{flow.diagram()}```\n"
    )


# --- the ladder -------------------------------------------------------------------------------------------------------

LADDER_TITLE = "Who is paged when, until somebody acknowledges"
_NAMES = {1: "primary counselor", 2: "backup counselor", 3: "counselor off duty", 4: "coordinator"}
_STUDENT = 9
_STEPS = 7


@dataclass(frozen=True)
class _Roster:
    """The lookups that the ladder asks, over a roster of three counselors and a coordinator."""

    duty: Sequence[int]
    special: Sequence[int] = ()
    policy: Policy = Policy()  # noqa: RUF009 - a frozen value may be shared

    def _staff(self, person: int) -> Staff:
        role = "coordinator" if person == 4 else "counselor"
        topics = (ladder.TOPIC,) if person in self.special else ()
        return Staff(person=person, id=str(person), role=role, alias="", name="", topics=topics)

    def on_duty(self, role: str) -> Sequence[OnDuty]:
        return [OnDuty(self._staff(person), Desk(person=person), 0) for person in self.duty if role == "counselor"]

    def all_staff(self, role: str) -> Sequence[Staff]:
        people = [self._staff(person) for person in _NAMES]
        return [one for one in people if one.role == role]

    def withheld(self, student: int) -> Collection[int]:
        return ()


_STORIES: Sequence[tuple[str, Level, Category, Sequence[int], Sequence[int]]] = (
    ("Level high", Level.HIGH, Category.suicide, (1, 2), ()),
    ("Level imminent", Level.IMMINENT, Category.suicide, (1, 2), ()),
    ("Nobody on duty", Level.HIGH, Category.suicide, (), ()),
    ("Violence told, and only the counselor off duty has the topic", Level.HIGH, Category.abuse, (1, 2), (3,)),
)


def _ladder() -> str:
    policy = Policy()
    honest = ladder.honest_after(policy) // SECOND
    parts = [
        f"{MADE}\n\n# {LADDER_TITLE}\n\n"
        f"What `flows/crisis/ladder.py` does with the usual settings ({policy.ack // SECOND} s to acknowledge), three "
        "counselors and a coordinator, when nobody answers. Whoever presses *I cannot* makes it climb at once. "
        f"{honest} s after the case opened the student is told that nobody has answered yet, with the numbers; paging "
        "goes on without end.\n"
    ]
    for title, level, category, duty, special in _STORIES:
        parts.append(f"\n## {title}\n\n```mermaid\nflowchart TD\n{_climb(level, category, duty, special)}```\n")
    return "".join(parts)


def _climb(level: Level, category: Category, duty: Sequence[int], special: Sequence[int]) -> str:
    facts: Facts = _Roster(duty, special)  # type: ignore[assignment]  # the lookups that a ladder asks
    case = Case(id="", student=_STUDENT, alias="", level=level, category=category, rung=ladder.Rung.START)
    at, lines = 0, []
    for step in range(_STEPS):
        up = ladder.climb(case, facts)
        lines.append(f'    s{step}["{_clock(at)}: {_named(up)}"]')
        if step:
            lines.append(f"    s{step - 1} -- nobody acknowledges --> s{step}")
        paged = up.people if up.fresh else (*case.paged, *up.people)
        case = replace(case, rung=up.rung, lap=up.lap, paged=paged, asking=paged)
        at += up.wait
    lines.append(f'    s{_STEPS - 1} -- again, at most every {ladder.LONGEST // 60_000} min --> more["…"]')
    return "\n".join(lines) + "\n"


def _named(up: ladder.Climb) -> str:
    asked = [_NAMES[person] for person in up.people if person in _NAMES]
    if {1, 2, 3} <= set(up.people):
        asked = ["all counselors"]
    return " + ".join([*asked, "outside hook"] if up.hook else asked)


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms // SECOND, 60)
    return f"{minutes} min {seconds} s" if minutes and seconds else f"{minutes} min" if minutes else f"{seconds} s"
