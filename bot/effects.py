"""One function for each effect, and the table of them. Everything happens in the transaction of the turn (M5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot import audit, erasing, exporting, handover, invitations, linking, mail, outbox, timers, withheld
from bot.lexicon import marks
from bot.outbox.payload import Amended, Payload, Relayed, Speech
from bot.store import entities
from bot.turn import THINGS, Turn
from flows import effects as fx
from flows.crisis.assessment import Assessment, Level
from flows.crisis.excerpt import excerpt
from flows.snapshot import Case

_LANGUAGE = "UPDATE people SET language = :language WHERE id = :person"
_PAIRING = """INSERT INTO pairings (student_id, helper_id, again, created_at) VALUES (:student, :helper, :again, :now)
ON CONFLICT (student_id, helper_id) DO UPDATE SET again = excluded.again, created_at = excluded.created_at"""
_FEEDBACK = """INSERT INTO feedback (chat_id, student_id, heavy_before, heavy_after, helpful, created_at)
VALUES (:chat, :student, :before, :after, :helpful, :now) ON CONFLICT (chat_id) DO UPDATE SET
heavy_after = excluded.heavy_after, helpful = excluded.helpful"""
_REPORT = """INSERT INTO reports (id, chat_id, by_id, about_id, created_at, state)
VALUES (:id, :chat, :by, :about, :now, 'open')"""
_NOTE = """INSERT INTO notes (id, case_id, chat_id, by_person, body, owner_id, created_at)
VALUES (:id, :case, :chat, :by, :body, :owner, :now)"""
_PRANK = "UPDATE people SET pranks = pranks + 1 WHERE id = :person"
_WORDS = "UPDATE cases SET words = :words, words_version = :version, rules = :rules WHERE id = :id"
WORDS = "cases.words"
NOTE = "notes.body"


def say(turn: Turn, e: fx.Say, person: int | None) -> None:
    to = e.to if e.to is not None else person
    if to is None:
        return
    staff_page = e.cls is fx.Class.CRISIS and e.to is not None and e.ref is not None and e.ref.startswith("case:")
    reached = outbox.enqueue(
        turn.tx,
        person=to,
        cls=e.cls,
        payload=Speech(key=e.key, args=e.args, private=e.private, buttons=e.buttons, replaces=e.replaces),
        owner=e.about if e.private else None,
        ref=e.ref,
        notice=e.notice,
        chat_id=e.chat,
        case_id=e.case,
        now=turn.now,
        everywhere=staff_page,
    )
    if not reached:
        turn.unreached(to, e)


def relay(turn: Turn, e: fx.Relay, person: int | None) -> None:
    _carry(turn, e.message, e.chat, e.to, e.alias, None)


def amend(turn: Turn, e: fx.Amend, person: int | None) -> None:
    _carry(turn, e.message, e.chat, e.to, e.alias, e.original)


def _carry(turn: Turn, id: int, chat: str, to: int, alias: str | None, original: int | None) -> None:
    """The owner of the words is the chat's student, whoever wrote them."""
    message = turn.message
    if message is not None and message.id == id:
        text, media, place, quote = message.text, message.media, message.place, message.quote_of
        owner = message.owner
    else:
        owner = turn.student_of(chat)
        stored = turn.engine.messages.get(turn.tx, id)
        if stored is None:
            return
        text, media, place, quote = stored.text, stored.media, stored.place, stored.quote_of
    payload: Payload
    if original is not None:
        payload = Amended(text=text, original=original, alias=alias or "")
    else:
        payload = Relayed(text=text, alias=alias or "", media=media, place=place, quote=quote)
    outbox.enqueue(
        turn.tx,
        person=to,
        cls=fx.Class.ORDINARY,
        payload=payload,
        owner=owner,
        chat_id=chat,
        message_id=id if original is None else None,
        now=turn.now,
    )


def settle(turn: Turn, e: fx.Settle, person: int | None) -> None:
    message = turn.message
    if message is not None and message.id == e.message:
        message.fate = e.fate
        message.chat = e.chat
        message.request = e.request
        message.owner = e.owner
        return
    stored = turn.engine.messages.get(turn.tx, e.message)
    if stored is not None:
        turn.engine.messages.settle(turn.tx, stored, fate=e.fate, chat=e.chat, request=e.request, owner=e.owner)


def create(turn: Turn, e: fx.Create, person: int | None) -> None:
    entities.insert(turn.tx, e.what)
    if isinstance(e.what, Case):
        quote_words(turn, e.what)


def fired(assessment: Assessment) -> str:
    """The rules that paged, as a case names them (JSON)."""
    grave = (hit.rule for hit in assessment.hits if hit.level >= Level.HIGH)
    return json.dumps(list(dict.fromkeys(grave)))


def quote_words(turn: Turn, case: Case) -> None:
    """Keep the triggering words of this turn's message with the case, sealed under the person's own key."""
    message = turn.message
    if message is not None and message.assessment.crisis:
        words = turn.tx.seal(case.student, excerpt(message.text, message.assessment), WORDS)
        turn.tx.run(
            _WORDS, id=case.id, words=words, version=message.assessment.version, rules=fired(message.assessment)
        )


def send(turn: Turn, e: fx.Send, person: int | None) -> None:
    if e.kind in THINGS or int(e.id) == turn.person:
        turn.now_step(e.kind, e.id, e.event)
    else:
        mail.post(turn.tx, e.kind, int(e.id), e.event, turn.now)
        turn.tx.after(turn.engine.wake_mail)


def set_timer(turn: Turn, e: fx.SetTimer, person: int | None) -> None:
    timers.put(turn.tx, e.kind, e.id, e.name, e.due, e.event, crisis=e.crisis)
    turn.engine.expect(turn.tx, e.due)


def clear_timer(turn: Turn, e: fx.ClearTimer, person: int | None) -> None:
    timers.clear(turn.tx, e.kind, e.id, e.name)


def spend(turn: Turn, e: fx.Spend, person: int | None) -> None:
    outbox.spend(turn.tx, e.ref, only=e.only, now=turn.now)


def toast(turn: Turn, e: fx.Toast, person: int | None) -> None:
    if not turn.toast and turn.person is not None:
        turn.toast = turn.engine.words.text(turn.facts.language(turn.person), e.key, dict(e.args))
        turn.toast_key, turn.toast_args = e.key, dict(e.args)


def match(turn: Turn, e: fx.Match, person: int | None) -> None:
    timers.match(turn.tx, turn.now + e.after)
    turn.engine.expect(turn.tx, turn.now + e.after)


def set_language(turn: Turn, e: fx.SetLanguage, person: int | None) -> None:
    turn.tx.run(_LANGUAGE, person=e.person, language=e.language)


def hand_over(turn: Turn, e: fx.HandOver, person: int | None) -> None:
    handover.show(turn, e)


_RETRACT_CHAT = """UPDATE outbox SET status = 3, payload = NULL WHERE person_id = :to AND chat_id = :chat AND status = 0
AND kind IN ('relay', 'amend')"""
_RETRACT_ALL = """UPDATE outbox SET status = 3, payload = NULL WHERE person_id = :to AND status = 0
AND notice IS NULL AND (case_id IS NOT NULL OR chat_id IN (SELECT id FROM chats WHERE helper = :to)
OR ref LIKE 'offer:%')"""


_KEEP = """UPDATE messages SET fate = 'held', chat_id = NULL WHERE chat_id = :chat AND person_id <> :to
AND fate = 'relayed' AND original_id IS NULL AND NOT EXISTS (SELECT 1 FROM outbox
WHERE outbox.message_id = messages.id AND outbox.person_id = :to AND outbox.status = 1)"""
_KEEP_ALL = """UPDATE messages SET fate = 'held', chat_id = NULL WHERE person_id <> :to AND fate = 'relayed'
AND original_id IS NULL AND id IN (SELECT m.id FROM outbox o JOIN messages m ON m.id = o.message_id
AND m.chat_id = o.chat_id WHERE o.person_id = :to AND o.status = 0 AND o.kind = 'relay')"""


def retract(turn: Turn, e: fx.Retract, person: int | None) -> None:
    if e.chat is not None:
        turn.tx.run(_RETRACT_CHAT, to=e.to, chat=e.chat)
        turn.tx.run(_KEEP, to=e.to, chat=e.chat)
    else:
        turn.tx.run(_KEEP_ALL, to=e.to)
        turn.tx.run(_RETRACT_ALL, to=e.to)


def remember(turn: Turn, e: fx.Remember, person: int | None) -> None:
    turn.tx.run(_PAIRING, student=e.student, helper=e.helper, again=e.again, now=turn.now)


def withhold(turn: Turn, e: fx.Withhold, person: int | None) -> None:
    if e.kind == "nobody":
        withheld.clear(turn.tx, e.student)
    else:
        withheld.add(turn.tx, e.student, e.kind, e.value, turn.now)


def mark(turn: Turn, e: fx.Mark, person: int | None) -> None:
    marks.mark(turn.tx, turn.engine.acting(f"person:{e.by}", turn.now), e.case, e.right, "", e.by)


def feedback(turn: Turn, e: fx.Feedback, person: int | None) -> None:
    turn.tx.run(_FEEDBACK, chat=e.chat, student=e.student, before=e.heavy_before, after=e.heavy_after,
                helpful=e.helpful, now=turn.now)  # fmt: skip


def report(turn: Turn, e: fx.Report, person: int | None) -> None:
    turn.tx.run(_REPORT, id=turn.facts.new_id(), chat=e.chat, by=e.by, about=e.about, now=turn.now)
    audit.record(
        turn.tx, now=turn.now, actor=f"person:{e.by}", action="chat.report", object=f"chat:{e.chat}", detail={}
    )
    for staff in turn.facts.all_staff("coordinator"):
        say(turn, fx.Say("report.coordinator", {"chat": e.chat}, to=staff.person), None)


def note(turn: Turn, e: fx.Note, person: int | None) -> None:
    message = turn.message
    if message is None or message.id != e.message:
        return
    words = message.text
    if words.startswith("/"):
        words = words.partition(" ")[2]
    turn.tx.run(_NOTE, id=turn.facts.new_id(), case=e.case, chat=e.chat, by=e.by, owner=e.student,
                body=turn.tx.seal(e.student, words, NOTE), now=turn.now)  # fmt: skip


def prank(turn: Turn, e: fx.Prank, person: int | None) -> None:
    turn.tx.run(_PRANK, person=e.person)


def link_code(turn: Turn, e: fx.LinkCode, person: int | None) -> None:
    code = linking.make(turn.tx, e.person, turn.now, e.valid)
    outbox.enqueue(turn.tx, person=e.person, cls=fx.Class.ORDINARY, now=turn.now, owner=e.person,
                   payload=Speech(key="link.code", args={"minutes": e.valid // 60_000},
                   private={"code": code}))  # fmt: skip


def merge(turn: Turn, e: fx.Merge, person: int | None) -> None:
    linking.merge(turn, e.source, e.into, e.code)


def typing(turn: Turn, e: fx.Typing, person: int | None) -> None:
    turn.tx.after(lambda: turn.engine.typing(e.to))


def join(turn: Turn, e: fx.Join, person: int | None) -> None:
    acting = turn.engine.acting(f"person:{e.person}", turn.now)
    joined = invitations.redeem(turn.tx, acting, e.code, e.person)
    staff = turn.facts.staff(e.person) if joined else None
    key = f"desk.joined.{staff.role}" if staff else "desk.invitation.invalid"
    say(turn, fx.Say(key), e.person)


def export(turn: Turn, e: fx.Export, person: int | None) -> None:
    exporting.send(turn, e.person)


def erase(turn: Turn, e: fx.Erase, person: int | None) -> None:
    erasing.begin(turn, e.person)


def hook(turn: Turn, e: fx.Hook, person: int | None) -> None:
    turn.engine.hooks.put(turn.tx, e, turn.now)
    turn.engine.expect(turn.tx, turn.now)


def write_audit(turn: Turn, e: fx.Audit, person: int | None) -> None:
    actor = f"person:{e.actor}" if e.actor is not None else turn.actor
    audit.record(turn.tx, now=turn.now, actor=actor, action=e.action, object=e.object, detail=dict(e.detail))


DO: dict[type[Any], Callable[[Turn, Any, int | None], None]] = {
    fx.Say: say, fx.Relay: relay, fx.Amend: amend, fx.Settle: settle, fx.Create: create, fx.Send: send,
    fx.SetTimer: set_timer, fx.ClearTimer: clear_timer, fx.Spend: spend, fx.Toast: toast, fx.Match: match,
    fx.SetLanguage: set_language, fx.HandOver: hand_over, fx.Retract: retract, fx.Remember: remember,
    fx.Withhold: withhold,
    fx.Mark: mark,
    fx.Feedback: feedback,
    fx.Report: report, fx.Note: note, fx.Prank: prank, fx.LinkCode: link_code, fx.Merge: merge,
    fx.Typing: typing, fx.Join: join, fx.Export: export,
    fx.Erase: erase, fx.Hook: hook, fx.Audit: write_audit,
}  # fmt: skip
