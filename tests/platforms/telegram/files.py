"""Files kept by the server: uploaded by the bot or sent by a person, found by file_id or by download path."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Json = dict[str, Any]

# Public Bot API: getFile serves up to 20 MB, a bot uploads up to 50 MB.
DOWNLOAD_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024

# kind -> (download folder, extension, mime type, fields Telegram always gives)
KINDS: dict[str, tuple[str, str, str, Json]] = {
    "photo": ("photos", "jpg", "image/jpeg", {"width": 800, "height": 600}),
    "voice": ("voice", "oga", "audio/ogg", {"duration": 3}),
    "audio": ("music", "mp3", "audio/mpeg", {"duration": 3}),
    "video": ("videos", "mp4", "video/mp4", {"width": 640, "height": 360, "duration": 3}),
    "video_note": ("video_notes", "mp4", "video/mp4", {"length": 240, "duration": 3}),
    "animation": ("animations", "mp4", "video/mp4", {"width": 320, "height": 240, "duration": 2}),
    "sticker": (
        "stickers",
        "webp",
        "image/webp",
        {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
        },
    ),
    "document": ("documents", "bin", "application/octet-stream", {}),
}
NAMED = {"audio", "video", "animation", "document"}
WITHOUT_MIME = {"photo", "sticker", "video_note"}


@dataclass(frozen=True)
class File:
    """A stored file: bytes, where it downloads from, and the object that describes it in messages."""

    id: str
    kind: str
    path: str
    name: str | None
    content: bytes
    described: Json

    def field(self) -> Json:
        """The part of a message that carries it."""
        if self.kind == "photo":
            small = {**self.described, "width": 90, "height": 67}
            small["file_id"] = self.described["file_id"] + "s"
            small["file_unique_id"] = self.described["file_unique_id"] + "s"
            return {"photo": [small, dict(self.described)]}
        if self.kind == "animation":
            document = {k: v for k, v in self.described.items() if k not in ("width", "height", "duration")}
            return {"animation": dict(self.described), "document": document}
        return {self.kind: dict(self.described)}


class Files:
    """The file store of one server."""

    def __init__(self) -> None:
        self._by_id: dict[str, File] = {}
        self._by_path: dict[str, File] = {}

    def keep(self, kind: str, content: bytes, name: str | None = None, **more: Any) -> File:
        """Store bytes as one kind of file; `more` sets described fields (duration, emoji, title, ...)."""
        folder, extension, mime, fields = KINDS[kind]
        number = len(self._by_path)
        if name and "." in name:
            extension = name.rpartition(".")[2]
            mime = mimetypes.guess_type(name)[0] or mime
        unique = "Ag" + sha256(kind.encode() + content).hexdigest()[:14]
        described: Json = {
            "file_id": f"AgACAgUAAxkBAAI{number:06d}{unique}",
            "file_unique_id": unique,
            "file_size": len(content),
            **fields,
        }
        if kind not in WITHOUT_MIME:
            described["mime_type"] = mime
        if name and kind in NAMED:
            described["file_name"] = name
        described.update({key: value for key, value in more.items() if value is not None})
        path = f"{folder}/file_{number}.{extension}"
        file = File(described["file_id"], kind, path, name, content, described)
        self._by_id[file.id] = self._by_path[path] = file
        self._by_id[file.id + "s"] = file
        return file

    def by_id(self, file_id: str) -> File | None:
        """The file a file_id names, of this server only."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> File | None:
        """The file at a download path."""
        return self._by_path.get(path)
