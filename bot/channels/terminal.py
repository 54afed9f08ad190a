"""A conversation in a terminal, for `sebaya chat`: lines in, lines out, buttons as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from bot.channels.base import (
    Abilities,
    Choice,
    Forged,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Refused,
    Result,
    Sent,
    Unreadable,
)

NAME = "terminal"
Show = Callable[[str, str], None]


class Terminal:
    """Every address is a person at this terminal. `show(address, text)` prints; `clock` gives ms since 1970."""

    name = NAME
    abilities = Abilities(text=10_000, caption=10_000, per_row=1, edits=False, removes_buttons=False, typing=False)

    def __init__(self, show: Show, clock: Callable[[], int]) -> None:
        self._show = show
        self._clock = clock
        self._numbers = count(1)
        self._choices: dict[str, tuple[Choice, ...]] = {}
        self._shown_as: dict[str, str] = {}

    def said(self, address: str, line: str) -> Inbound:
        """What a line typed by somebody means: the number of a choice shown last is a press, all else is text."""
        now = self._clock()
        number = f"{now}-{next(self._numbers)}"
        typed = line.strip()
        choices = self._choices.get(address, ())
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(choices):
            return Inbound(
                NAME,
                number,
                address,
                Kind.PRESS,
                now,
                message_id=self._shown_as.get(address, ""),
                data=choices[int(typed) - 1].data,
                callback_id=address,
            )
        start = typed.removeprefix("/start").strip() if typed.startswith("/start ") else ""
        return Inbound(NAME, number, address, Kind.TEXT, now, text=line, message_id=number, start=start)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Nobody reaches a terminal by HTTP."""
        raise Forged("the terminal takes no requests")

    def parse(self, body: bytes) -> Sequence[Inbound]:
        """Likewise."""
        raise Unreadable("the terminal takes no requests")

    async def send(self, address: str, out: Outgoing) -> Result:
        """Print it. What a terminal cannot show is named in brackets."""
        text = out.text
        if out.kind in ("media", "document"):
            text = f"[{out.file_name or (out.media.kind if out.media else 'file')}] {text}".rstrip()
        elif out.kind == "place" and out.place is not None:
            text = f"[{out.place.latitude:.5f}, {out.place.longitude:.5f}]"
        elif out.kind != "text":
            return Refused("not_on_a_terminal")
        number = f"out-{next(self._numbers)}"
        choices = tuple(choice for row in out.buttons for choice in row)
        if choices:
            self._choices[address] = choices
            self._shown_as[address] = number
        shown = [text, *(f"  {at}. {choice.label}" for at, choice in enumerate(choices, start=1))]
        self._show(address, "\n".join(shown))
        return Sent(number)

    async def fetch(self, media: Media) -> bytes:
        """A terminal sends no media."""
        raise FileNotFoundError("a terminal has no media")

    async def answer(self, callback_id: str, text: str) -> None:
        """Print the visible answer to a choice; its address stands for the tap."""
        if text:
            self._show(callback_id, text)
