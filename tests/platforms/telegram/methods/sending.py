"""sendMessage and all other methods that send one new message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..arguments import Call
from ..errors import bad_request
from ..files import UPLOAD_BYTES, File
from ..keyboards import read_markup
from ..world import World
from .posting import post, read_caption, read_text

Json = dict[str, Any]


def send_message(world: World, call: Call) -> Json:
    """sendMessage."""
    read_markup(call)
    return post(world, call, read_text(call)).snapshot()


def received_file(world: World, call: Call, kind: str, value: Any) -> File:
    """The file an argument means: an upload, an attachment, or a file_id of this server."""
    upload = call.upload(value) or call.files.get(kind)
    if upload is not None:
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > UPLOAD_BYTES:
            raise bad_request("file is too big")
        more: Json = {"title": call.text("title"), "performer": call.text("performer")} if kind == "audio" else {}
        if kind in ("voice", "audio", "video", "animation", "video_note"):
            more["duration"] = call.integer("duration")
        if kind == "sticker":
            more["emoji"] = call.text("emoji")
        return world.files.keep(kind, upload.content, upload.name, **more)
    if not value:
        raise bad_request(f"there is no {kind} in the request")
    if "://" in str(value):
        raise bad_request("failed to get HTTP URL content")  # this server reaches nothing outside
    file = world.files.by_id(str(value))
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind and kind != "document":
        raise bad_request(f"type of file mismatch: can't use file of type {file.kind} as {kind}")
    return file


def media_sender(kind: str) -> Callable[[World, Call], Json]:
    """sendPhoto, sendVoice, ...: one for each kind of file."""

    def send(world: World, call: Call) -> Json:
        world.reachable(call.chat_id())
        file = received_file(world, call, kind, call.params.get(kind))
        content = {**file.field(), **(read_caption(call) if kind not in ("sticker", "video_note") else {})}
        if call.flag("has_spoiler"):
            content["has_media_spoiler"] = True
        return post(world, call, content, bytes_=file.content, name=file.name).snapshot()

    return send


def send_location(world: World, call: Call) -> Json:
    """sendLocation."""
    return post(world, call, {"location": location(call)}).snapshot()


def location(call: Call) -> Json:
    """The `Location` object of a call; 400 without both coordinates."""
    latitude, longitude = call.number("latitude"), call.number("longitude")
    if latitude is None or longitude is None:
        raise bad_request("location is empty" if latitude is None else "longitude is empty")
    fields: Json = {"latitude": latitude, "longitude": longitude}
    if call.integer("live_period"):
        fields["live_period"] = call.integer("live_period")
    return fields


def send_venue(world: World, call: Call) -> Json:
    """sendVenue."""
    place = location(call)
    venue = {"location": place, "title": call.need("title"), "address": call.need("address")}
    return post(world, call, {"venue": venue, "location": place}).snapshot()


def send_contact(world: World, call: Call) -> Json:
    """sendContact."""
    contact = {"phone_number": call.need("phone_number"), "first_name": call.need("first_name")}
    if call.text("last_name"):
        contact["last_name"] = str(call.text("last_name"))
    return post(world, call, {"contact": contact}).snapshot()


def poll(number: int, question: str, options: list[str], *, anonymous: bool) -> Json:
    """A fresh `Poll` object."""
    return {
        "id": str(5_300_000_000_000_000_000 + number),
        "question": question,
        "options": [
            {"persistent_id": str(index), "text": text, "voter_count": 0} for index, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": anonymous,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }


def send_poll(world: World, call: Call) -> Json:
    """sendPoll."""
    options = [o["text"] if isinstance(o, dict) else str(o) for o in call.value("options") or []]
    if len(options) < 1:
        raise bad_request("poll must have at least 1 option")
    anonymous = "is_anonymous" not in call.params or call.flag("is_anonymous")
    content = poll(world.number(), call.need("question"), options, anonymous=anonymous)
    return post(world, call, {"poll": content}).snapshot()


def send_dice(world: World, call: Call) -> Json:
    """sendDice; the throw is always the same."""
    return post(world, call, {"dice": {"emoji": call.text("emoji") or "🎲", "value": 4}}).snapshot()


ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def send_chat_action(world: World, call: Call) -> bool:
    """sendChatAction; kept in the chat's `actions`."""
    chat = world.reachable(call.chat_id())
    action = call.need("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions.append(action)
    return True


METHODS = {
    "sendMessage": send_message,
    **{
        "send" + "".join(part.capitalize() for part in kind.split("_")): media_sender(kind)
        for kind in ("photo", "voice", "sticker", "document", "video", "audio", "animation", "video_note")
    },
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendPoll": send_poll,
    "sendDice": send_dice,
    "sendChatAction": send_chat_action,
}
