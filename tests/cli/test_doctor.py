"""`sebaya doctor`: each thing that is wrong is found, and nothing that is right is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable

import pytest

from bot.channels.telegram import Telegram
from bot.clock import system_clock
from bot.doctor import Finding, State, of_database, of_settings, of_telegram
from bot.settings import load_settings
from bot.store import entities
from bot.store.db import Tx
from bot.store.keys import key_text, new_key
from flows.snapshot import Case
from tests.cli.conftest import House
from tests.platforms.telegram import BotApi

PEOPLE = (
    "role,name,telegram,certified_until\nsupporter,Sari,701,2040-01-01\ncounselor,Bu Rini,801,\n"
    "coordinator,Pak Joko,901,\n"
)
HOUR = 3_600_000


def worst(found: Iterable[Finding]) -> dict[str, Finding]:
    """The worst finding about each thing."""
    order = list(State)
    kept: dict[str, Finding] = {}
    for each in found:
        if each.about not in kept or order.index(each.state) > order.index(kept[each.about].state):
            kept[each.about] = each
    return kept


def looked(house: House) -> dict[str, Finding]:
    """Without rules and texts, which cost half a second and have tests of their own."""
    settings = load_settings(house.env)
    return worst([*of_settings(settings, house.env), *asyncio.run(of_database(settings, system_clock()))])


@pytest.fixture
def sound(house: House) -> House:
    """A deployment with which nothing is wrong."""
    people = house.folder / "people.csv"
    people.write_text(PEOPLE)
    assert house.do("roster", "import", str(people)).status == 0

    def plan(tx: Tx) -> None:
        now = system_clock()
        staff = tx.value("SELECT id FROM staff WHERE role = 'counselor'")
        tx.run(
            "INSERT INTO shifts (id, staff_id, rank, starts_at, ends_at, created_at, updated_at) "
            "VALUES ('s', :staff, 'primary', :start, :end, 0, 0)",
            staff=staff, start=now - HOUR, end=now + 10 * 24 * HOUR,
        )  # fmt: skip
        tx.run("UPDATE resources SET checked_on = '2040-01-01', valid_until = '2045-01-01', status = 'confirmed'")

    house.write(plan)
    house.write_env(
        AREA="ID-JK", ESCALATION_WEBHOOK_URL="https://hook.example.org/", ESCALATION_WEBHOOK_SECRET="s" * 32
    )
    return house


def test_a_sound_deployment_has_nothing_to_mend(sound: House) -> None:
    done = sound.do("doctor", "--json")
    found = worst(Finding(**{**each, "state": State(each["state"])}) for each in json.loads(done.out))
    assert [each for each in found.values() if each.state is not State.good] == []
    assert {"settings", "crisis rules", "texts", "database", "counselors", "rota", "audit", "Telegram"} <= set(found)
    assert (done.status, done.err) == (0, "")


Change = Callable[[House], None]


def _sql(text: str) -> Change:
    return lambda house: house.write(lambda tx: tx.run(text)) and None


def _env(**more: str) -> Change:
    return lambda house: (
        house.env.write_text(
            house.env.read_text() + "".join(f"SEBAYA_{name}={value}\n" for name, value in more.items())
        )
        and None
    )


def _case(house: House) -> None:
    def open_one(tx: Tx) -> None:
        person, alias = tx.all("SELECT id, alias FROM people")[0]
        entities.insert(tx, Case(id="c", student=person, alias=alias, raised_at=1, opened_at=1))

    house.write(open_one)


def _keys(house: House) -> None:
    house.keys = key_text([new_key()])
    house.write_env()


@pytest.mark.parametrize(
    ("change", "about", "state"),
    [
        (_sql("UPDATE staff SET status = 'suspended' WHERE role = 'counselor'"), "counselors", "broken"),
        (_sql("UPDATE addresses SET reachable = false"), "counselors", "broken"),
        (_sql("UPDATE staff SET status = 'suspended' WHERE role = 'coordinator'"), "coordinators", "soon"),
        (_sql("UPDATE staff SET certified_until = 1"), "supporters", "broken"),
        (_sql("DELETE FROM shifts"), "rota", "soon"),
        (_sql("UPDATE resources SET valid_until = '2020-01-01'"), "help directory", "broken"),
        (_sql("UPDATE resources SET checked_on = '2020-01-01', valid_until = NULL"), "help directory", "soon"),
        (_sql("UPDATE audit SET action = 'nothing'"), "audit", "broken"),
        (_sql("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)"), "audit", "broken"),
        (
            _sql("INSERT INTO timers (kind, target, name, due_at, event) VALUES ('x', 'x', 'x', 1, '{}')"),
            "workers", "broken",
        ),
        (
            _sql(
                "INSERT INTO aside (channel, external_id, payload, reason, created_at) VALUES ('x', 'x', x'00', 'x', 1)"
            ),
            "set aside", "broken",
        ),
        (
            _sql(
                "INSERT INTO outbox (person_id, address_id, kind, created_at) "
                "SELECT person_id, id, 'speech', 1 FROM addresses LIMIT 1"
            ),
            "outbox", "broken",
        ),
        (_sql("INSERT INTO meta (key, value) VALUES ('retention', x'7b2272616e223a317d')"), "retention", "soon"),
        (
            _sql(
                "INSERT INTO lexicon_versions (number, overlay, hash, fingerprint, reason, proposed_by, published_by, "
                "published_at) VALUES (1, '{}', 'x', 'x', 'x', 'x', 'x', 1)"
            ),
            "edited crisis rules", "broken",
        ),
        (_case, "cases", "broken"),
        (_env(TELEGRAM_MODE="webhook", TELEGRAM_TOKEN="1:a", TELEGRAM_API_URL="http://127.0.0.1:1"),
         "SEBAYA_TELEGRAM_WEBHOOK_SECRET", "broken"),
        (_env(ESCALATON_ACK_SECONDS="5"), "SEBAYA_ESCALATON_ACK_SECONDS", "soon"),
        (lambda house: house.env.chmod(0o644), "settings file", "broken"),
        (lambda house: house.database.chmod(0o644), "database file", "broken"),
        (_keys, "SEBAYA_SECRET_KEYS", "broken"),
        (lambda house: house.database.unlink(), "database", "soon"),
        (lambda house: house.database.write_bytes(b"x" * 5_000), "database", "broken"),
        (lambda house: house.env.write_text(f"SEBAYA_DATABASE_URL={house.url}\n") and None, "database", "broken"),
    ],
)  # fmt: skip
def test_each_thing_that_is_wrong_is_found(sound: House, change: Change, about: str, state: str) -> None:
    assert about not in looked(sound) or looked(sound)[about].state is State.good
    change(sound)
    found = looked(sound)[about]
    assert found.state == state
    assert found.mend


def test_the_findings_are_shown_with_what_to_do(house: House) -> None:
    done = house.do("doctor")
    assert done.status == 1
    assert "nobody is in the roster" in done.out
    assert "→ import them by `sebaya roster import`" in done.out.replace("\n", " ").replace("  ", "")
    assert "to mend" in done.err


# --- the platform, on loopback ----------------------------------------------------------------------------------------


async def telegram(house: House, api: BotApi, token: str) -> list[Finding]:
    return list(await of_telegram(load_settings(house.env), Telegram(token, api_url=api.url)))


async def test_a_token_that_telegram_takes_is_good(house: House) -> None:
    async with BotApi() as api:
        found = await telegram(house, api, api.token)
    assert [each.state for each in found] == [State.good]


async def test_a_token_that_telegram_refuses_is_broken(house: House) -> None:
    async with BotApi() as api:
        found = await telegram(house, api, "999999:" + "z" * 35)
    assert [each.state for each in found] == [State.broken]
    assert "@BotFather" in found[0].mend
    assert "zzz" not in found[0].said + found[0].mend


async def test_a_webhook_that_does_not_point_here_is_broken(house: House) -> None:
    house.write_env(TELEGRAM_MODE="webhook", TELEGRAM_WEBHOOK_SECRET="s" * 20, PUBLIC_URL="https://sebaya.example.org")
    async with BotApi() as api:
        found = await telegram(house, api, api.token)
        assert [each.about for each in found if each.state is State.broken] == ["Telegram webhook"]
        hook = Telegram(api.token, api_url=api.url, webhook_secret="s" * 20)
        await hook.set_webhook("https://sebaya.example.org/webhooks/telegram")
        await hook.close()
        found = await telegram(house, api, api.token)
    assert [each.state for each in found] == [State.good, State.good]
