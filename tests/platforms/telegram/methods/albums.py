"""sendMediaGroup: several photos, videos or documents shown as one album."""

from __future__ import annotations

from typing import Any

from ..arguments import Call
from ..errors import bad_request
from ..world import World
from .posting import post, read_caption
from .sending import received_file

Json = dict[str, Any]


def send_media_group(world: World, call: Call) -> list[Json]:
    """sendMediaGroup: 2-10 items, all or none."""
    items = call.value("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad_request("group send failed: an album has 2-10 items")
    world.reachable(call.chat_id())
    group = str(13_000_000_000_000_000 + world.number())
    parts = []
    for item in items:
        if item.get("type") not in ("photo", "video", "document", "audio"):
            raise bad_request("can't parse InputMedia: unsupported type")
        file = received_file(world, call, item["type"], item.get("media"))
        parts.append((file, {**file.field(), **read_caption(Call(call.method, item))}))
    return [
        post(world, call, content, bytes_=file.content, name=file.name, group=group).snapshot()
        for file, content in parts
    ]


METHODS = {"sendMediaGroup": send_media_group}
