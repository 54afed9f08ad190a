"""The lexicon as it is shipped, from which an edited one is compiled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from bot.rules.automaton import Automaton
from bot.rules.compile import compile_rules
from bot.rules.documents import Document, RulesError
from bot.rules.load import NET, read_documents, read_net
from bot.rules.overlay import SHIPPED, Overlay, lay_over
from flows.crisis.net import Net
from flows.crisis.screen import screen

PROBE = "aku ingin bunuh diri, I want to kill myself"
"""Whatever was edited: rules that do not hear this one are broken."""


class Rulebook:
    """The files' documents and net. Values; shared by all threads."""

    def __init__(self, documents: Sequence[Document], net: Net | None) -> None:
        self.documents = tuple(documents)
        self.net = net

    @classmethod
    def read(cls, locales_dir: Path) -> Rulebook:
        """Raises RulesError naming the file and the fault (C5)."""
        file = locales_dir / NET
        return cls(read_documents(locales_dir), read_net(file) if file.exists() else None)

    @cached_property
    def shipped(self) -> Automaton:
        """The files compiled, once. Raises RulesError."""
        return compile_rules(self.documents, self.net)

    def edited(self, overlay: Overlay) -> Automaton:
        """The files with what was edited, compiled. Takes about half a second of computing. Raises RulesError naming
        the entry at fault."""
        if overlay == SHIPPED:
            return self.shipped
        made = compile_rules(lay_over(self.documents, overlay), self.net)
        if screen(PROBE, self.shipped).crisis and not screen(PROBE, made).crisis:
            raise RulesError("the edited lexicon would not hear the plainest words of danger any more")
        return made
