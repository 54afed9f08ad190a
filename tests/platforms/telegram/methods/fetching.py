"""getFile: from a file_id to a path that can be downloaded."""

from __future__ import annotations

from typing import Any

from ..arguments import Call
from ..errors import bad_request
from ..files import DOWNLOAD_BYTES
from ..world import World


def get_file(world: World, call: Call) -> dict[str, Any]:
    """getFile: up to 20 MB."""
    file = world.files.by_id(call.text("file_id") or "")
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": call.text("file_id"),
        "file_unique_id": file.described["file_unique_id"],
        "file_size": len(file.content),
        "file_path": file.path,
    }


METHODS = {"getFile": get_file}
