"""A transcript told on a real channel, and what differs from the file, the channel's abilities allowed for."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import cache

from bot.channels.base import Abilities
from bot.channels.telegram import Telegram
from bot.channels.web import WebChannel
from bot.channels.whatsapp import WhatsApp
from bot.replay import play, read, write
from bot.replay.stage import Stage
from bot.replay.story import Story
from bot.words import LOCALES, Words
from tests.channels.stories.rules import Rules, plain
from tests.channels.stories.telegram import telegram
from tests.channels.stories.web import web
from tests.channels.stories.whatsapp import whatsapp

ON: dict[str, Callable[[Story, str], AbstractAsyncContextManager[Stage]]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "web": web,
}
ABLE: dict[str, Abilities] = {
    "telegram": Telegram.abilities,
    "whatsapp": WhatsApp.abilities,
    "web": WebChannel.abilities,
}


class Elsewhere(Exception):
    """The story does not happen on this channel; says why."""


async def difference(file: str, channel: str) -> str:
    """What differs from `file`, the text of a transcript; empty where it goes as told. Raises Elsewhere."""
    told = read(file)
    if told.channels and channel not in told.channels:
        raise Elsewhere(str(told.written["because"]))
    went = await play(told, on=ON[channel])
    rules = Rules(ABLE[channel], _words())
    people = {actor.name: actor.language for actor in went.actors.values() if actor.channel == channel}
    went.written = told.written  # what the channel needed is no difference
    for step in told.steps:
        rules.apply(step, people)
    for step in (*told.steps, *went.steps):
        step.seen = {who: [plain(entry) for entry in entries] for who, entries in step.seen.items() if entries}
    lines = write(told).splitlines(), write(went).splitlines()
    return "\n".join(difflib.unified_diff(*lines, "as told", f"on {channel}", lineterm=""))


@cache
def _words() -> Words:
    return Words(LOCALES)
