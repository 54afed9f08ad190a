"""What a business sent, as it stands on somebody's phone; and whether the platform takes it at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError

Json = dict[str, Any]
MIB = 1024 * 1024
TYPES = ("text", "image", "audio", "video", "sticker", "document", "location", "interactive", "template", "reaction",
         "contacts")  # fmt: skip
TAKEN = {
    "image": ({"image/jpeg", "image/png"}, 5 * MIB),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16 * MIB),
    "video": ({"video/mp4", "video/3gpp"}, 16 * MIB),
    "sticker": ({"image/webp"}, 500 * 1024),
    "document": (None, 100 * MIB),
}


@dataclass(eq=False)
class Bubble:
    """A message on a phone. `buttons`: (title, id) of reply buttons or list rows, in order; `menu` opens a list.
    `at` in seconds of the server's clock."""

    id: str
    type: str
    text: str = ""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    menu: str = ""
    reply_to: str = ""
    content: bytes = b""
    file_name: str = ""
    mime: str = ""
    voice: bool = False
    place: tuple[float, float] | None = None
    template: str = ""
    language: str = ""
    at: float = 0.0
    status: str = "sent"
    wire: Json = field(default_factory=dict)

    @property
    def data(self) -> list[str]:
        """The ids of its choices."""
        return [id for _, id in self.buttons]


def _refuse(why: str) -> ApiError:
    return ApiError(131009, why)


def _text(value: Any, most: int, what: str, *, least: int = 1) -> str:
    if not isinstance(value, str) or len(value.strip()) < least:
        raise ApiError(131008, f"{what} is missing or empty")
    if len(value) > most:
        raise _refuse(f"{what}: at most {most} characters")
    return value


def bubble(id: str, request: Json, media: dict[str, tuple[bytes, str, str]]) -> Bubble:
    """The message of a request, checked as the platform does. Raises ApiError."""
    if request.get("messaging_product") != "whatsapp":
        raise ApiError(100, "messaging_product must be whatsapp")
    kind = request.get("type", "text")
    if kind not in TYPES:
        raise ApiError(131051, "unknown type")
    content = request.get(kind)
    if not isinstance(content, dict):
        raise ApiError(131008, f"{kind} is missing")
    made = Bubble(id, str(kind), reply_to=str((request.get("context") or {}).get("message_id") or ""), wire=request)
    if kind == "text":
        made.text = _text(content.get("body"), 4096, "text body")
    elif kind in TAKEN:
        _media(made, content, media)
    elif kind == "location":
        made.place = (float(content["latitude"]), float(content["longitude"]))
    elif kind == "interactive":
        _interactive(made, content)
    elif kind == "template":
        made.template = _text(content.get("name"), 512, "template name")
        made.language = _text((content.get("language") or {}).get("code"), 10, "template language")
    return made


def _media(made: Bubble, content: Json, media: dict[str, tuple[bytes, str, str]]) -> None:
    known = media.get(str(content.get("id")))
    if known is None:
        raise ApiError(131053, "there is no media with this id")
    made.content, made.mime, uploaded = known
    mimes, most = TAKEN[made.type]
    if (mimes is not None and made.mime not in mimes) or len(made.content) > most:
        raise ApiError(131053, f"{made.type}: {made.mime} of this size is not taken")
    caption = content.get("caption", "")
    if caption and made.type in ("audio", "sticker"):
        raise ApiError(100, f"{made.type} takes no caption")
    made.text = _text(caption, 1024, "caption", least=0)
    made.file_name = str(content.get("filename", "")) if made.type == "document" else uploaded
    made.voice = bool(content.get("voice"))


def _interactive(made: Bubble, content: Json) -> None:
    made.text = _text((content.get("body") or {}).get("text"), 1024, "body")
    action = content.get("action") or {}
    if content.get("type") == "button":
        buttons = [one["reply"] for one in action.get("buttons", [])]
        if not 1 <= len(buttons) <= 3:
            raise _refuse("1 to 3 reply buttons")
        made.buttons = [(_text(b["title"], 20, "title"), _text(b["id"], 256, "id")) for b in buttons]
        if len({title for title, _ in made.buttons}) != len(buttons):
            raise _refuse("titles of reply buttons must differ")
    elif content.get("type") == "list":
        made.menu = _text(action.get("button"), 20, "button")
        sections = action.get("sections") or []
        if len(sections) > 1 and not all(section.get("title") for section in sections):
            raise _refuse("several sections need titles")
        rows = [row for section in sections for row in section.get("rows", [])]
        if not 1 <= len(rows) <= 10:
            raise _refuse("1 to 10 rows")
        made.buttons = [(_text(r["title"], 24, "row title"), _text(r["id"], 200, "row id")) for r in rows]
        made.notes = [_text(r.get("description", ""), 72, "description", least=0) for r in rows]
    else:
        raise ApiError(131051, "interactive type")
    if len(set(made.data)) != len(made.buttons):
        raise _refuse("ids of choices must differ")
