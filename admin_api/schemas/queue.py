"""Requests and chats: who waits, and who holds whom. No field here carries what somebody wrote."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Id, LevelWord, ListQuery, Moment, Output, Version, one_of

RequestState = Literal["waiting", "matched", "left", "closed"]
RequestKind = Literal["peer", "counselor"]
ChatState = Literal["open", "ended"]
ChatRole = Literal["supporter", "counselor"]
ALIAS = "The student's alias; nobody here sees who they are."


class Request(Output):
    """A student's place in the queue."""

    id: Id
    alias: str = Field(description=ALIAS, examples=["Kancil Biru"])
    state: str = one_of(RequestState, "What became of it.")
    kind: str = one_of(RequestKind, "Who may accept it.", examples=["peer"])
    topic: str | None = Field(description="As the student chose it; null if skipped.", examples=["kuliah"])
    heavy: int | None = Field(description="How heavy it felt, 0 to 10; null if skipped.", examples=[6])
    wishes: list[str] = Field(description="What the student wished for.", examples=[["female"]])
    language: str = Field(description="The student's language.", examples=["id"])
    site: str | None = Field(description="The student's site, if they gave one.", examples=[None])
    level: LevelWord = Field(description="The risk that triage found; the graver is offered first.", examples=["none"])
    opened_at: Moment = Field(description="Since when the student waits, re-offers included.")
    matched_at: Moment | None = Field(description="When somebody accepted.")
    waited_seconds: int = Field(description="Until accepted, or until now.", examples=[95])
    previous_chat: str | None = Field(description="The chat that this request continues.", examples=[None])
    round: int = Field(description="How often it has been offered anew.", examples=[1])
    left_message: bool = Field(description="The student chose to wait though nobody was on duty.", examples=[False])
    open_offers: int = Field(description="How many people are being asked now.", examples=[3])
    version: Version


class RequestQuery(ListQuery):
    """Filters of the queue. Sort by opened_at, risk."""

    state: RequestState | None = Field(None, description="Only in this state.")
    kind: RequestKind | None = Field(None, description="Only for these helpers.")
    topic: str | None = Field(None, max_length=40, description="Only of this topic.")
    site: str | None = Field(None, max_length=80, description="Only of this site.")
    language: str | None = Field(None, max_length=12, description="Only in this language.")
    level: LevelWord | None = Field(None, description="Only of this level.")


class Chat(Output):
    """The pairing of one student with one helper. Bodies are never shown here."""

    id: Id
    request: str = Field(description="The request it came from.", examples=["k3J9sQ2mXw7Tb1Za"])
    alias: str = Field(description=ALIAS, examples=["Kancil Biru"])
    helper: str | None = Field(description="The helper's id in the roster.", examples=["Za1bT7wXm2Qs9J3k"])
    helper_alias: str = Field(description="What the student sees of the helper.", examples=["Awan Teduh"])
    role: str = one_of(ChatRole, "As what the helper is here.", examples=["supporter"])
    case: str | None = Field(description="The case it belongs to.", examples=[None])
    state: str = one_of(ChatState, "Whether it goes on.")
    reason: str | None = Field(
        description="Why it ended: student, helper, silence, revoked, taken, unreachable, erased, rest or report.",
        examples=[None],
    )
    opened_at: Moment = Field(description="When the helper accepted.")
    ended_at: Moment | None = Field(description="When it ended.")
    student_at: Moment | None = Field(description="The student's last line.")
    helper_at: Moment | None = Field(description="The helper's last line.")
    unanswered_since: Moment | None = Field(description="The oldest line of the student that waits for an answer.")
    version: Version


class ChatQuery(ListQuery):
    """Filters of chats. Sort by opened_at, ended_at."""

    state: ChatState | None = Field(None, description="Only in this state.")
    role: ChatRole | None = Field(None, description="Only with such helpers.")
    helper: str | None = Field(None, max_length=40, description="Only of this person of the roster.")
    case: str | None = Field(None, max_length=40, description="Only of this case.")
    unanswered: bool | None = Field(None, description="Only chats where the student waits (true) or does not (false).")
