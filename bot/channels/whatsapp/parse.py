"""One webhook body becomes Inbounds: every entry, change, message and status of it, never only the first.

Reads plain JSON: a field nobody knew yesterday breaks nothing. Field names and meanings: WhatsApp Cloud API, webhook
reference of 2026 (business-scoped user ids included).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.base import Inbound, Kind, Media, Place, Status, Unreadable, status_id
from bot.channels.whatsapp.account import NAME, is_id, phone

Json = Mapping[str, Any]
WRONG = (KeyError, TypeError, ValueError, AttributeError, IndexError)

_MEDIA = {
    "image": Kind.PHOTO,
    "video": Kind.VIDEO,
    "audio": Kind.AUDIO,
    "voice": Kind.VOICE,
    "sticker": Kind.STICKER,
    "document": Kind.DOCUMENT,
}
# Sent when somebody opens the conversation, or by the platform about somebody; nothing that a person said.
_SILENT = frozenset({"request_welcome", "ephemeral"})
_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
_REASONS = {
    131047: "window",
    131056: "limit",
    130429: "limit",
    131026: "undeliverable",
    131021: "undeliverable",
    131030: "undeliverable",
}
_NO_WORDS = frozenset({"id", "type", "mime_type", "sha256", "url", "currency", "catalog_id", "product_retailer_id",
                       "from", "timestamp", "name", "response_json"})  # fmt: skip
_DEEP = 12


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a message is from: the id that counts, and the phone beside it where both are there."""

    name: str
    linked: str = ""


def parse(body: bytes, phone_id: str = "") -> Sequence[Inbound]:
    """All that one body holds; lines of one person in the order of their dates. What is for another number than
    `phone_id` comes as ignored. Raises Unreadable, with everything that could be read beside it."""
    import orjson

    try:
        update = orjson.loads(body)
        entries = update["entry"]
        if not isinstance(entries, list):
            raise TypeError
    except (*WRONG, orjson.JSONDecodeError):
        raise Unreadable("a body that is no update of WhatsApp") from None
    found: list[Inbound] = []
    wrong: list[str] = []
    for entry in entries:
        for change in _list(entry, "changes"):
            found += _change(change, phone_id, wrong)
    if wrong:
        raise Unreadable(f"an update with a missing or wrong field ({wrong[0]})", in_order(found))
    return in_order(found)


def in_order(found: Sequence[Inbound]) -> list[Inbound]:
    """Lines that were written earlier first, each person for themselves; all else stays where it is."""
    dates: dict[str, list[Inbound]] = {}
    for one in found:
        if one.kind is not Kind.SEEN:
            dates.setdefault(one.sender, []).append(one)
    ordered = {who: iter(sorted(lines, key=lambda one: one.sent_at)) for who, lines in dates.items()}
    return [one if one.kind is Kind.SEEN else next(ordered[one.sender]) for one in found]


def _list(of: Any, name: str) -> list[Any]:
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, list) else []


def _change(change: Any, phone_id: str, wrong: list[str]) -> Iterator[Inbound]:
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict) or change.get("field", "messages") != "messages":
        return  # templates, quality, account: nothing that a person did
    number = (value.get("metadata") or {}).get("phone_number_id")
    others = bool(phone_id and number and str(number) != phone_id)
    contacts = [one for one in _list(value, "contacts") if isinstance(one, dict)]
    for read, items in ((_message, _list(value, "messages")), (_status, _list(value, "statuses"))):
        for item in items:
            try:
                made = read(item, contacts)
            except WRONG as error:
                salvaged = _salvaged(item, contacts)
                if salvaged is None:
                    wrong.append(type(error).__name__)
                    continue
                made = salvaged
            if others:
                made = Inbound(NAME, made.external_id, made.sender, Kind.IGNORED, made.sent_at)
            yield made


def _salvaged(item: Any, contacts: Sequence[Json]) -> Inbound | None:
    """A message of a known kind in an unknown shape still has a writer, who is told; its words are assessed (C1)."""
    try:
        who = sender(item, contacts)
        text = " ".join(_words({k: v for k, v in item.items() if k not in ("context", "id", "from", "type")}))
        return Inbound(NAME, str(item["id"]), who.name, Kind.UNKNOWN, _ms(item), text=text, linked=who.linked)
    except WRONG:
        return None


# --- who ---


def sender(message: Json, contacts: Sequence[Json]) -> Sender:
    """Who wrote. Raises KeyError where neither the message nor a contact says."""
    given = str(message.get("from") or "")
    user = str(message.get("from_user_id") or "")
    if not user and is_id(given):
        user, given = given, ""
    contact = _contact(contacts, given, user)
    user = user or str(contact.get("user_id") or "")
    number = phone(given) or phone(contact.get("wa_id"))
    if user:
        return Sender(user, number)
    if not number:
        raise KeyError("from")
    return Sender(number)


def _contact(contacts: Sequence[Json], number: str, user: str) -> Json:
    for contact in contacts:
        if (user and contact.get("user_id") == user) or (number and contact.get("wa_id") == number):
            return contact
    # Beside a single contact without a name of the writer, it is the writer's.
    return contacts[0] if len(contacts) == 1 and not number and not user else {}


# --- messages ---


def _message(message: Json, contacts: Sequence[Json]) -> Inbound:
    id, kind = str(message["id"]), str(message["type"])
    if kind == "system":
        return _system(id, message, contacts)
    who = sender(message, contacts)
    context = message.get("context") or {}
    base = Inbound(
        NAME,
        id,
        who.name,
        Kind.IGNORED,
        _ms(message),
        message_id=id,
        quote_id=str(context.get("id") or ""),
        callback_id=id,
        forwarded=bool(context.get("forwarded") or context.get("frequently_forwarded")),
        linked=who.linked,
        answers=False,
    )
    if "group_id" in message or kind in _SILENT:
        return _with(base, callback_id="")
    return _READ.get(kind, _other)(base, message, kind)


def _text(base: Inbound, message: Json, kind: str) -> Inbound:
    text = message["text"]["body"]
    if not isinstance(text, str):
        raise TypeError
    start = text.partition(" ")[2].strip() if text.startswith("/start") else ""
    return _with(base, kind=Kind.TEXT, text=text, start=start)


def _media(base: Inbound, message: Json, kind: str) -> Inbound:
    file = message[kind]
    what = Kind.VOICE if kind == "audio" and file.get("voice") else _MEDIA[kind]
    mime = str(file.get("mime_type") or "").partition(";")[0].strip()
    media = Media(NAME, str(file["id"]), what, mime=mime, size=int(file.get("file_size") or 0))
    return _with(base, kind=what, text=str(file.get("caption") or ""), media=media)


def _location(base: Inbound, message: Json, kind: str) -> Inbound:
    spot = message["location"]
    named = " ".join(str(spot[name]) for name in ("name", "address") if spot.get(name))
    if named:  # a place with a name says more about somebody than a pin
        return _with(base, kind=Kind.VENUE, text=named)
    return _with(base, kind=Kind.LOCATION, place=Place(float(spot["latitude"]), float(spot["longitude"])))


def _contacts(base: Inbound, message: Json, kind: str) -> Inbound:
    return _with(base, kind=Kind.CONTACT)


def _reaction(base: Inbound, message: Json, kind: str) -> Inbound:
    return _with(base, kind=Kind.REACTION, message_id=str(message["reaction"].get("message_id") or ""), callback_id="")


def _pressed(base: Inbound, message: Json, kind: str) -> Inbound:
    reply = message["interactive"]
    chosen = reply.get("button_reply") or reply.get("list_reply")
    if chosen is None:  # a form, a call permission: nothing that we ask for
        return _with(base, kind=Kind.UNKNOWN, text=" ".join(_words(reply)))
    return _with(base, kind=Kind.PRESS, data=str(chosen["id"]), message_id=base.quote_id)


def _template(base: Inbound, message: Json, kind: str) -> Inbound:
    """The quick reply of a template: its payload is ours, or else the words on the button."""
    payload = str(message["button"].get("payload") or "")
    data = payload if ":" in payload and " " not in payload else "window:open"
    return _with(base, kind=Kind.PRESS, data=data, message_id=base.quote_id)


def _edited(base: Inbound, message: Json, kind: str) -> Inbound:
    edit = message["edit"]
    fresh = edit.get("message") or {}
    of = fresh.get(str(fresh.get("type"))) or {}
    text = of.get("body") or of.get("caption") or ""
    if not isinstance(text, str) or not text:
        # New media without words: there is nothing that could be amended.
        return _with(base, kind=Kind.UNKNOWN, text=" ".join(_words(fresh)))
    return _with(base, kind=Kind.EDIT, text=text, message_id=str(edit["original_message_id"]))


def _revoked(base: Inbound, message: Json, kind: str) -> Inbound:
    return _with(base, kind=Kind.DELETED, message_id=str(message["revoke"]["original_message_id"]), callback_id="")


def _other(base: Inbound, message: Json, kind: str) -> Inbound:
    content = {k: v for k, v in message.items() if k not in ("context", "id", "from", "type", "errors", "unsupported")}
    return _with(base, kind=Kind.UNKNOWN, text=" ".join(_words(content)))


_READ: dict[str, Callable[[Inbound, Json, str], Inbound]] = {
    "text": _text,
    **dict.fromkeys(_MEDIA, _media),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _pressed,
    "button": _template,
    "edit": _edited,
    "revoke": _revoked,
}


def _system(id: str, message: Json, contacts: Sequence[Json]) -> Inbound:
    """Somebody has another number, and with it another id: the platform says both. Such a message has no contact."""
    system = message["system"]
    what = str(system.get("type") or "")
    user, old = str(message.get("from_user_id") or ""), str(message.get("from") or "")
    before = [name for name in (user, phone(old), old if is_id(old) else "") if name]
    after = [str(system.get("user_id") or ""), phone(system.get("wa_id") or system.get("new_wa_id"))]
    moved = tuple(name for name in after if name and name not in before)
    kind = Kind.MOVED if "changed" in what and "identity" not in what and before and moved else Kind.IGNORED
    return Inbound(
        NAME, id, before[0] if before else "", kind, _ms(message),
        linked=before[1] if len(before) > 1 else "", moved_to=moved,
    )  # fmt: skip


# --- statuses ---


def _status(status: Json, contacts: Sequence[Json]) -> Inbound:
    id, said = str(status["id"]), str(status["status"])
    state = _STATES.get(said)
    user, number = str(status.get("recipient_user_id") or ""), phone(status.get("recipient_id"))
    raw = str(status.get("recipient_id") or "")
    if not user and is_id(raw):
        user = raw
    if not user and not number and contacts:
        user, number = str(contacts[0].get("user_id") or ""), phone(contacts[0].get("wa_id"))
    who = user or number
    if state is None or not who or status.get("recipient_type") == "group":
        return Inbound(NAME, f"{id}:{said}", who, Kind.IGNORED, _ms(status))
    reason = _reason(status) if state == "failed" else ""
    return Inbound(
        NAME,
        status_id(id, state, reason),
        who,
        Kind.SEEN,
        _ms(status),
        message_id=id,
        status=Status(id, state, reason),  # type: ignore[arg-type]  # one of _STATES' values
        linked=number if user else "",
    )


def _reason(status: Json) -> str:
    errors = _list(status, "errors")
    code = errors[0].get("code") if errors and isinstance(errors[0], dict) else None
    return _REASONS.get(int(code), "other") if isinstance(code, int | str) and str(code).isdigit() else "other"


# --- parts ---


def _ms(item: Json) -> int:
    return int(item.get("timestamp") or 0) * 1000


def _with(base: Inbound, **changed: Any) -> Inbound:
    return replace(base, **changed)


def _words(value: Any, depth: int = 0) -> Iterator[str]:
    """C1: words are assessed wherever they stand, in content of a later API version too."""
    if isinstance(value, str):
        yield value
    elif depth < _DEEP:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in _NO_WORDS and not key.endswith("_id"):
                    yield from _words(inner, depth + 1)
        elif isinstance(value, list):
            for inner in value:
                yield from _words(inner, depth + 1)
