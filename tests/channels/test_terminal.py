"""A conversation in a terminal."""

from __future__ import annotations

import pytest

from bot.channels.base import Channel, Choice, Forged, Kind, Media, Outgoing, Place, Refused, Sent, Unreadable
from bot.channels.terminal import Terminal

NOW = 1_795_000_000_000


@pytest.fixture
def shown() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def terminal(shown: list[tuple[str, str]]) -> Terminal:
    return Terminal(lambda address, text: shown.append((address, text)), lambda: NOW)


def test_it_is_a_channel(terminal: Terminal) -> None:
    channel: Channel = terminal
    assert channel.name == "terminal"


async def test_buttons_are_numbers_and_a_number_presses(terminal: Terminal, shown: list[tuple[str, str]]) -> None:
    rows = ((Choice("Ya", "consent:yes"),), (Choice("Tidak", "consent:no"),))
    sent = await terminal.send("ani", Outgoing("text", text="Boleh?", buttons=rows))
    assert isinstance(sent, Sent)
    assert shown == [("ani", "Boleh?\n  1. Ya\n  2. Tidak")]
    pressed = terminal.said("ani", " 2 ")
    assert (pressed.kind, pressed.data, pressed.message_id) == (Kind.PRESS, "consent:no", sent.external_id)
    await terminal.answer(pressed.callback_id, "Baik")
    assert shown[-1] == ("ani", "Baik")


@pytest.mark.parametrize("line", ["0", "3", "²", "satu", "1 2"])
async def test_every_other_line_is_text(terminal: Terminal, line: str) -> None:
    await terminal.send("ani", Outgoing("text", text="?", buttons=((Choice("a", "a:b"), Choice("b", "a:c")),)))
    said = terminal.said("ani", line)
    assert (said.kind, said.text, said.sender, said.sent_at) == (Kind.TEXT, line, "ani", NOW)
    assert terminal.said("budi", "1").kind is Kind.TEXT  # not their buttons


def test_lines_have_numbers_of_their_own_and_a_deep_link_its_payload(terminal: Terminal) -> None:
    first, second = terminal.said("ani", "/start kode"), terminal.said("ani", "/start")
    assert first.external_id != second.external_id
    assert (first.start, second.start) == ("kode", "")


async def test_what_a_terminal_cannot_show_is_named(terminal: Terminal, shown: list[tuple[str, str]]) -> None:
    await terminal.send("a", Outgoing("media", media=Media("web", "x", Kind.PHOTO), text="lihat", file_name="foto.jpg"))
    await terminal.send("a", Outgoing("place", place=Place(-7.5, 110.0)))
    assert [text for _, text in shown] == ["[foto.jpg] lihat", "[-7.50000, 110.00000]"]
    assert await terminal.send("a", Outgoing("edit", text="x", external_id="1")) == Refused("not_on_a_terminal")


async def test_nothing_comes_in_from_outside(terminal: Terminal) -> None:
    with pytest.raises(Forged):
        terminal.verify({}, b"")
    with pytest.raises(Unreadable):
        terminal.parse(b"halo")
    with pytest.raises(FileNotFoundError):
        await terminal.fetch(Media("terminal", "x", Kind.PHOTO))
