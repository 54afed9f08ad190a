"""Sending one row: rendered, its media fetched and cleaned, part by part, until done or told otherwise."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bot.channels.base import Channel, Outgoing, Refused, Result, Retry, Sent
from bot.outbox.rows import CRISIS, Work
from bot.words import Words

log = logging.getLogger(__name__)

SEND_SECONDS = 25.0
"""How long one call may take; less than a lease, so that nobody else takes the lane meanwhile."""
MEDIA_SECONDS = 60.0
"""The same for fetching and uploading media, whose lane is kept by signs of life."""
OFF = 60_000
"""ms until an ordinary row is tried again whose channel is switched off in this deployment."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: `result` of its last part, and the platform's ids of all parts that left."""

    result: Result
    ids: tuple[str, ...] = ()
    buttons: bool = False


Progress = Callable[[Work, tuple[str, ...]], Awaitable[None]]


class Performer:
    """Sends by the channels of this deployment."""

    def __init__(self, channels: Mapping[str, Channel], words: Words, progress: Progress) -> None:
        self._channels = channels
        self._words = words
        self._progress = progress
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="media")

    def close(self) -> None:
        """Let the media thread go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def perform(self, work: Work) -> Outcome:
        """Send what is left of a row. Never raises for what a platform says or a channel gets wrong; raises StoreError
        where a part that left cannot be recorded."""
        channel = self._channels.get(work.channel)
        if channel is None:
            if work.row.cls == CRISIS:
                return Outcome(Refused("channel_off"), work.sent)  # so that the ladder climbs on at once
            return Outcome(Retry(OFF, "channel_off", named=True), work.sent)
        parts = self._parts(work, channel)
        if parts is None:
            return Outcome(Refused("unrenderable"), work.sent)
        outcome = await self._send_all(work, channel, parts)
        if parts and parts[0].kind == "edit" and _said_no(outcome):
            # What cannot be edited is said anew.
            anew = replace(work, edit_id="")
            outcome = await self._send_all(anew, channel, self._parts(anew, channel) or ())
        return outcome

    def _parts(self, work: Work, channel: Channel) -> tuple[Outgoing, ...] | None:
        from bot.render import Target, render

        owner = work.row.owner_id
        target = Target(
            language=work.language,
            abilities=channel.abilities,
            quote_id=work.quote_id,
            edit_id=work.edit_id,
            buttons=work.buttons,
            protect=owner is not None and owner != work.row.person_id,
        )
        try:
            return render(work.payload, self._words, target)
        except Exception as error:
            log.error("outbox: row %d cannot be rendered: %s", work.row.id, type(error).__name__)
            return None

    async def _send_all(self, work: Work, channel: Channel, parts: tuple[Outgoing, ...]) -> Outcome:
        ids = list(work.sent[: len(parts)])
        carried = any(part.buttons for part in parts)
        while len(ids) < len(parts):
            part = parts[len(ids)]
            result = await self._one(work, channel, part)
            if not isinstance(result, Sent):
                return Outcome(result, tuple(ids))
            ids.append(result.external_id)
            if len(ids) < len(parts):
                await self._progress(work, tuple(ids))
        return Outcome(Sent(ids[-1] if ids else ""), tuple(one for one in ids if one), carried)

    async def _one(self, work: Work, channel: Channel, part: Outgoing) -> Result:
        heavy = part.kind in ("media", "document")
        try:
            async with asyncio.timeout(MEDIA_SECONDS if heavy else SEND_SECONDS):
                if part.kind == "media" and not part.data:
                    ready = await self._with_data(part)
                    if not isinstance(ready, Outgoing):
                        return ready
                    part = ready
                return await channel.send(work.address, part)
        except TimeoutError:
            return Retry(reason="timeout")
        except Exception as error:
            log.error("outbox: row %d: the channel failed: %s", work.row.id, type(error).__name__)
            return Retry(reason=type(error).__name__)

    async def _with_data(self, part: Outgoing) -> Outgoing | Result:
        """The part with its bytes, cleaned of whatever tells who made them (P1)."""
        from bot.media import LARGEST_BYTES, Unclean, clean

        media = part.media
        source = self._channels.get(media.channel) if media is not None else None
        if media is None or source is None:
            return Refused("media_gone")
        if media.size > LARGEST_BYTES:
            return Refused("media_too_big")
        try:
            data = await source.fetch(media)
            bare = await asyncio.get_running_loop().run_in_executor(self._pool, clean, media, data)
        except FileNotFoundError:
            return Refused("media_gone")
        except Unclean as error:
            return Refused("media_too_big" if "large" in str(error) else "media_unclean")
        except OSError as error:
            return Refused("media_too_big") if error.errno == errno.EFBIG else Retry(reason="media")
        return replace(part, data=bare.data, file_name=bare.name, mime=bare.mime)


def _said_no(outcome: Outcome) -> bool:
    return isinstance(outcome.result, Refused) and not outcome.result.person
