"""What could not be processed."""

from __future__ import annotations

from pydantic import Field

from admin_api.schemas.base import LevelWord, Moment, Output


class AsideEntry(Output):
    """A message that could not be processed and waits for somebody; its sender was told, with the numbers."""

    id: int = Field(description="Counts up.", examples=[7])
    channel: str = Field(description="Where it came from; internal: from Sebaya itself.", examples=["telegram"])
    reason: str = Field(description="The kind of error.", examples=["Busy"])
    level: LevelWord | None = Field(description="What it assesses as; null: it could not be assessed.")
    attempts: int = Field(description="How often it was tried.", examples=[3])
    created_at: Moment = Field(description="When it was set aside.")


class AsideContent(Output):
    """What is in it."""

    kind: str | None = Field(description="What kind of message; null for bytes that nobody could read.")
    text: str = Field(description="Its words, or the bytes as far as they are text.", examples=["..."])


class AsideOutcome(Output):
    """What became of it."""

    processed: bool = Field(description="False: it failed again and was set aside anew.", examples=[True])
