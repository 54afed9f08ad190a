"""Office documents without properties and names of writers."""

from __future__ import annotations

import io
import re
import zipfile

from bot.media.base import UNPACKED_BYTES, Unclean, sniffed
from bot.media.pictures import picture

OPEN = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
"""OpenDocument files say what they are."""
_OFFICE = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}
_EMPTY_PROPERTIES = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
    "meta.xml": b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office='
    b'"urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"/>',
}
_WRITERS = re.compile(rb'\b(w:author|w:initials|w15:author|w15:userId|lastEdited|userId)="[^"]*"')


def office(data: bytes) -> tuple[str, bytes]:
    """Word, Excel, PowerPoint and OpenDocument without properties and names of writers. Another archive may hold
    anything: Unclean."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as given:
            names = set(given.namelist())
            kind = next((ending for part, ending in _OFFICE.items() if part in names), "")
            if not kind and "mimetype" in names:
                told = given.read("mimetype").decode("ascii", "replace").strip()
                kind = next((ending for ending, mime in OPEN.items() if mime == told), "")
            if not kind or sum(part.file_size for part in given.infolist()) > UNPACKED_BYTES:
                raise Unclean("an archive")
            return kind, _without_properties(given)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise Unclean("an archive that cannot be read") from None


def _without_properties(given: zipfile.ZipFile) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            content = given.read(part)
            if part.filename in _EMPTY_PROPERTIES:
                content = _EMPTY_PROPERTIES[part.filename]
            elif part.filename.endswith(".xml"):
                content = _WRITERS.sub(rb'\1=""', content)
            elif sniffed(content) in ("jpg", "png"):
                form, drawn = picture(sniffed(content), content)
                content = drawn if form == sniffed(content) else content
            # A new entry: no date, no comment, no extra field of the old one.
            fresh = zipfile.ZipInfo(part.filename)
            fresh.compress_type = part.compress_type if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(fresh, content)
    return out.getvalue()


def rtf(data: bytes) -> bytes:
    """Rich text without its info group (author, company, operator), and without those who revised it."""
    for group in (rb"{\info", rb"{\*\revtbl", rb"{\*\userprops", rb"{\*\xmlnstbl"):
        while (start := data.find(group)) >= 0:
            data = data[:start] + data[_closing(data, start) :]
    return data


def _closing(data: bytes, at: int) -> int:
    """Just behind the brace that closes the one at `at`."""
    depth = 0
    while at < len(data):
        char = data[at : at + 1]
        if char == b"\\":
            at += 1  # an escaped brace, or the first letter of a control word
        depth += (char == b"{") - (char == b"}")
        at += 1
        if not depth:
            return at
    raise Unclean("a document that cannot be read")
