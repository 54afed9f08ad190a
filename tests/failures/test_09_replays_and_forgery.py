"""Replays, disorder, forgery: everything three times and out of order changes nothing, an unset secret refuses, every
kind of update is survived."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from admin_api.main import create_app
from tests.failures.house import LONG, House, house, said
from tests.platforms.telegram.samples import every_content, every_update

HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = "a-secret-of-this-test"


async def test_every_kind_of_update_is_survived(home: House) -> None:
    ana = home.api.person(7_000_000_001, "Ana", username="ana_asli")
    await home.welcome(ana)
    for kind, body in every_update(ana).items():
        home.api.push({kind: body})
    for content in every_content(ana).values():
        home.api.push({"message": content})
    await home.quiet()
    await ana.say("masih ada orang?")
    await ana.wait_for("Aku simpan dulu", timeout=LONG, again=True)
    await home.quiet()
    assert not home.api.waiting, "every update was confirmed"
    assert home.app.loops.running


async def test_everything_three_times_and_in_disorder_changes_nothing(home: House) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini")
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await ana.say("kak, pengen mati aja rasanya")
    await home.press(rini, "case:ack")
    await sari.say("aku di sini")
    await ana.wait_for("aku di sini")
    await ana.say("/selesai")
    await home.quiet()

    people = (ana, sari, rini)
    before = [said(person) for person in people]
    rows = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM chats), (SELECT count(*) FROM cases)"
    counts = await home.app.store.read(lambda tx: tuple(tx.one(rows) or ()))
    home.api.replay(times=3, shuffle=11)
    await home.quiet()
    assert [said(person) for person in people] == before
    assert await home.app.store.read(lambda tx: tuple(tx.one(rows) or ())) == counts


async def test_what_was_held_back_arrives_in_any_order_and_several_times(home: House) -> None:
    sari = await home.hire("supporter", 701, "Sari")
    ana = home.api.person(7_000_000_001, "Ana")
    await home.welcome(ana)
    await home.chat(ana, sari)
    await home.quiet()
    home.api.hold()
    for n in range(10):
        await ana.say(f"baris {n}")
    home.api.release(times=3, shuffle=5)
    await home.quiet()
    lines = sorted(text.partition(": ")[2] for text in said(sari) if "baris" in text)
    assert lines == [f"baris {n}" for n in range(10)], "each exactly once"


@asynccontextmanager
async def webhook(home: House) -> AsyncIterator[httpx.AsyncClient]:
    """The service's HTTP side, in this process."""
    app = create_app(home.app, with_pages=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


def update(number: int, text: str = "halo") -> bytes:
    person = {"id": 7_000_000_001, "is_bot": False, "first_name": "Ana", "language_code": "id"}
    chat = {"id": 7_000_000_001, "type": "private", "first_name": "Ana"}
    message = {"message_id": number, "from": person, "chat": chat, "date": 1_795_000_000, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET + "x", SECRET[:-1]])
async def test_a_forged_update_is_refused(store_url: str, given: str | None) -> None:
    async with house(store_url, telegram_webhook_secret=SECRET) as home, webhook(home) as client:
        home.api.person(7_000_000_001, "Ana", started=True)
        headers = {} if given is None else {HEADER: given}
        answer = await client.post("/webhooks/telegram", content=update(1), headers=headers)
        assert answer.status_code == 401
        assert await home.value("SELECT count(*) FROM people") == 0


async def test_an_unset_secret_refuses_everything(home: House) -> None:
    async with webhook(home) as client:
        for headers in ({}, {HEADER: ""}, {HEADER: "None"}):
            answer = await client.post("/webhooks/telegram", content=update(1), headers=headers)
            assert answer.status_code == 401
    assert await home.value("SELECT count(*) FROM people") == 0


async def test_the_right_secret_is_received_once_committed_and_a_repetition_means_nothing(store_url: str) -> None:
    async with house(store_url, telegram_webhook_secret=SECRET) as home, webhook(home) as client:
        ana = home.api.person(7_000_000_001, "Ana", started=True)
        for _ in range(3):
            answer = await client.post("/webhooks/telegram", content=update(1), headers={HEADER: SECRET})
            assert answer.status_code == 200
            assert await home.value("SELECT count(*) FROM messages") == 1
        await home.quiet()
        assert sum("aku Sebaya" in text for text in said(ana)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"update_id": "x"}', b'{"update_id": 9, "message": 3}', b"\xff"]
)
async def test_an_authentic_body_that_nobody_can_read_is_set_aside(store_url: str, body: bytes) -> None:
    async with house(store_url, telegram_webhook_secret=SECRET) as home, webhook(home) as client:
        answer = await client.post("/webhooks/telegram", content=body, headers={HEADER: SECRET})
        assert answer.status_code == 200
        assert await home.value("SELECT count(*) FROM aside") == 1
