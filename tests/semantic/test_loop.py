"""The second reading: what it raises, what it asks about, what it leaves alone, and that nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot import erasing, leases, people, retention
from bot.app import App
from bot.clock import SetClock
from bot.semantic import reading, verdicts
from bot.semantic.embedder import Worded
from bot.semantic.service import LEASE
from tests.semantic.conftest import DOUBTFUL, GRAVE, PLAIN, Talk

CASES = "SELECT level, category, source, state FROM cases"
REVIEWS = "SELECT state, decided_by FROM reviews ORDER BY message_id"


async def test_what_scores_high_opens_a_case_as_a_text_would(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    assert await talk.rows(CASES) == [], "the rules let it pass, and the message was answered without waiting"
    assert await talk.round() == 1
    assert await talk.rows(CASES) == [(2, "none", "semantic", "paging")]
    assert await talk.rows(REVIEWS) == [("opened", "system")]
    assert await talk.rows("SELECT rules, words_version FROM cases") == [('["semantic"]', "semantic-test")]
    sent = await talk.rows("SELECT cls, count(*) FROM outbox WHERE case_id IS NOT NULL GROUP BY cls")
    assert sent == [(0, 2)], "the answer to the student and the counselor's page, both ahead of ordinary messages"
    words = await app.store.read(lambda tx: tx.one("SELECT student, words FROM cases"))
    assert words is not None
    assert await app.store.read(lambda tx: tx.text(words[0], words[1], "cases.words")) == GRAVE


async def test_what_scores_between_is_shown_for_a_look(app: App, talk: Talk) -> None:
    await talk.say(DOUBTFUL)
    await talk.say(PLAIN)
    before = await talk.rows("SELECT count(*) FROM outbox")
    assert await talk.round() == 2
    assert await talk.rows(REVIEWS) == [("open", None)]
    assert await talk.rows(CASES) == []
    assert await talk.rows("SELECT count(*) FROM outbox") == before, "nobody is paged, and the student hears nothing"


async def test_each_text_is_looked_at_once(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    await talk.say(DOUBTFUL, "901")
    assert await talk.round() == 2
    assert await talk.round() == 0
    await app.store.write(lambda tx: reading.keep(tx, 0))  # a crash before the mark was kept
    assert await talk.round() == 2
    assert await talk.rows(CASES) == [(2, "none", "semantic", "paging")]
    assert len(await talk.rows(REVIEWS)) == 2
    assert app.semantic is not None and app.semantic.verdicts == {"raised": 1, "review": 1}


async def test_what_the_rules_found_is_not_asked_again(app: App, talk: Talk) -> None:
    await talk.say("aku mau bunuh diri malam ini, lilin padam")
    assert await talk.round() == 0
    assert [row[2] for row in await talk.rows(CASES)] == ["text"]


async def test_a_further_text_raises_no_second_case_and_is_not_shown_for_a_look(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    await talk.round()
    await talk.say(DOUBTFUL)
    await talk.say(f"{GRAVE} lagi")
    assert await talk.round() == 2
    assert len(await talk.rows(CASES)) == 1
    assert await talk.rows(REVIEWS) == [("opened", "system"), ("opened", "system")]


async def test_homework_is_shown_and_never_raised(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    await app.store.write(lambda tx: tx.run("UPDATE messages SET about = 'homework', level = 1"))
    await talk.round()
    assert await talk.rows(REVIEWS) == [("open", None)]
    assert await talk.rows(CASES) == []


async def test_a_category_that_the_rules_heard_stays(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    await app.store.write(lambda tx: tx.run("UPDATE messages SET category = 'self_harm', level = 1"))
    await talk.round()
    assert await talk.rows(CASES) == [(2, "self_harm", "semantic", "paging")]


async def test_staff_single_words_and_commands_are_left_alone(app: App, talk: Talk) -> None:
    await talk.say(GRAVE, "700")
    await talk.say("padam")
    await talk.say("/start")
    await talk.round()
    assert await talk.rows(CASES) == []
    assert app.semantic is not None and app.semantic.skipped["short"] == 2
    assert app.semantic.looked == 0


async def test_what_is_older_than_an_hour_is_skipped_and_counted(app: App, talk: Talk, clock: SetClock) -> None:
    for _ in range(3):
        await talk.say(GRAVE)
    clock.advance(reading.OLDEST + 1)
    await talk.say(DOUBTFUL)
    assert await talk.round() == 1
    assert app.semantic is not None and app.semantic.skipped["old"] == 3
    assert await talk.rows(CASES) == []
    assert await talk.rows(REVIEWS) == [("open", None)]


async def test_a_round_is_bounded_and_the_next_goes_on(app: App, talk: Talk) -> None:
    for number in range(reading.BATCH + 3):
        await talk.say(f"{PLAIN} {number}")
    assert [await talk.round() for _ in range(3)] == [reading.BATCH, 3, 0]


async def test_what_was_said_before_it_was_turned_on_is_left(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    await app.store.write(lambda tx: tx.run("DELETE FROM meta WHERE key = 'semantic'"))
    assert [await talk.round(), await talk.round()] == [0, 0]
    assert await talk.rows(CASES) == []


async def test_only_who_has_the_lease_reads(app: App, talk: Talk, clock: SetClock) -> None:
    clock.advance(leases.LEASE + 1)
    await app.store.write(lambda tx: leases.take(tx, LEASE, "another process", tx.moment(clock())))
    await talk.say(GRAVE)
    assert await talk.round() == 0
    clock.advance(leases.LEASE + 1)
    assert await talk.round() == 1, "a holder that gives no sign of life is overtaken"


async def test_a_text_that_cannot_be_read_stops_nothing(app: App, talk: Talk) -> None:
    class Choking(Worded):
        def embed(self, text: str) -> Sequence[float]:
            if "cekik" in text:
                raise RuntimeError("out of memory")
            return super().embed(text)

    assert app.semantic is not None
    app.semantic._embedder = Choking()
    await talk.say("cekik model ini")
    await talk.say(GRAVE)
    assert await talk.round() == 2
    assert app.semantic.skipped["failed"] == 1
    assert len(await talk.rows(CASES)) == 1


async def test_messages_go_on_while_a_text_is_being_read(app: App, talk: Talk) -> None:
    import threading

    reading_now, go_on = threading.Event(), threading.Event()

    class Slow(Worded):
        def embed(self, text: str) -> Sequence[float]:
            reading_now.set()
            assert go_on.wait(20)
            return super().embed(text)

    assert app.semantic is not None
    app.semantic._embedder = Slow()
    await talk.say(GRAVE)
    under_way = asyncio.create_task(talk.round())
    await asyncio.to_thread(reading_now.wait, 20)
    await talk.say("aku mau bunuh diri", "901")
    assert [row[2] for row in await talk.rows(CASES)] == ["text"], "answered and committed meanwhile"
    go_on.set()
    assert await under_way == 1


async def test_erased_meanwhile_is_nobodys(app: App, talk: Talk) -> None:
    await talk.say(GRAVE)
    row = (await talk.rows("SELECT id, person_id FROM messages"))[0]
    message, person = int(str(row[0])), int(str(row[1]))
    await app.store.write(lambda tx: tx.run("UPDATE messages SET body = NULL"))
    assert app.semantic is not None
    head = app.semantic.head
    verdict = await app.store.write(lambda tx: verdicts.judge(app.engine, tx, message, person, 1.0, head))
    assert verdict is verdicts.Verdict.nothing
    assert await talk.rows(CASES) == [] and await talk.rows(REVIEWS) == []


async def test_erasing_a_person_takes_their_reviews(app: App, talk: Talk, clock: SetClock) -> None:
    await talk.say(DOUBTFUL)
    await talk.say(DOUBTFUL, "901")
    await talk.round()
    first, second = [int(str(row[0])) for row in await talk.rows("SELECT person_id FROM reviews ORDER BY message_id")]
    await app.store.write(lambda tx: erasing.begin(app.engine.turn(tx, clock(), first), first))
    assert len(await talk.rows(REVIEWS)) == 1, "at once, like every word"
    await app.store.write(lambda tx: people.erase(tx, second, clock()))
    assert await talk.rows(REVIEWS) == []


async def test_retention_takes_old_reviews(app: App, talk: Talk, clock: SetClock) -> None:
    await talk.say(DOUBTFUL)
    await talk.round()
    clock.advance(366 * retention.DAY)
    assert (await app.retention.run("cli")).rows["reviews"] == 1
    assert await talk.rows(REVIEWS) == []


async def test_figures_say_what_was_done(app: App, talk: Talk) -> None:
    from prometheus_client.exposition import generate_latest

    await talk.say(GRAVE)
    await talk.say(DOUBTFUL, "901")
    await talk.round()
    text = generate_latest(await app.metrics()).decode()
    for line in (
        "sebaya_semantic_looked_total 2.0", 'sebaya_semantic_verdicts_total{verdict="raised"} 1.0',
        "sebaya_reviews_open 1.0", "sebaya_semantic_seconds_count 2.0",
    ):  # fmt: skip
        assert line in text
    assert "lilin" not in text


async def test_the_loop_runs_with_the_service_and_gives_its_lease_back(app: App, talk: Talk) -> None:
    await app.start()
    await talk.say(GRAVE)
    for _ in range(400):
        if await talk.rows(CASES):
            break
        await asyncio.sleep(0.02)
    assert len(await talk.rows(CASES)) == 1
    assert app.semantic is not None
    await app.semantic.stop()
    names: list[Any] = [row[0] for row in await talk.rows("SELECT name FROM leases")]
    assert LEASE not in names
