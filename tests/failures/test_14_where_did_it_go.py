"""A message of which nobody knows what became. One number leads from the line that came in to every row it caused:
in the log, in the store, and an hour later on the ladder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot import traces
from bot.journal import FIELDS
from bot.refusals import Missing
from tests.failures.house import House


class Kept(logging.Handler):
    """What the journal says."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[tuple[str, dict[str, Any]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append((record.getMessage(), getattr(record, FIELDS)))

    def of(self, trace: int) -> list[str]:
        """The events of one inbound."""
        return [event for event, said in self.said if said["trace"] == trace]


@pytest.fixture
def journal() -> Iterator[Kept]:
    kept = Kept()
    log = logging.getLogger("bot.journal")
    level = log.level
    log.addHandler(kept)
    log.setLevel(logging.INFO)
    yield kept
    log.removeHandler(kept)
    log.setLevel(level)


async def test_one_number_leads_to_everything_that_a_line_caused(home: House, journal: Kept) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await ana.say("halo kak")
    await sari.wait_for("halo kak")
    await home.quiet()
    [cause] = await home.column("SELECT cause FROM outbox WHERE ref LIKE 'offer:%'")
    asked = await home.app.store.read(lambda tx: traces.follow(tx, str(cause)))
    assert asked.channel == "telegram", "the offer comes from the tap that asked for somebody"
    number = await home.value("SELECT inbox_id FROM messages WHERE fate = 'relayed' ORDER BY id DESC LIMIT 1")
    found = await home.app.store.read(lambda tx: traces.follow(tx, str(number)))
    assert (found.channel, found.kind, found.level, found.fate, found.aside) == (
        "telegram", "text", 0, "relayed", None,
    )  # fmt: skip
    [row] = found.outgoing
    assert (row.kind, row.cls, row.status, row.role, row.chat) == ("relay", "ordinary", "sent", "supporter", found.chat)
    assert row.sent_at is not None
    assert row.sent_at >= row.queued_at >= found.received_at
    assert journal.of(number) == ["handled", "sent"]

    # A crisis: the page carries the number of the line, and so does the ladder's next step, though a timer takes it.
    await ana.say("aku mau bunuh diri malam ini")
    await rini.wait_for(button="case:ack")
    await home.quiet()
    case = await home.value("SELECT id FROM cases")
    found = await home.app.store.read(lambda tx: traces.follow(tx, case))
    assert found.level == 3
    assert [(each.id, each.state) for each in found.cases] == [(case, "paging")]
    pages = [each for each in found.outgoing if each.role == "counselor"]
    assert [(page.cls, page.status, page.case) for page in pages] == [("crisis", "sent", case)]
    assert "case.climb" in [each.kind for each in found.waiting if each.what == "timer"]
    assert "page sent" in journal.of(found.id)
    await home.app.store.write(lambda tx: tx.run("UPDATE timers SET due_at = 1 WHERE kind = 'case'"))
    home.app.wake()
    await home.until("SELECT lap > 0 OR told_at IS NOT NULL FROM cases")
    await home.quiet()
    later = await home.app.store.read(lambda tx: traces.follow(tx, case))
    assert len(later.outgoing) > len(found.outgoing)
    assert {each.row for each in found.outgoing} < {each.row for each in later.outgoing}

    with pytest.raises(Missing):
        await home.app.store.read(lambda tx: traces.follow(tx, "999999999"))


async def test_what_another_dialog_does_because_of_it_carries_the_number_too(home: House, journal: Kept) -> None:
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await home.quiet()
    await sari.say("/selesai")
    await ana.wait_for(button="heavy:")
    await home.quiet()
    last = await home.value("SELECT MAX(id) FROM inbox")
    found = await home.app.store.read(lambda tx: traces.follow(tx, str(last)))
    assert {each.role for each in found.outgoing} == {"supporter", None}
    assert all(each.status == "sent" for each in found.outgoing)


async def test_what_was_set_aside_says_so(home: House, journal: Kept) -> None:
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.app.store.write(lambda tx: tx.run("ALTER TABLE messages RENAME TO messages_away"))
    await ana.say("baris yang hilang")
    await ana.wait_for("belum bisa kuproses")
    await home.app.store.write(lambda tx: tx.run("ALTER TABLE messages_away RENAME TO messages"))
    number = await home.value("SELECT inbox_id FROM aside")
    found = await home.app.store.read(lambda tx: traces.follow(tx, str(number)))
    assert (found.state, found.message) == ("aside", None)
    assert found.aside is not None
    assert found.aside.startswith("open: ")
    assert [each.kind for each in found.outgoing] == ["say"]
    assert journal.of(number)[0] == "set aside"
