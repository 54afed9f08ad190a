"""The path of one message."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Id, LevelWord, Moment, Output, one_of

Class = Literal["crisis", "ordinary"]
Ended = Literal["pending", "sent", "refused", "withdrawn", "failed"]


class TraceRow(Output):
    """Something that was queued for somebody because of it."""

    row: int = Field(description="Its number in the outbox, as the log names it.", examples=[812])
    queued_at: Moment = Field(description="When it was queued, in the commit that wanted it.")
    kind: str = Field(description="say, relay, amend, unbutton, typing or document.", examples=["relay"])
    delivery_class: str = one_of(Class, "Crisis overtakes.")
    to: str | None = Field(description="The recipient's alias; null once they were erased.", examples=["Awan Teduh"])
    role: str | None = Field(description="The recipient's role in the roster, if any.", examples=["supporter"])
    channel: str | None = Field(description="By which channel.", examples=["telegram"])
    status: str = one_of(Ended, "What became of it.", examples=["sent"])
    attempts: int = Field(description="How often sending has failed.", examples=[0])
    reason: str | None = Field(description="Why it waits, or was refused.", examples=[None])
    sent_at: Moment | None = Field(description="When the platform took it.")
    delivered_at: Moment | None = Field(description="When the platform said that it arrived, if it does say so.")
    chat: str | None = Field(description="The chat that it belongs to.", examples=[None])
    case: str | None = Field(description="The case that it belongs to.", examples=[None])


class TraceCase(Output):
    """A case that the message opened, raised or told about."""

    id: Id
    state: str = Field(description="paging, acknowledged, taken or resolved.", examples=["taken"])
    opened_at: Moment = Field(description="When it was opened.")
    acknowledged_at: Moment | None = Field(description="When somebody said: I have it.")
    resolved_at: Moment | None = Field(description="When it was resolved.")
    owner: str | None = Field(description="The alias of whoever has it.", examples=["Bukit Jernih"])


class TraceWaiting(Output):
    """What is still to come of it."""

    what: str = Field(description="letter (to a dialog) or timer.", examples=["timer"])
    kind: str = Field(description="Whose, and which.", examples=["case.climb"])
    at: Moment = Field(description="Since when a letter waits; when a timer is due.")


class Trace(Output):
    """Everything about one message that came in, without a word of it."""

    id: int = Field(description="Its number, as the log names it.", examples=[4711])
    channel: str = Field(description="Where it came in.", examples=["telegram"])
    received_at: Moment = Field(description="When it was taken in.")
    state: str = Field(description="done, or aside: it waits for a human.", examples=["done"])
    alias: str | None = Field(description="Whose; null where only a press or status came.", examples=["Kancil Biru"])
    kind: str | None = Field(description="text, photo, voice, ...; null for a press or status.", examples=["text"])
    level: LevelWord | None = Field(description="What triage said of it.", examples=["none"])
    fate: str | None = Field(description="answered, relayed, held or refused.", examples=["relayed"])
    chat: str | None = Field(description="The chat that it went to.", examples=[None])
    aside: str | None = Field(description="Whether it was set aside, and why.", examples=[None])
    rows: list[TraceRow] = Field(description="What it caused, in order.")
    cases: list[TraceCase] = Field(description="The cases among it.")
    waiting: list[TraceWaiting] = Field(description="What is still to come.")
