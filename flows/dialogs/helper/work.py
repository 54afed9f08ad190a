"""The helper's work object: everything that the tables name."""

from __future__ import annotations

from flows.dialogs.helper.chats import Chats
from flows.dialogs.helper.duty import Duty
from flows.dialogs.helper.everywhere import Everywhere
from flows.dialogs.helper.lines import Lines

__all__ = ["DeskWork"]


class DeskWork(Lines, Duty, Chats, Everywhere):
    """One step of a helper's dialog. Each part stands in a file of its own."""
