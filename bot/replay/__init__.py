"""Transcripts: a conversation as a counselor could read it, played through the whole service in memory.

`replay(path)` plays a file and says what everybody saw, and whether that is what the file says. The clock stands until
the story moves it, ids count, and platforms are scripts: the same file always gives the same conversation.
"""

from __future__ import annotations

import asyncio
import copy
import difflib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.channels.script import News, Rows
from bot.replay.acts import perform
from bot.replay.stage import SECOND, Stage, stage
from bot.replay.story import HOOK, SEES, Story, StoryError, lines, read, write

__all__ = ["Replay", "Story", "StoryError", "lines", "play", "read", "replay", "write"]

FEW = 3
"""How many of the labels that went are named."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A story as it was told (`expected`) and as it went (`played`)."""

    expected: Story
    played: Story

    @property
    def text(self) -> str:
        """The file that says what happened."""
        return write(self.played)

    @property
    def difference(self) -> str:
        """What differs, as a unified diff; empty where all is as told."""
        told, went = write(self.expected).splitlines(), self.text.splitlines()
        return "\n".join(difflib.unified_diff(told, went, "as told", "as it went", lineterm=""))


def replay(path: Path) -> Replay:
    """Play a file. Raises StoryError for one that cannot be played, OSError for one that cannot be read."""
    expected = read(path.read_text(encoding="utf-8"))
    return Replay(expected, asyncio.run(play(expected)))


Opened = Callable[[Story, str], AbstractAsyncContextManager[Stage]]
"""Makes the stage of a story, on this store."""


async def play(story: Story, database: str = "sqlite://", on: Opened = stage) -> Story:
    """The story with what everybody saw this time, on a migrated store without people. Raises StoryError."""
    played = copy.deepcopy(story)
    async with on(played, database) as made:
        for act in played.before:
            made.clock.advance(SECOND)
            await perform(made, act)
            await made.settle()
        for number, step in enumerate(played.steps, start=1):
            made.news()
            toasts, hooks = len(made.toasts), len(made.hooks)
            made.clock.advance(SECOND)
            try:
                for act in step.acts:
                    await perform(made, act)
                    if step.quiet:
                        await made.settle()
                await made.settle()
            except StoryError as error:
                raise StoryError(f"step {number}: {error}") from None
            step.seen = {} if step.quiet else _seen(made, toasts, hooks)
    return played


def _seen(made: Stage, toasts: int, hooks: int) -> dict[str, list[Any]]:
    """What everybody saw since then, in the order of the people."""
    found: dict[str, list[Any]] = {f"{name}{SEES}": [] for name in made.story.actors}
    for name, text in made.toasts[toasts:]:
        found[f"{name}{SEES}"].append({"toast": text})
    for one in made.news():
        found[f"{made.name_of(one)}{SEES}"].append(_entry(made, one))
    told = []
    for name in made.hooks[hooks:]:
        level, category, lap = name.split(".")
        told.append({"level": level, "category": category, "lap": int(lap)})
    if told:
        found[HOOK] = told
    return {name: entries for name, entries in found.items() if entries}


def _entry(made: Stage, news: News) -> Any:
    bubble = news.bubble
    if news.what == "gone":
        labels = [choice.label for row in news.gone for choice in row]
        return {"buttons gone": ", ".join(labels[:FEW]) + (", …" if len(labels) > FEW else "")}
    shown = f"{bubble.text}\n{_buttons(bubble.buttons)}".strip() if bubble.buttons else bubble.text
    if news.what == "changed":
        return {"changed": shown}
    if bubble.kind == "text" and not bubble.quote_id:
        return shown
    entry: dict[str, Any] = {bubble.kind: shown}
    if bubble.file:
        entry["file"] = bubble.file
    if bubble.quote_id:
        quoted = made.channels[news.channel].screen(news.address).by_id(bubble.quote_id)
        entry = {"quoting": quoted.text if quoted else "?", **entry}
    return entry


def _buttons(rows: Rows) -> str:
    return "\n".join(" ".join(f"[{choice.label}]" for choice in row) for row in rows)
