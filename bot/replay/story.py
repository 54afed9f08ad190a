"""A transcript as a file: who is there, what each one does, and what everybody then sees. YAML that a counselor reads.

    title: Consent comes first
    people:
      Ana: {role: student}
      Rini: {role: counselor, name: Bu Rini, rota: primary}
    before:
    - Ana is welcomed
    story:
    - Ana says: halo
      Ana sees:
      - |-
        Mau mulai dari mana?
        [Ngobrol sama kakak]

A story that cannot happen on every channel says where it can, and why:

    channels: [telegram]
    because: only Telegram tells of a block

What somebody sees is a text with its buttons in brackets below it, or an entry with a name: `toast` (the answer to a
tap), `changed` (a message that stands there already), `buttons gone`, `photo` and other media, `quoting`. What is done
`quietly` is not shown; what is done `at once` is done before anything reaches anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

ROLES = ("student", "supporter", "counselor", "coordinator")
_TOP = ("title", "why", "settings", "start", "channels", "because", "people", "before", "story")
_PERSON = frozenset({
    "role", "channel", "language", "rota", "on duty", "name", "gender", "site", "topics", "capacity",
    "certified_until", "languages",
})  # fmt: skip
HOOK = "The outside hook hears"
SEES = " sees"


class StoryError(Exception):
    """A transcript that cannot be played; says where, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the story. `fields` are columns of the roster."""

    name: str
    role: str
    channel: str
    language: str
    rota: str
    on_duty: bool
    fields: Mapping[str, Any]
    written: Mapping[str, Any]


@dataclass(slots=True)
class Act:
    """One thing that happens: `who` does `verb` with `value`. `who` is empty for time, platform and coordinator."""

    who: str
    verb: str
    value: Any


@dataclass(slots=True)
class Step:
    """Acts that happen before anything reaches anybody, and what everybody then sees. `quiet`: one after the other, and
    not shown."""

    acts: list[Act]
    written: Any
    note: str = ""
    quiet: bool = False
    seen: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """A transcript. `before` is played without being shown."""

    title: str
    actors: dict[str, Actor]
    steps: list[Step]
    before: list[Act] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings that differ from the defaults."""
        return dict(self.written.get("settings") or {})

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels on which this story can happen; none named means all of them."""
        return tuple(self.written.get("channels") or ())

    @property
    def start(self) -> str:
        """When it begins, in the site's time zone: `2026-11-16 20:00`."""
        return str(self.written.get("start") or "2026-11-16 20:00")


def read(text: str) -> Story:
    """A transcript read. Raises StoryError."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StoryError(f"this is no YAML: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("people"), dict) or not data.get("story"):
        raise StoryError("a transcript has a title, people and a story")
    unknown = sorted(set(data) - set(_TOP))
    if unknown:
        raise StoryError(f"unknown at the top: {', '.join(map(str, unknown))}; there are {', '.join(_TOP)}")
    if bool(data.get("channels")) != bool(data.get("because")):
        raise StoryError("a story of some channels only names them under `channels`, and says under `because` why")
    actors = {str(name): _actor(str(name), given or {}) for name, given in data["people"].items()}
    before = [_act(entry, actors, f"before, line {n}") for n, entry in enumerate(data.get("before") or (), start=1)]
    steps = [_step(entry, actors, f"step {n}") for n, entry in enumerate(data["story"], start=1)]
    return Story(str(data.get("title") or ""), actors, steps, before, data)


def _actor(name: str, given: Mapping[str, Any]) -> Actor:
    role = str(given.get("role", "student"))
    if role not in ROLES:
        raise StoryError(f"{name}: a role is one of {', '.join(ROLES)}")
    wrong = sorted(set(given) - _PERSON)
    if wrong:
        raise StoryError(f"{name}: unknown: {', '.join(wrong)}; there are {', '.join(sorted(_PERSON))}")
    known = {"role", "channel", "language", "rota", "on duty"}
    return Actor(
        name,
        role,
        str(given.get("channel", "telegram")),
        str(given.get("language", "id")),
        str(given.get("rota", "")),
        bool(given.get("on duty", False)),
        {key: value for key, value in given.items() if key not in known},
        given,
    )


def _step(entry: Any, actors: Mapping[str, Actor], where: str) -> Step:
    if isinstance(entry, str):
        return Step([_act(entry, actors, where)], entry)
    if not isinstance(entry, dict) or not entry:
        raise StoryError(f"{where}: a step is `Ana says: ...` and what is seen then")
    note, acts, seen = "", [], {}
    quiet = "quietly" in entry
    for key, value in entry.items():
        if key == "note":
            note = str(value)
        elif key == HOOK or (key.endswith(SEES) and key.removesuffix(SEES) in actors):
            seen[key] = value if isinstance(value, list) else [value]
        elif key in ("at once", "quietly"):
            acts += [_act(one, actors, where) for one in value]
        else:
            acts.append(_act({key: value}, actors, where))
    if not acts:
        raise StoryError(f"{where}: nobody does anything")
    written = {key: value for key, value in entry.items() if key not in seen and key != "note"}
    return Step(acts, written, note, quiet, seen)


def _act(entry: Any, actors: Mapping[str, Actor], where: str) -> Act:
    if isinstance(entry, str):
        key, value = entry, None
    elif isinstance(entry, dict) and len(entry) == 1:
        ((key, value),) = entry.items()
    else:
        raise StoryError(f"{where}: one act a line, like `Ana says: halo`")
    if key in ("wait", "admin", "platform"):
        return Act("", key, value)
    who, _, verb = str(key).partition(" ")
    if who not in actors:
        raise StoryError(f"{where}: {who!r} is nobody of this story")
    return Act(who, verb, value)


# --- writing ----------------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are; nothing is escaped that can be read."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _nothing(dumper: yaml.SafeDumper, value: None) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:null", "")


_Dumper.add_representer(type(None), _nothing)


class _Flow(dict[str, Any]):
    """A mapping on one line."""


def _flow(dumper: yaml.SafeDumper, value: _Flow) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


_Dumper.add_representer(_Flow, _flow)


def _dump(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def write(story: Story) -> str:
    """The transcript as a file, with what everybody saw. The same story always gives the same file."""
    parts: list[str] = []
    for key in _TOP:
        if key not in story.written or key in ("people", "story"):
            if key == "people":
                people = {actor.name: _Flow(actor.written) for actor in story.actors.values()}
                parts.append(_dump({"people": people}))
            continue
        if key == "channels":
            parts.append(f"channels: [{', '.join(story.channels)}]\n")
            continue
        parts.append(_dump({key: story.written[key]}))
    parts.append("story:\n" + "\n".join(_dump([_entry(step)]) for step in story.steps))
    return "".join(parts)


def _entry(step: Step) -> Any:
    seen = {name: entries for name, entries in step.seen.items() if entries}
    if isinstance(step.written, str):
        if not seen:
            return step.written
        return {step.written: None, **seen}
    note = {"note": step.note} if step.note else {}
    written = {key: _Flow(value) if isinstance(value, dict) else value for key, value in step.written.items()}
    return {**note, **written, **seen}


def lines(story: Story) -> Iterator[tuple[str, str]]:
    """What a terminal shows: who (or "" for an act), and a text."""
    for step in story.steps:
        if step.note:
            yield "note", step.note
        for act in step.acts:
            value = "" if act.value is None else f": {act.value}"
            yield "", f"{act.who} {act.verb}{value}".strip()
        for name, entries in step.seen.items():
            for entry in entries:
                if isinstance(entry, str):
                    yield name, entry
                else:
                    yield name, "; ".join(f"{key}: {value}" for key, value in entry.items())
