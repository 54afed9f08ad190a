"""A person with WhatsApp: writes, presses, sends, edits, takes back. Every act works in any event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .messages import Bubble
from .world import Json, Pending, World

if TYPE_CHECKING:
    from .api import CloudApi


class Person:
    """One account. `tells_phone` false: a person with a username, whose number the business never sees."""

    def __init__(self, api: CloudApi, phone: str, user_id: str, name: str, *, tells_phone: bool) -> None:
        self.api, self.phone, self.user_id, self.name = api, phone, user_id, name
        self.tells_phone = tells_phone
        self.inbox: list[Bubble] = []
        self.wrote_at = float("-inf")
        self.gone = False
        self.away = False  # messages are accepted, and no status says delivered

    @property
    def world(self) -> World:
        return self.api.world

    def contact(self, *, profile: bool = True) -> Json:
        """How webhooks name this person."""
        named: Json = {"profile": {"name": self.name}} if profile else {}
        if self.tells_phone:
            named["wa_id"] = self.phone
        if self.user_id:
            named["user_id"] = self.user_id
        return named

    # --- acts ---

    async def say(self, text: str, **more: Any) -> str:
        """Write a text; the message's id. `reply_to` quotes a message, `date` is the platform's date in seconds."""
        return self._send("text", {"body": text}, **more)

    async def press(self, data: str, *, on: Bubble | None = None, stale: bool = False) -> str:
        """Press the newest button or list row whose id begins with `data`."""
        bubble = on or next((b for b in reversed(self.inbox) if any(d.startswith(data) for d in b.data)), None)
        if bubble is None and not stale:
            raise AssertionError(f"{self.name} sees no button {data!r}")
        chosen = next(((t, d) for t, d in bubble.buttons if d.startswith(data)), None) if bubble else None
        title, id = chosen or ("?", data)
        kind = "list_reply" if bubble is not None and bubble.menu else "button_reply"
        content = {"type": kind, kind: {"id": id, "title": title}}
        return self._send("interactive", content, reply_to=bubble.id if bubble else "wamid.old")

    async def press_template(self, text: str = "Lanjut") -> str:
        """Press the quick reply of the newest template."""
        bubble = next(b for b in reversed(self.inbox) if b.template)
        return self._send("button", {"payload": text, "text": text}, reply_to=bubble.id)

    async def send_image(self, data: bytes, caption: str = "", mime: str = "image/jpeg", **more: Any) -> str:
        return self._file("image", data, mime, {"caption": caption} if caption else {}, **more)

    async def send_video(self, data: bytes, caption: str = "", **more: Any) -> str:
        return self._file("video", data, "video/mp4", {"caption": caption} if caption else {}, **more)

    async def send_voice(self, data: bytes, **more: Any) -> str:
        return self._file("audio", data, "audio/ogg; codecs=opus", {"voice": True}, **more)

    async def send_audio(self, data: bytes, mime: str = "audio/mpeg", **more: Any) -> str:
        return self._file("audio", data, mime, {"voice": False}, **more)

    async def send_sticker(self, data: bytes, **more: Any) -> str:
        return self._file("sticker", data, "image/webp", {"animated": False}, **more)

    async def send_document(self, name: str, data: bytes, mime: str = "application/pdf", caption: str = "") -> str:
        return self._file("document", data, mime, {"filename": name, **({"caption": caption} if caption else {})})

    async def send_location(self, latitude: float, longitude: float, name: str = "") -> str:
        spot: Json = {"latitude": latitude, "longitude": longitude}
        return self._send("location", spot | ({"name": name, "address": "Jl. Merdeka 1"} if name else {}))

    async def send_contact(self, name: str, phone: str) -> str:
        card = {"name": {"formatted_name": name, "first_name": name}, "phones": [{"phone": phone, "type": "CELL"}]}
        return self._send("contacts", [card])

    async def react(self, message_id: str, emoji: str = "❤️") -> str:
        return self._send("reaction", {"message_id": message_id, "emoji": emoji})

    async def edit(self, message_id: str, text: str) -> str:
        """Change an own text."""
        fresh = {"type": "text", "text": {"body": text}}
        return self._send("edit", {"original_message_id": message_id, "message": fresh})

    async def delete(self, message_id: str) -> str:
        """Take an own message back."""
        return self._send("revoke", {"original_message_id": message_id})

    async def unsupported(self, kind: str = "poll") -> str:
        """Something that the API does not carry."""
        error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown",
                 "error_data": {"details": "Message type is currently not supported."}}  # fmt: skip
        return self._send("unsupported", {"type": kind}, errors=[error])

    async def change_number(self, phone: str, user_id: str = "") -> str:
        """Move to another number, and with it to another id."""
        with self.world.change() as now:
            system = {"body": f"{self.name} changed", "wa_id": phone, "type": "user_changed_number"}
            if user_id:
                system["user_id"] = user_id
            item: Json = {
                "from": self.phone,
                "id": self.world.wamid(),
                "timestamp": str(int(now)),
                "type": "system",
                "system": system,
            }
            if self.user_id:
                item["from_user_id"] = self.user_id
            self.world.tell("messages", item, None)
            self.phone, self.user_id = phone, user_id or self.user_id
            return str(item["id"])

    async def read(self, bubble: Bubble | None = None) -> Pending:
        """Look at a message: its read status goes out."""
        with self.world.change():
            return self.world.status(self, bubble or self.inbox[-1], "read")

    def leave(self) -> None:
        """Leave WhatsApp: 131026 from now on."""
        with self.world.change():
            self.gone = True

    # --- reading ---

    @property
    def texts(self) -> list[str]:
        """What the bot wrote, captions included."""
        with self.world.lock:
            return [bubble.text for bubble in self.inbox]

    @property
    def templates(self) -> list[Bubble]:
        """The templates received."""
        with self.world.lock:
            return [bubble for bubble in self.inbox if bubble.template]

    async def wait_for(
        self, text: str = "", *, button: str = "", type: str = "", count: int = 1, timeout: float = 30
    ) -> Bubble:
        """The `count`-th message with this text in it, such a button, of this type; AssertionError otherwise."""

        def fits(bubble: Bubble) -> bool:
            pressed = not button or any(data.startswith(button) for data in bubble.data)
            return text in bubble.text and pressed and type in ("", bubble.type)

        def look() -> Bubble | None:
            found = [bubble for bubble in self.inbox if fits(bubble)]
            return found[count - 1] if len(found) >= count else None

        return await self._expect(look, f"{text or button or type!r}", timeout)

    async def _expect(self, look: Callable[[], Bubble | None], what: str, timeout: float) -> Bubble:
        found = await self.world.waking.until(look, timeout)
        if found is None:
            raise AssertionError(f"{self.name} got no {what} within {timeout} s, but {self.texts}")
        return found

    # --- inside ---

    def _file(self, kind: str, data: bytes, mime: str, content: Json, **more: Any) -> str:
        with self.world.lock:
            id = self.world.keep(data, mime)
        return self._send(kind, {"id": id, "mime_type": mime, "sha256": "x" * 43 + "=", **content}, **more)

    def _send(
        self,
        kind: str,
        content: Any,
        *,
        reply_to: str = "",
        date: float | None = None,
        forwarded: bool = False,
        **more: Any,
    ) -> str:
        with self.world.change() as now:
            when = now if date is None else date
            item: Json = {"id": self.world.wamid(), "timestamp": str(int(when)), "type": kind, kind: content, **more}
            if self.tells_phone:
                item["from"] = self.phone
            if self.user_id:
                item["from_user_id"] = self.user_id
            context: Json = {}
            if reply_to:
                context = {"from": "6281100000001", "id": reply_to}
            if forwarded:
                context["forwarded"] = True
            if context:
                item["context"] = context
            self.wrote_at = max(self.wrote_at, float(int(when)))
            self.world.tell("messages", item, self.contact())
            return str(item["id"])
