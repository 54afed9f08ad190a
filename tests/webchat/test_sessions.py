"""Who may speak for whom: tokens, their life, and their end (P3, P4)."""

import asyncio
import uuid

import httpx

from admin_api.callers import Callers
from admin_api.routes.webchat import SESSIONS_A_MINUTE
from bot.clock import SetClock
from bot.webchat import sessions
from tests.webchat.house import Guest, House, has


def clock_of(house: House) -> SetClock:
    assert isinstance(house.app.clock, SetClock)
    return house.app.clock


async def test_a_session_is_made_by_the_first_word_not_by_a_look(house: House) -> None:
    before = len(await house.rows("SELECT id FROM people"))
    assert (await house.http.get("/chat")).status_code == 200
    assert len(await house.rows("SELECT id FROM people")) == before
    response = await house.http.post("/chat/session", json={"language": "en"})
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert len(response.json()["token"]) >= 43  # 32 bytes
    assert len(await house.rows("SELECT id FROM people")) == before + 1


async def test_the_language_of_the_page_is_the_persons(house: House) -> None:
    token = (await house.http.post("/chat/session", json={"language": "en"})).json()["token"]
    guest = Guest(house, token)
    await guest.say("/start")
    await guest.read(has("Sebaya"))
    assert guest.has("trained peer supporter")


async def test_without_a_good_token_nothing_opens(house: House) -> None:
    line = {"client_id": str(uuid.uuid4()), "text": "hai"}
    for value in ("", "Bearer", "Bearer x", f"Bearer {'x' * 43}", "Basic eA==", "Bearer 1 2"):
        headers = {"Authorization": value}
        assert (await house.http.post("/chat/messages", json=line, headers=headers)).status_code == 401
        assert (await house.http.get("/chat/events", headers=headers)).status_code == 401
        assert (await house.http.get("/chat/media/1", headers=headers)).status_code == 401
    assert await house.rows("SELECT id FROM messages") == []


async def test_the_store_does_not_hold_what_opens_a_session(house: House) -> None:
    guest = await house.guest()
    await guest.say("/start")
    address = sessions.address_of(guest.token)
    [row] = await house.rows("SELECT lookup, sealed FROM addresses WHERE channel = 'web'")
    assert guest.token.encode() not in bytes(row[0]) + bytes(row[1])
    assert address != guest.token
    assert await house.app.webchat.session(address) is None


async def test_a_revoked_session_closes_its_page_and_takes_nothing(house: House) -> None:
    guest = await house.guest()
    await guest.say("/start")
    session = await house.app.webchat.session(guest.token)
    assert session is not None
    async with guest.stream() as events:
        async for name, _ in events:
            if name == "ready":
                break
        # As another process would do it: nobody here is told, the watch must find it.
        now = house.app.clock()
        await house.app.store.write(lambda tx: sessions.revoke(tx, session.address_id, now))
        async with asyncio.timeout(30):
            told = [name async for name, _ in events]
    assert told[-1] == "gone"
    answer = await guest.post("/chat/messages", {"client_id": str(uuid.uuid4()), "text": "masih bisa?"})
    assert answer.status_code == 401


async def test_a_session_ends_after_its_time_and_lives_on_while_it_is_used(house: House) -> None:
    guest = await house.guest()
    clock = clock_of(house)
    clock.advance(sessions.LIFE - sessions.HOUR)
    await guest.say("/start")
    clock.advance(sessions.LIFE - sessions.HOUR)
    await guest.say("masih di sini")
    clock.advance(sessions.LIFE + 1)
    answer = await guest.post("/chat/messages", {"client_id": str(uuid.uuid4()), "text": "hai"})
    assert answer.status_code == 401


async def test_remembered_sessions_live_for_weeks_and_can_be_forgotten_again(house: House) -> None:
    guest = await house.guest()
    clock = clock_of(house)
    assert (await guest.post("/chat/remember", {"remember": True})).status_code == 200
    clock.advance(20 * sessions.LIFE)
    await guest.say("/start")
    assert (await guest.post("/chat/remember", {"remember": False})).status_code == 200
    clock.advance(sessions.LIFE + 1)
    assert (await guest.post("/chat/typing", {})).status_code == 401


async def test_new_sessions_of_one_caller_are_bounded() -> None:
    callers = Callers(3, 60_000)
    assert [callers.allow("a", 1_000 + n) for n in range(5)] == [True, True, True, False, False]
    assert callers.allow("b", 1_010)
    assert callers.allow("a", 61_001)


async def test_callers_are_counted_at_the_door(house: House) -> None:
    people = await house.rows("SELECT id FROM people")
    now = house.app.clock()
    for _ in range(SESSIONS_A_MINUTE):
        house.callers.allow("127.0.0.1", now)
    answer = await house.http.post("/chat/session", json={})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert await house.rows("SELECT id FROM people") == people


async def test_no_token_stands_in_a_url(house: House) -> None:
    guest = await house.guest()
    response = await house.http.get(f"/chat/events?token={guest.token}")
    assert response.status_code == 401


async def test_pages_let_no_foreign_code_in(house: House) -> None:
    for path in ("/chat", "/chat/keluar", "/kalender", "/playground"):
        response = await house.http.get(path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-content-type-options"] == "nosniff"
        text = response.text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert " onclick=" not in text
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


async def test_the_playground_is_unknown_outside_the_demonstration(house: House) -> None:
    house.app.demo = None
    assert (await house.http.get("/playground")).status_code == 404
    for role in ("student", "supporter", "counselor"):
        assert (await house.http.post(f"/playground/session/{role}")).status_code == 404
    assert (await house.http.post("/playground/again")).status_code == 404


async def test_a_playground_session_speaks_for_its_role_alone(house: House) -> None:
    assert (await house.http.post("/playground/session/coordinator")).status_code == 422
    first = await house.guest("supporter")
    token = (await house.http.post("/playground/session/supporter")).json()["token"]
    assert (await first.post("/chat/typing", {})).status_code == 401  # one page of a helper at a time
    later = Guest(house, token)
    assert (await later.post("/chat/typing", {})).status_code == 200


async def test_languages_of_the_page(house: House) -> None:
    async def title(language: str, path: str = "/chat") -> str:
        response: httpx.Response = await house.http.get(path, headers={"Accept-Language": language})
        return response.text.partition('<html lang="')[2][:2]

    assert await title("en-GB,en;q=0.9") == "en"
    assert await title("id-ID") == "id"
    assert await title("fr, de;q=0.5") == "id"
    assert await title("") == "id"
    assert await title("fr, en;q=0.5") == "en"
    assert await title("id", "/chat?bahasa=en") == "en"
    assert await title("id", "/chat?bahasa=<x>") == "id"
