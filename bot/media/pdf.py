"""PDFs, written anew: only what their pages need, and nothing about who made them or when."""

from __future__ import annotations

import io
import logging
from typing import Any

from bot.media.base import Unclean
from bot.media.pictures import jpeg

OBJECTS = 100_000
"""A document of more parts is refused: no page that somebody photographed or wrote has them."""
_TELLING = (
    "/Metadata", "/PieceInfo", "/LastModified", "/AF", "/CreatorInfo", "/SpiderInfo", "/EmbeddedFiles", "/Legal",
    "/JavaScript", "/JS", "/OpenAction", "/AA", "/Collection", "/DSS", "/Perms", "/StructTreeRoot",
)  # fmt: skip
"""Properties, histories, attached files; what would run, and so could call home. The tree of a page's structure holds
ids and user properties, and no page shows it."""
_OF_NOTES = ("/T", "/M", "/CreationDate", "/NM", "/RC")
_OF_SIGNATURES = ("/Name", "/M", "/Location", "/Reason", "/ContactInfo", "/Contents", "/Cert", "/Prop_Build")


def pdf(data: bytes) -> bytes:
    """The same pages. Raises Unclean for one that cannot be read, or not without a password."""
    from pypdf import PdfReader, PdfWriter

    # Its warnings quote what they found (P3).
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Unclean("a document behind a password")
        made = PdfWriter(clone_from=reader)
        made.metadata = None
        if len(made._objects) > OBJECTS:
            raise Unclean("a document too large")
        reached = _swept(made._root_object, made._objects)
        made._objects[:] = [one if at in reached else None for at, one in enumerate(made._objects)]
        made._ID = None
        out = io.BytesIO()
        made.write(out)
    except Unclean:
        raise
    except Exception:  # whatever it stumbles over in bytes that somebody has sent
        raise Unclean("a document that cannot be read") from None
    return out.getvalue()


def _swept(root: Any, objects: list[Any]) -> set[int]:
    """Take away what tells, everywhere that a reader gets to from the root; the places of the objects it gets to."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

    reached: set[int] = {root.indirect_reference.idnum - 1}
    waiting = [root]
    while waiting:
        here = waiting.pop()
        if isinstance(here, DictionaryObject):
            _strip(here)
            if isinstance(here, StreamObject) and dict.get(here, "/Filter") in ("/DCTDecode", ["/DCTDecode"]):
                here._data = jpeg(bytes(here._data))
        for inner in dict.values(here) if isinstance(here, DictionaryObject) else list.__iter__(here):
            if isinstance(inner, IndirectObject):
                at = inner.idnum - 1
                if at in reached or not 0 <= at < len(objects):
                    continue
                reached.add(at)
                inner = objects[at]
            if isinstance(inner, ArrayObject | DictionaryObject):
                waiting.append(inner)
    return reached


def _strip(found: Any) -> None:
    gone = list(_TELLING)
    if found.get("/Type") == "/Sig" or "/ByteRange" in found:
        gone += _OF_SIGNATURES
    elif "/Subtype" in found and "/Rect" in found and found.get("/Subtype") != "/Widget":
        gone += _OF_NOTES
    for key in gone:
        dict.pop(found, key, None)
