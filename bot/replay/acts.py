"""What people of a transcript can do, word by word."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot import duty, invitations, roster
from bot.channels.base import Kind, Media, Place, Refused, Retry
from bot.channels.script import Bubble
from bot.replay.stage import SECOND, Stage
from bot.replay.story import Act, StoryError
from bot.store.db import Tx
from flows.events import Reopen, Resolve

_SPAN = re.compile(r"(\d+)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 1, "s": SECOND, "m": 60 * SECOND, "h": 3_600 * SECOND, "d": 86_400 * SECOND}
MEDIA = {kind.value: kind for kind in (
    Kind.PHOTO, Kind.VOICE, Kind.AUDIO, Kind.VIDEO, Kind.STICKER, Kind.DOCUMENT, Kind.LOCATION,
)}  # fmt: skip
CARDS = {"contact": Kind.CONTACT, "venue": Kind.VENUE, "live location": Kind.LIVE_LOCATION, "poll": Kind.POLL}
BLOCKED = Refused("blocked", person=True)
NO = Refused("rejected")
LATER = Retry(SECOND, "held", named=True)
_VERDICTS: Mapping[str, Refused | Retry] = {"holds": LATER, "refuses": NO, "loses": BLOCKED}


def span(text: object) -> int:
    """`60s`, `2m`, `1h 30m` in ms. Raises StoryError."""
    parts = _SPAN.findall(str(text))
    if not parts or _SPAN.sub("", str(text)).strip(" ,"):
        raise StoryError(f"{text!r} is no time: write 60s, 2m or 1h 30m")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def _given(value: Any, first: str, *more: str) -> dict[str, Any]:
    given = dict(value) if isinstance(value, dict) else {first: value}
    wrong = [str(key) for key in given if key not in (first, *more)]
    if wrong:
        raise StoryError(f"{', '.join(wrong)} is not known here; there are {', '.join((first, *more))}")
    return given


def _find(stage: Stage, who: str, text: str, *, own: bool | None = None) -> Bubble:
    for bubble in reversed(stage.screen(who).bubbles):
        if text in bubble.text and (own is None or bubble.own is own):
            return bubble
    raise StoryError(f"{who} sees no message with {text!r}")


# --- one person -------------------------------------------------------------------------------------------------------


async def says(stage: Stage, who: str, value: Any) -> None:
    """A text; `quoting` part of a message on their screen; `written` so long before it arrives."""
    given = _given(value, "text", "quoting", "written", "forwarded")
    quoted = _find(stage, who, str(given["quoting"])).id if "quoting" in given else ""
    at = stage.clock() - (span(given["written"]) if "written" in given else 0)
    text = str(given["text"])
    bubble = stage.channel(who).wrote(stage.addresses[who], text, quote_id=quoted)
    await stage.receive(
        who, Kind.TEXT, sent_at=at, text=text, message_id=bubble.id, quote_id=quoted,
        forwarded=bool(given.get("forwarded")),
    )  # fmt: skip


async def presses(stage: Stage, who: str, value: Any) -> None:
    """A button by its label; `under` these words; `of` somebody else's; `old` when it is gone already."""
    given = _given(value, "label", "under", "of", "old")
    bubble, data = stage.pressing(
        who, str(given["label"]), of=str(given.get("of", "")), under=str(given.get("under", "")),
        old=bool(given.get("old")),
    )  # fmt: skip
    tap = stage.channel(who).number()
    await stage.receive(who, Kind.PRESS, data=data, message_id=bubble.id, callback_id=tap)


async def sends(stage: Stage, who: str, value: Any) -> None:
    """`photo`, `voice`, ... alone, or with its caption: `{photo: ...}`."""
    given = _given(value, "kind", "quoting", *MEDIA)
    name = str(given.get("kind") or next(key for key in given if key in MEDIA))
    if name not in MEDIA:
        raise StoryError(f"{name!r} cannot be sent; there are {', '.join(MEDIA)}")
    kind, caption = MEDIA[name], str(given.get(name) or "")
    quoted = _find(stage, who, str(given["quoting"])).id if "quoting" in given else ""
    bubble = stage.channel(who).wrote(stage.addresses[who], caption, name, quote_id=quoted)
    media = None if kind is Kind.LOCATION else Media(stage.channel(who).name, f"file-{bubble.id}", kind)
    place = Place(-6.2, 106.8) if kind is Kind.LOCATION else None
    await stage.receive(who, kind, text=caption, message_id=bubble.id, quote_id=quoted, media=media, place=place)


async def shares(stage: Stage, who: str, value: Any) -> None:
    """A card that would tell who somebody is: contact, venue, live location, poll."""
    if value not in CARDS:
        raise StoryError(f"{value!r} cannot be shared; there are {', '.join(CARDS)}")
    bubble = stage.channel(who).wrote(stage.addresses[who], "", str(value))
    await stage.receive(who, CARDS[value], message_id=bubble.id)


async def edits(stage: Stage, who: str, value: Any) -> None:
    """`{from: part of the old text, to: the new one}`."""
    given = _given(value, "to", "from")
    bubble = _find(stage, who, str(given.get("from", "")), own=True)
    bubble.text = str(given["to"])
    await stage.receive(who, Kind.EDIT, text=bubble.text, message_id=bubble.id)


async def blocks(stage: Stage, who: str, value: Any) -> None:
    """Blocks the bot; the platform tells us, and refuses what is sent from then on."""
    stage.channel(who).verdicts[stage.addresses[who]] = BLOCKED
    await stage.receive(who, Kind.BLOCKED)


async def unblocks(stage: Stage, who: str, value: Any) -> None:
    stage.channel(who).verdicts.pop(stage.addresses[who], None)
    await stage.receive(who, Kind.UNBLOCKED)


async def follows(stage: Stage, who: str, value: Any) -> None:
    """Opens the bot by the link of an invitation."""
    code = stage.codes.get(str(value), str(value))
    bubble = stage.channel(who).wrote(stage.addresses[who], "/start")
    await stage.receive(who, Kind.TEXT, text=f"/start {code}", message_id=bubble.id)


# --- short ways through what other transcripts show -------------------------------------------------------------------


async def is_welcomed(stage: Stage, who: str, value: Any) -> None:
    """/start, consent, and an age: `18–21 tahun` if none is named."""
    english = stage.actor(who).language == "en"
    await says(stage, who, "/start")
    await stage.settle()
    await presses(stage, who, "Yes, go on" if english else "Ya, lanjut")
    await stage.settle()
    await presses(stage, who, value or ("18–21" if english else "18–21 tahun"))
    await stage.settle()


async def waits(stage: Stage, who: str, value: Any) -> None:
    """Asks for somebody to talk to, and skips every question."""
    english = stage.actor(who).language == "en"
    await presses(stage, who, value or ("Talk to a peer now" if english else "Ngobrol sama kakak"))
    await stage.settle()
    for _ in range(4):
        await presses(stage, who, "Skip" if english else "Lewati")
        await stage.settle()


async def accepts(stage: Stage, who: str, value: Any) -> None:
    """Accepts the newest offer."""
    await presses(stage, who, value or "Terima")
    await stage.settle()


# --- time, platform, coordinator --------------------------------------------------------------------------------------


async def wait(stage: Stage, value: Any) -> None:
    await stage.wait(span(value))


async def platform(stage: Stage, value: Any) -> None:
    """`holds Sari` (nothing arrives until `releases Sari`), `refuses Rini` (every message), `loses Rini` (she cannot
    be reached), `repeats` (delivers the last thing again)."""
    verb, _, name = str(value).partition(" ")
    if verb == "repeats" and stage.last is not None:
        who = next(n for n, address in stage.addresses.items() if address == stage.last.sender)
        await stage.hand_in(who, stage.last)
        return
    if name not in stage.addresses:
        raise StoryError(f"{name!r} is nobody of this story")
    channel, address = stage.channel(name), stage.addresses[name]
    if verb in ("accepts", "releases"):
        channel.verdicts.pop(address, None)
    elif verb in _VERDICTS:
        channel.verdicts[address] = _VERDICTS[verb]
    else:
        raise StoryError("a platform holds, releases, refuses, accepts, loses somebody, or repeats")


async def admin(stage: Stage, value: Any) -> None:
    """What the coordinator does outside the chat: `suspends Sari`, `restores Sari`, `puts Rini on duty`, `takes Rini
    off duty`, `certifies Sari until 2027-06-30`, `invites a supporter as Tono`, `resolves the case of Ana`,
    `reopens the case of Ana`."""
    text = str(value)
    for pattern, act in _ADMIN.items():
        found = re.fullmatch(pattern, text)
        if found is not None:
            await act(stage, *found.groups())
            return
    raise StoryError(f"the coordinator cannot do this: {text}")


async def _status(stage: Stage, name: str, status: str) -> None:
    await _job(stage, lambda tx: roster.change(tx, stage.acting(), stage.staff[name], None, {"status": status}))


async def _suspends(stage: Stage, name: str) -> None:
    await _status(stage, name, "suspended")


async def _restores(stage: Stage, name: str) -> None:
    await _status(stage, name, "active")


async def _removes(stage: Stage, name: str) -> None:
    await _status(stage, name, "removed")


async def _certifies(stage: Stage, name: str, until: str) -> None:
    change = {"certified_until": until}
    await _job(stage, lambda tx: roster.change(tx, stage.acting(), stage.staff[name], None, change))


async def _puts_on(stage: Stage, name: str) -> None:
    await _job(stage, lambda tx: duty.put(tx, stage.acting(), stage.staff[name], True))


async def _takes_off(stage: Stage, name: str) -> None:
    await _job(stage, lambda tx: duty.put(tx, stage.acting(), stage.staff[name], False))


async def _invites(stage: Stage, role: str, name: str) -> None:
    def job(tx: Tx) -> str:
        return invitations.create(tx, stage.acting(), role=role, name=name)[1]

    stage.codes[name] = await stage.app.store.write(job)


async def _case(stage: Stage, name: str) -> str:
    student = stage.called(name)

    def job(tx: Tx) -> str | None:
        lookup = tx.keeper.lookup(stage.channel(name).name, student)
        found: str | None = tx.value(
            "SELECT cases.id FROM cases JOIN addresses ON addresses.person_id = cases.student "
            "WHERE addresses.lookup = :lookup ORDER BY cases.opened_at DESC LIMIT 1",
            lookup=lookup,
        )
        return found

    id = await stage.app.store.read(job)
    if id is None:
        raise StoryError(f"{name} has no case")
    return id


async def _resolves(stage: Stage, name: str) -> None:
    await stage.app.engine.case(await _case(stage, name), Resolve(None), actor="token:coordinator")


async def _reopens(stage: Stage, name: str) -> None:
    await stage.app.engine.case(await _case(stage, name), Reopen(None), actor="token:coordinator")


async def _job(stage: Stage, job: Callable[[Tx], Any]) -> None:
    await stage.app.store.write(job)


_ADMIN: Mapping[str, Callable[..., Awaitable[None]]] = {
    r"suspends (\w+)": _suspends,
    r"restores (\w+)": _restores,
    r"removes (\w+)": _removes,
    r"certifies (\w+) until ([0-9-]+)": _certifies,
    r"puts (\w+) on duty": _puts_on,
    r"takes (\w+) off duty": _takes_off,
    r"invites a (supporter|counselor|coordinator) as (\w+)": _invites,
    r"resolves the case of (\w+)": _resolves,
    r"reopens the case of (\w+)": _reopens,
}

_VERBS: Mapping[str, Callable[[Stage, str, Any], Awaitable[None]]] = {
    "says": says,
    "presses": presses,
    "sends": sends,
    "shares": shares,
    "edits": edits,
    "blocks the bot": blocks,
    "unblocks the bot": unblocks,
    "follows the invitation": follows,
    "is welcomed": is_welcomed,
    "waits": waits,
    "accepts": accepts,
}
_OTHERS: Mapping[str, Callable[[Stage, Any], Awaitable[None]]] = {"wait": wait, "admin": admin, "platform": platform}


async def perform(stage: Stage, act: Act) -> None:
    """Let it happen. Raises StoryError for what nobody can do."""
    if act.verb in _OTHERS and not act.who:
        await _OTHERS[act.verb](stage, act.value)
        return
    verb = _VERBS.get(act.verb)
    if verb is None:
        raise StoryError(f"{act.who} cannot do {act.verb!r}; people can: {', '.join(_VERBS)}")
    await verb(stage, act.who, act.value)
