"""What else a person sends: photos, voice, stickers, files, places, contacts, polls, forwards, albums."""

from __future__ import annotations

import datetime
from typing import Any

from .group import Group
from .messages import Message
from .methods.copying import origin
from .methods.posting import content_of
from .methods.sending import poll
from .reading import Reader
from .text import found_entities

Json = dict[str, Any]


class Sharing(Reader):
    """Everything but text; `more` adds fields to the message (e.g. `media_group_id`, `has_media_spoiler`)."""

    async def send(self, content: Json, **place: Any) -> Message:
        """Send any content in wire form, e.g. `{"dice": {"emoji": "🎲", "value": 3}}`."""
        return self._send(content, **place)

    async def send_photo(self, content: bytes = b"photo", caption: str | None = None, **place: Any) -> Message:
        """Send a photo."""
        return self._send_file("photo", content, None, caption, place)

    async def send_voice(self, content: bytes = b"voice", duration: int = 3, **place: Any) -> Message:
        """Send a voice note of `duration` seconds."""
        return self._send_file("voice", content, None, None, place, duration=duration)

    async def send_sticker(self, content: bytes = b"sticker", emoji: str = "🙂", **place: Any) -> Message:
        """Send a sticker of a set."""
        return self._send_file("sticker", content, None, None, place, emoji=emoji, set_name="teman_sebaya")

    async def send_document(
        self, name: str, content: bytes = b"document", caption: str | None = None, **place: Any
    ) -> Message:
        """Send a file under a name."""
        return self._send_file("document", content, name, caption, place)

    async def send_video(
        self, content: bytes = b"video", caption: str | None = None, name: str | None = None, **place: Any
    ) -> Message:
        """Send a video."""
        return self._send_file("video", content, name, caption, place)

    async def send_audio(
        self,
        name: str,
        content: bytes = b"audio",
        *,
        title: str | None = None,
        performer: str | None = None,
        caption: str | None = None,
        **place: Any,
    ) -> Message:
        """Send a piece of music with its tags."""
        return self._send_file("audio", content, name, caption, place, title=title, performer=performer)

    async def send_animation(self, content: bytes = b"animation", name: str | None = None, **place: Any) -> Message:
        """Send a GIF."""
        return self._send_file("animation", content, name, None, place)

    async def send_video_note(self, content: bytes = b"note", **place: Any) -> Message:
        """Send a round video."""
        return self._send_file("video_note", content, None, None, place)

    async def send_location(
        self, latitude: float = -7.77, longitude: float = 110.38, live_period: int | None = None, **place: Any
    ) -> Message:
        """Send a place, live for `live_period` seconds if given."""
        fields: Json = {"latitude": latitude, "longitude": longitude}
        if live_period:
            fields["live_period"] = live_period
        return self._send({"location": fields}, **place)

    async def move(self, message: Message, latitude: float, longitude: float) -> Message:
        """Move a live location: an edited_message."""
        world = self.api.world
        with world.change() as now:
            moved = {**message.wire["location"], "latitude": latitude, "longitude": longitude}
            message.replace({**message.wire, "location": moved, "edit_date": int(now)})
            world.happened("edited_message", message.snapshot())
        return message

    async def send_contact(
        self,
        phone_number: str = "+6281200000000",
        first_name: str = "Teman",
        user_id: int | None = None,
        **place: Any,
    ) -> Message:
        """Send a contact card."""
        contact: Json = {"phone_number": phone_number, "first_name": first_name}
        if user_id is not None:
            contact["user_id"] = user_id
        return self._send({"contact": contact}, **place)

    async def send_venue(self, title: str = "Kampus", address: str = "Jalan Contoh 1", **place: Any) -> Message:
        """Send a named place."""
        spot = {"latitude": -7.77, "longitude": 110.38}
        venue = {"location": spot, "title": title, "address": address}
        return self._send({"venue": venue, "location": spot}, **place)

    async def send_poll(
        self, question: str = "Kapan?", options: tuple[str, ...] = ("Hari ini", "Besok"), **place: Any
    ) -> Message:
        """Send a poll."""
        return self._send({"poll": poll(self.api.world.number(), question, list(options), anonymous=True)}, **place)

    async def forward(self, message: Message | str, *, hidden: str | None = None, **place: Any) -> Message:
        """Forward a message, or a text of somebody unknown here; `hidden` is the name of a hidden author."""
        now = int(self.api.clock.now())
        if isinstance(message, str):
            stranger = {"id": 5_999_999_999, "is_bot": False, "first_name": "Orang", "username": "orang_lain"}
            content: Json = {"text": message}
            source: Json = {"type": "user", "sender_user": stranger, "date": now}
            if entities := found_entities(message):
                content["entities"] = entities
        else:
            if message.protected:
                raise AssertionError("a protected message cannot be forwarded")
            content, source = content_of(message), origin(message)
        if hidden is not None:
            source = {"type": "hidden_user", "sender_user_name": hidden, "date": now}
        return self._send({**content, "forward_origin": source}, **place)

    async def send_album(self, photos: list[bytes], caption: str | None = None, **place: Any) -> list[Message]:
        """Send several photos as one album; the caption stands under the first."""
        group = str(13_000_000_000_000_000 + self.api.world.number())
        return [
            self._send_file("photo", content, None, caption if index == 0 else None, {**place, "media_group_id": group})
            for index, content in enumerate(photos)
        ]

    def _send_file(
        self, kind: str, content: bytes, name: str | None, caption: str | None, place: Json, **described: Any
    ) -> Message:
        with self.api.world.lock:
            file = self.api.world.files.keep(kind, content, name, **described)
        fields = file.field()
        if caption is not None:
            fields["caption"] = caption
            if entities := found_entities(caption):
                fields["caption_entities"] = entities
        return self._send(fields, bytes_=content, name=name, **place)

    def _send(
        self,
        content: Json,
        *,
        reply_to: Message | int | None = None,
        thread: int | None = None,
        date: int | datetime.datetime | None = None,
        in_group: Group | None = None,
        bytes_: bytes | None = None,
        name: str | None = None,
        **more: Any,
    ) -> Message:
        world = self.api.world
        with world.change():
            chat = in_group.chat if in_group is not None else self.chat
            self._may_write(chat, content)
            quoted = chat.messages[reply_to] if isinstance(reply_to, int) else reply_to
            seconds = int(date.timestamp()) if isinstance(date, datetime.datetime) else date
            message = world.write(
                chat,
                self.user,
                content,
                reply_to=quoted,
                thread=thread,
                date=seconds,
                bytes_=bytes_,
                name=name,
                **more,
            )
            if chat.bot_status in ("member", "administrator"):
                world.happened("message", message.snapshot())
            return message

    def _may_write(self, chat: Any, content: Json) -> None:
        if chat is not self.chat:
            return
        if self.user.deactivated:
            raise AssertionError("a deleted account writes nothing")
        if self.user.blocked:
            # The app's "restart" unblocks and sends /start; nothing else can be written to a blocked bot.
            if not str(content.get("text", "")).startswith("/start"):
                raise AssertionError(f"{self.user.first_name} has blocked the bot: unblock() or start() first")
            self.user.blocked = False
            self.api.world.membership(self.chat, self.user, self.api.world.bot, "kicked", "member")
        self.user.started = True
