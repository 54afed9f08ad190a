"""parse_mode: HTML, MarkdownV2 and Markdown into plain text and entities, refusing what Telegram refuses."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from .errors import bad_request
from .text import units

Json = dict[str, Any]

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
# Longest first, so that `__` is not read as two `_`.
_MARKS_2 = (("__", "underline"), ("||", "spoiler"), ("*", "bold"), ("_", "italic"), ("~", "strikethrough"))
_MARKS_1 = (("*", "bold"), ("_", "italic"))
# A "<" that opens no tag, which HTMLParser would let pass as text and Telegram refuses.
_STRAY = re.compile(r"<(?![A-Za-z/])(\S*)")
_RESERVED = set("_*[]()~`>#+-=|{}.!")


def parse(text: str, mode: str | None) -> tuple[str, list[Json]]:
    """Plain text and entities of a marked-up text; ApiError 400 where Telegram cannot parse it."""
    if not mode:
        return text, []
    name = mode.lower()
    if name == "html":
        reader = _Html()
        if stray := _STRAY.search(text):
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{stray.group(1)}"')
        reader.feed(text)
        reader.close()
        return reader.result()
    if name == "markdownv2":
        return _Markdown(text, _MARKS_2, strict=True).result()
    if name == "markdown":
        return _Markdown(text, _MARKS_1, strict=False).result()
    raise bad_request("unsupported parse_mode")


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._text = ""
        self._open: list[tuple[str, int, Json]] = []
        self._entities: list[Json] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _TAGS or (tag == "span" and given.get("class") != "tg-spoiler"):
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}"')
        more: Json = {}
        if tag == "blockquote" and "expandable" in given:
            more["type"] = "expandable_blockquote"
        if tag == "a":
            more["url"] = given.get("href") or ""
        if tag == "tg-emoji":
            more["custom_emoji_id"] = given.get("emoji-id") or ""
        self._open.append((tag, units(self._text), {"type": _TAGS[tag], **more}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad_request(f'can\'t parse entities: Unexpected end tag "{tag}"')
        _, offset, entity = self._open.pop()
        length = units(self._text) - offset
        if length:
            self._entities.append({**entity, "offset": offset, "length": length})

    def handle_data(self, data: str) -> None:
        self._text += data

    def result(self) -> tuple[str, list[Json]]:
        if self._open:
            tag = self._open[-1][0]
            raise bad_request(f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\"")
        return self._text, sorted(self._entities, key=lambda entity: entity["offset"])


class _Markdown:
    def __init__(self, source: str, marks: tuple[tuple[str, str], ...], *, strict: bool) -> None:
        self._source, self._marks, self._strict = source, marks, strict
        self._text = ""
        self._open: list[tuple[str, int]] = []
        self._entities: list[Json] = []
        self._at = 0
        while self._at < len(source):
            self._step()
        if self._open:
            raise bad_request("can't parse entities: Can't find end of the entity")

    def result(self) -> tuple[str, list[Json]]:
        return self._text, sorted(self._entities, key=lambda entity: entity["offset"])

    def _step(self) -> None:
        rest = self._source[self._at :]
        if rest[0] == "\\" and len(rest) > 1 and (rest[1] in _RESERVED or rest[1] == "\\"):
            self._take(rest[1], 2)
        elif rest.startswith("`"):
            self._code("```" if rest.startswith("```") else "`")
        elif rest.startswith("["):
            self._link()
        else:
            self._mark_or_character(rest)

    def _mark_or_character(self, rest: str) -> None:
        for mark, kind in self._marks:
            if not rest.startswith(mark):
                continue
            if self._open and self._open[-1][0] == mark:
                self._close(kind, self._open.pop()[1])
            else:
                self._open.append((mark, units(self._text)))
            self._at += len(mark)
            return
        if rest[0] == ">" and (not self._text or self._text.endswith("\n")):
            self._at += 1
            return
        if self._strict and rest[0] in _RESERVED:
            raise bad_request(
                f"can't parse entities: Character '{rest[0]}' is reserved and must be escaped with the preceding '\\'"
            )
        self._take(rest[0], 1)

    def _take(self, text: str, width: int) -> None:
        self._text += text
        self._at += width

    def _close(self, kind: str, offset: int, **more: str) -> None:
        length = units(self._text) - offset
        if length:
            self._entities.append({"type": kind, "offset": offset, "length": length, **more})

    def _code(self, fence: str) -> None:
        end = self._source.find(fence, self._at + len(fence))
        if end < 0:
            raise bad_request("can't parse entities: Can't find end of Code entity")
        offset = units(self._text)
        inner = self._source[self._at + len(fence) : end]
        self._take(inner, len(inner) + 2 * len(fence))
        self._close("pre" if fence == "```" else "code", offset)

    def _link(self) -> None:
        middle = self._source.find("](", self._at)
        end = self._source.find(")", middle)
        if middle < 0 or end < 0:
            if self._strict:
                raise bad_request("can't parse entities: Can't find end of a URL")
            self._take("[", 1)
            return
        offset = units(self._text)
        label = self._source[self._at + 1 : middle]
        url = self._source[middle + 2 : end]
        self._take(label, end + 1 - self._at)
        self._close("text_link", offset, url=url)
