"""The player of transcripts itself: what it refuses, that it is the same every time, and that it sees differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.base import Choice, Kind, Media, Outgoing, Refused, Retry, Sent
from bot.channels.script import SAMPLES, Script
from bot.replay import StoryError, lines, play, read, replay, write

SHORT = """\
title: Short
people:
  Ana: {role: student}
story:
- Ana says: /bantuan
"""


async def test_the_same_story_is_the_same_every_time() -> None:
    once = write(await play(read(SHORT)))
    assert once == write(await play(read(once)))
    assert "Ana sees:" in once


def test_a_difference_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text(SHORT, encoding="utf-8")
    first = replay(file)
    assert "+  Ana sees:" in first.difference
    file.write_text(first.text, encoding="utf-8")
    assert replay(file).difference == ""
    file.write_text(first.text.replace("/darurat", "/daruratt"), encoding="utf-8")
    changed = replay(file).difference
    assert "-    /daruratt" in changed and "+    /darurat" in changed


def test_it_can_be_printed(tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text(SHORT, encoding="utf-8")
    printed = list(lines(replay(file).played))
    assert printed[0] == ("", "Ana says: /bantuan")
    assert printed[1][0] == "Ana sees" and "119 ext 8" in printed[1][1]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- a\n- b", "has a title, people and a story"),
        ("{", "no YAML"),
        (SHORT.replace("title", "titel"), "unknown at the top: titel"),
        (SHORT.replace("role: student", "role: bystander"), "a role is one of"),
        (SHORT.replace("role: student", "rolle: student"), "unknown: rolle"),
        (SHORT.replace("people:", "channels: [telegram]\npeople:"), "says under `because` why"),
        (SHORT.replace("- Ana says", "- Budi says"), "step 1: 'Budi' is nobody"),
        (SHORT.replace("- Ana says: /bantuan", "- note: nothing"), "nobody does anything"),
        (SHORT.replace("- Ana says: /bantuan", "- [x]"), "step 1: a step is"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, fault: str) -> None:
    with pytest.raises(StoryError) as error:
        read(text)
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        ("Ana dances: tango", "cannot do 'dances'"),
        ("Ana presses: Tidak ada", "sees no button 'Tidak ada'"),
        ("Ana says: {text: a, quoting: nowhere}", "sees no message with 'nowhere'"),
        ("Ana says: {text: a, louder: true}", "louder is not known here"),
        ("Ana sends: hologram", "'hologram' cannot be sent"),
        ("Ana shares: photo", "'photo' cannot be shared"),
        ("Ana edits: {from: never, to: said}", "sees no message"),
        ("wait: soon", "is no time"),
        ("admin: dances with Ana", "cannot do this"),
        ("admin: resolves the case of Ana", "has no case"),
        ("platform: hugs Ana", "a platform holds"),
        ("platform: holds Budi", "nobody of this story"),
    ],
)
async def test_what_nobody_can_do_is_refused(act: str, fault: str) -> None:
    with pytest.raises(StoryError) as error:
        await play(read(SHORT.replace("Ana says: /bantuan", act)))
    assert fault in str(error.value) and "step 1" in str(error.value)


async def test_a_script_behaves_as_a_chat_app_does() -> None:
    channel = Script("telegram")
    rows = ((Choice("Ya", "erase:yes"),),)
    sent = await channel.send("1", Outgoing("text", text="Yakin?", buttons=rows))
    assert isinstance(sent, Sent)
    assert await channel.send("1", Outgoing("edit", text="Benar?", external_id=sent.external_id)) == sent
    assert [bubble.text for bubble in channel.screen("1").bubbles] == ["Benar?"]
    assert isinstance(await channel.send("1", Outgoing("edit", text="x", external_id="other")), Refused)
    own = channel.wrote("1", "halo")
    assert isinstance(await channel.send("1", Outgoing("edit", text="x", external_id=own.id)), Refused)
    assert [(news.what, news.bubble.text) for news in channel.news] == [("new", "Yakin?"), ("changed", "Benar?")]
    channel.verdicts["1"] = Retry(1_000, "held", named=True)
    assert await channel.send("1", Outgoing("text", text="nanti")) == channel.verdicts["1"]
    assert channel.screen("1").bubbles[-1].text == "halo"


async def test_a_script_has_media_of_every_kind_that_is_relayed() -> None:
    from bot.media import clean

    channel = Script("telegram")
    for kind in SAMPLES:
        media = Media("telegram", "x", kind)
        assert clean(media, await channel.fetch(media)).data
    with pytest.raises(FileNotFoundError):
        await channel.fetch(Media("telegram", "x", Kind.CONTACT))
