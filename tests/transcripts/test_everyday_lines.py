"""What people of the calm transcripts say is not taken for danger: each false alarm would call a counselor at night."""

from __future__ import annotations

from pathlib import Path

from bot.replay import read
from bot.rules import load_rules
from bot.words import LOCALES
from flows.crisis.screen import screen

HERE = Path(__file__).parent
CALM = ("welcome", "intake", "waiting", "offers", "chat", "several", "silence", "gone", "odd", "staff")


def test_everyday_lines_are_not_taken_for_danger() -> None:
    matcher = load_rules(LOCALES)
    said = {
        str(act.value["text"] if isinstance(act.value, dict) else act.value)
        for kind in CALM
        for file in HERE.glob(f"{kind}/*.yaml")
        for step in read(file.read_text(encoding="utf-8")).steps
        for act in step.acts
        if act.verb == "says"
    }
    alarms = {text: found.hits for text in said if (found := screen(text, matcher)).crisis}
    assert len(said) > 80
    assert alarms == {}
