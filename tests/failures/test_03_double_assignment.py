"""Double or flapping assignment: fifty press at once and one wins; two first words are one conversation."""

import asyncio

from bot import duty, roster
from bot.channels.base import Inbound, Kind
from bot.roster_fields import Entry
from bot.store.db import Tx
from tests.failures.house import CERTIFIED, LONG, House, house, said


async def test_of_fifty_simultaneous_presses_one_wins_and_the_others_are_told(store_url: str) -> None:
    async with house(store_url, offer_breadth=50, offer_seconds=600) as home:
        helpers = [home.api.person(700 + n, f"Kak{n}", started=True) for n in range(50)]
        acting = home.app.acting("cli")

        def hire(tx: Tx) -> None:
            for helper in helpers:
                entry = Entry(role="supporter", name=f"Kak {helper.id}", telegram=str(helper.id),
                              certified_until=CERTIFIED)  # fmt: skip
                duty.put(tx, acting, roster.add(tx, acting, entry).id, True)

        await home.app.store.write(hire)
        ana = home.api.person(7_000_000_001, "Ana")
        await home.welcome(ana)
        await home.ask(ana)
        cards = [await helper.wait_for(button="offer:accept", timeout=LONG) for helper in helpers]
        answers = await asyncio.gather(
            *(helper.press(card, "offer:accept", timeout=LONG) for helper, card in zip(helpers, cards, strict=True))
        )
        await home.quiet()

        assert answers.count("Tersambung.") == 1
        assert answers.count("Yang ini sudah ditemani orang lain. Makasih sudah siap.") == 49
        assert sum("Kamu tersambung" in text for helper in helpers for text in said(helper)) == 1
        assert all(not card.data for card in cards), "every button is gone"
        assert await home.value("SELECT count(*) FROM chats") == 1
        assert await home.value("SELECT count(*) FROM offers WHERE state = 'accepted'") == 1
        assert [text for text in said(ana) if "konselor sebaya terlatih" in text] == said(ana)[-1:]


async def test_two_simultaneous_first_messages_are_one_conversation(home: House) -> None:
    ana = home.api.person(7_000_000_001, "Ana")
    home.api.hold()
    await ana.say("halo")
    await ana.say("ada orang?")
    home.api.release()
    await home.quiet()
    assert sum("aku Sebaya" in text for text in said(ana)) == 1
    assert await home.value("SELECT count(*) FROM people") == 1

    # As webhooks bring them: at the very same moment, to every process that there is.
    engines = [app.engine for app in (home.app, *home.others)]
    ids = [Inbound("telegram", f"u{n}", "7000000002", Kind.TEXT, 0, text="halo", message_id=str(n)) for n in range(20)]
    home.api.person(7_000_000_002, "Bayu", started=True)
    await asyncio.gather(*(engines[n % len(engines)].receive(one) for n, one in enumerate(ids)))
    await home.quiet()
    bayu = home.api.people[7_000_000_002]
    assert sum("aku Sebaya" in text for text in said(bayu)) == 1
    assert await home.value("SELECT count(*) FROM people") == 2
    assert await home.value("SELECT count(*) FROM messages WHERE person_id = 2") == 20
