"""The loopback Bot API as a script sees it: reading, waiting, scanning, limits, control by curl, synchronous use."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.platforms.telegram import BotApi, Clock, Limits, Person

pytestmark = pytest.mark.anyio

KEYBOARD = {"inline_keyboard": [[{"text": "Ya", "callback_data": "consent:yes"}, {"text": "Web", "url": "http://x"}]]}


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def budi(api: BotApi) -> Person:
    return api.person(2**52 - 1, "Budi", started=True)


@pytest.fixture
async def client(api: BotApi) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{api.url}/bot{api.token}/") as client:
        yield client


async def send(client: httpx.AsyncClient, person: Person, text: str, **more: Any) -> Any:
    answer = await client.post("sendMessage", json={"chat_id": person.id, "text": text, **more})
    return answer.json()


async def test_json_form_multipart_and_query_mean_the_same(client: httpx.AsyncClient, budi: Person) -> None:
    params: dict[str, Any] = {"chat_id": budi.id, "text": "halo é 😀", "reply_markup": json.dumps(KEYBOARD)}
    files = {"unused": ("a.bin", b"x")}
    answers = [
        await client.post("sendMessage", json={**params, "reply_markup": KEYBOARD}),
        await client.post("sendMessage", json=params),
        await client.post("sendMessage", data=params),
        await client.post("sendMessage", data=params, files=files),
        await client.get("SENDMESSAGE", params=params),
    ]
    assert [answer.json()["ok"] for answer in answers] == [True] * 5
    assert {(m.text, tuple(m.data)) for m in budi.inbox} == {("halo é 😀", ("consent:yes", ""))}
    assert [button.label for button in budi.inbox[0].buttons[0]] == ["Ya", "Web"]
    assert len({message.id for message in budi.inbox}) == 5


async def test_refusals_of_the_door(api: BotApi, client: httpx.AsyncClient) -> None:
    unknown = await client.post("nosuch")
    assert (unknown.status_code, unknown.json()["description"]) == (404, "Not Found: method not found")
    assert (await client.get(f"{api.url}/bot1:x/getMe")).status_code == 401
    assert (await client.get(f"{api.url}/file/bot1:x/photos/file_0.jpg")).status_code == 401
    assert (await client.get(f"{api.url}/file/bot{api.token}/photos/file_0.jpg")).status_code == 404
    assert (await client.get(f"{api.url}/elsewhere")).status_code == 404
    for broken in (b"{", b"[]"):
        answer = await client.post("sendMessage", content=broken, headers={"content-type": "application/json"})
        assert answer.status_code == 400
    empty = await client.post("sendChatAction", json={"action": "typing"})
    assert empty.json()["description"] == "Bad Request: chat_id is empty"


async def test_waiting_returns_each_message_once(client: httpx.AsyncClient, budi: Person) -> None:
    await send(client, budi, "halo satu")
    second = await send(client, budi, "halo dua", reply_markup=KEYBOARD)
    assert (await budi.wait_for("halo")).text == "halo satu"
    assert (await budi.wait_for("halo")).text == "halo dua"
    with pytest.raises(AssertionError, match=r"(?s)waited.*halo satu.*halo dua"):
        await budi.wait_for("halo", timeout=0.01)
    assert (await budi.wait_for("halo", again=True)).text == "halo dua"
    waiting = asyncio.create_task(budi.wait_for(button="consent:", timeout=5))
    await asyncio.sleep(0)
    params = {"chat_id": budi.id, "message_id": second["result"]["message_id"], "text": "diubah"}
    await client.post("editMessageText", json={**params, "reply_markup": KEYBOARD})
    assert (await waiting).history == ["halo dua", "diubah"]
    await client.post("deleteMessage", json=params)
    await budi.wait_until(lambda inbox: inbox[1].deleted)
    assert budi.texts == ["halo satu"]
    assert [message.text for message in budi.screen] == ["halo satu"]


async def test_buttons_that_are_gone_cannot_be_pressed_unless_stale(
    api: BotApi, client: httpx.AsyncClient, budi: Person
) -> None:
    await send(client, budi, "Setuju?", reply_markup=KEYBOARD)
    message = budi.inbox[0]
    await client.post("editMessageReplyMarkup", json={"chat_id": budi.id, "message_id": message.id})
    with pytest.raises(AssertionError, match="sees no button"):
        await budi.press("consent:yes")
    assert await budi.press(message, "consent:yes", stale=True, timeout=0.01) is None
    assert api.updates[-1]["callback_query"]["data"] == "consent:yes"
    assert [callback.answered_at for callback in api.callbacks] == [None]


async def test_the_scan_sees_through_every_encoding(api: BotApi, client: httpx.AsyncClient, budi: Person) -> None:
    siti = api.person(started=True)
    await client.post("sendMessage", data={"chat_id": budi.id, "text": "nama: Ānanda & co"})
    await send(client, budi, "x", reply_markup={"inline_keyboard": [[{"text": "é", "callback_data": "rahasia"}]]})
    document = {"document": ("Surat Ānanda.pdf", b"isi berkas")}
    await client.post("sendDocument", data={"chat_id": siti.id}, files=document)
    scanned = api.outgoing_bytes()
    for secret in ("nama: Ānanda & co", "rahasia", "Surat Ānanda.pdf", "isi berkas", "é"):
        assert secret.encode() in scanned
    assert b"isi berkas" not in api.outgoing_bytes(to=budi.id)
    assert b"isi berkas" in api.outgoing_bytes(to=siti.id)
    assert api.token.encode() not in scanned
    assert [request.chat_id for request in api.requests] == [budi.id, budi.id, siti.id]
    assert len(api.calls("sendMessage", siti.id)) == 0


async def test_limits_like_telegrams(budi: Person) -> None:
    clock = Clock(lambda: 1_800_000_000.0)
    async with BotApi(clock=clock, limits=Limits(chat_burst=3)) as api:
        url = f"{api.url}/bot{api.token}/sendMessage"
        dewi = api.person(started=True)
        group = api.group()
        async with httpx.AsyncClient() as client:

            async def statuses(chat_id: int, count: int) -> list[int]:
                body = {"chat_id": chat_id, "text": "x"}
                return [(await client.post(url, json=body)).status_code for _ in range(count)]

            assert await statuses(dewi.id, 5) == [200, 200, 200, 429, 429]
            refused = await client.post(url, json={"chat_id": dewi.id, "text": "x"})
            assert refused.json()["parameters"] == {"retry_after": 1}
            api.advance(2)
            assert await statuses(dewi.id, 3) == [200, 200, 429]
            assert await statuses(group.id, 21) == [200] * 20 + [429]
            api.advance(60)
            people = [api.person(started=True) for _ in range(31)]
            assert [await statuses(p.id, 1) for p in people] == [[200]] * 30 + [[429]]


async def test_time_of_the_platform(api: BotApi, budi: Person) -> None:
    before = (await budi.say("kini")).date
    api.advance(7200)
    assert 7200 <= (await budi.say("nanti")).date - before < 7260


async def test_faults_strike_where_they_are_told_to(api: BotApi, client: httpx.AsyncClient, budi: Person) -> None:
    siti = api.person(started=True)
    fault = api.faults.add("500", method="sendMessage", chat_id=siti.id, times=2, skip=1)
    oks = [(await send(client, siti, "x"))["ok"] for _ in range(5)]
    assert (oks, fault.hits) == ([True, False, False, True, True], 2)
    forever = api.faults.add(kind="400", times=None, description="chat not found")
    assert [(await send(client, budi, "x"))["ok"] for _ in range(3)] == [False] * 3
    api.faults.remove(forever)
    assert (await send(client, budi, "x"))["ok"]
    with pytest.raises(ValueError, match="kind is one of"):
        api.faults.add("explode")
    api.faults.add("502", method="download")
    message = await budi.send_photo(b"foto")
    path = (await client.post("getFile", json={"file_id": message.wire["photo"][0]["file_id"]})).json()
    url = f"{api.url}/file/bot{api.token}/{path['result']['file_path']}"
    assert [(await client.get(url)).status_code for _ in range(2)] == [502, 200]


async def test_idleness_waits_for_slow_answers(api: BotApi, client: httpx.AsyncClient, budi: Person) -> None:
    api.faults.add("slow", delay=0.1, accepted=False)
    sending = asyncio.create_task(send(client, budi, "pelan"))
    await api.wait_call("sendMessage")
    await api.wait_idle(quiet=0.01)
    assert budi.texts == ["pelan"]
    await sending
    await budi.say("belum dijemput")
    with pytest.raises(AssertionError, match="1 updates unconfirmed"):
        await api.wait_idle(timeout=0.02)


def test_synchronous_use() -> None:
    with BotApi() as api:
        budi = api.person(started=True)
        sent = api.run(budi.say("halo"))
        answer = httpx.post(f"{api.url}/bot{api.token}/sendMessage", json={"chat_id": budi.id, "text": "hai"})
        assert answer.json()["ok"]
        assert api.run(budi.wait_for("hai")).text == "hai"
        assert api.updates[0]["message"]["message_id"] == sent.id
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{api.url}/bot{api.token}/getMe")


def test_driven_by_hand_from_another_process() -> None:
    command = [sys.executable, "-m", "tests.platforms.telegram", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip().partition("=")[2]
        token = process.stdout.readline().strip().partition("=")[2]
        with httpx.Client(base_url=url) as client:

            def control(path: str, **body: Any) -> Any:
                return client.post(f"/_control/{path}", json=body).json()

            said = control("say", person=7_000_000_001, text="halo", first_name="Budi")
            assert said["result"]["from"]["first_name"] == "Budi"
            body = {"chat_id": 7_000_000_001, "text": "Setuju?", "reply_markup": KEYBOARD}
            assert client.post(f"/bot{token}/sendMessage", json=body).json()["ok"]
            (message,) = client.get("/_control/inbox/7000000001").json()
            assert message["text"] == "Setuju?" and message["buttons"][0][0] == ["Ya", "consent:yes"]
            assert control("press", person=7_000_000_001, data="consent:", timeout=0)["result"] is None
            assert "sees no button" in control("press", person=7_000_000_001, data="nosuch")["error"]
            control("edit", person=7_000_000_001, message=said["result"]["message_id"], text="hai")
            assert control("fault", kind="403")["ok"]
            assert client.post(f"/bot{token}/sendMessage", json=body).status_code == 403
            control("block", person=7_000_000_001)
            kinds = [list(update)[1] for update in client.get("/_control/updates").json()]
            assert kinds == ["message", "callback_query", "edited_message", "my_chat_member"]
            assert [r["status"] for r in client.get("/_control/requests").json()] == [200, 403]
            assert control("push", message={})["result"] and control("advance", seconds=5)["ok"]
            assert control("say", text="siapa")["error"].startswith("KeyError")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
