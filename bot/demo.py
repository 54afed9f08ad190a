"""The demonstration: invented people on a database of their own, whom a visitor plays from three sides at once.

They are marked in the store, so that `serve` can refuse to let a real student meet them. Nobody of them has an account
on a platform; the pages of the playground are their only addresses.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import orjson

from bot import duty, roster, shifts
from bot.roster_fields import Entry
from bot.store.db import Tx
from bot.times import day_of
from bot.webchat import sessions
from flows.events import End, Internal, Leave, Resolve

if TYPE_CHECKING:
    from bot.app import App

ABSENT = 60_000
"""ms without a word after which a student without an open page counts as gone."""
MARK = "demo"
ACTOR = "demo"

PEOPLE: dict[str, Entry] = {
    "supporter": Entry(
        role="supporter", name="Sari", language=("id", "en"), gender="female", topics=("kuliah", "keluarga"), capacity=5
    ),
    "second": Entry(role="supporter", name="Budi", language=("id", "en"), gender="male", topics=("pertemanan",)),
    "counselor": Entry(role="counselor", name="Bu Rini", language=("id", "en"), gender="female", capacity=5),
    "coordinator": Entry(role="coordinator", name="Pak Joko", language=("id", "en")),
}
"""Part in the story -> roster entry. Only `supporter` and `counselor` have a page."""

_MARK = "SELECT value FROM meta WHERE key = 'demo'"
_SET_MARK = "INSERT INTO meta (key, value) VALUES ('demo', :value)"
_CERTIFY = "UPDATE staff SET certified_until = :until, status = 'active' WHERE id = :id"
_LANGUAGE = "UPDATE people SET language = :language WHERE id = :person"
_OPEN = (
    ("chat", "SELECT id, student FROM chats WHERE state = 'open'"),
    ("request", "SELECT id, student FROM requests WHERE state = 'waiting'"),
    ("case", "SELECT id, student FROM cases WHERE state <> 'resolved'"),
)
_ENDS: dict[str, Internal] = {"chat": End("student"), "request": Leave(), "case": Resolve(None)}
_PRESENT = """SELECT id FROM people WHERE seen_at > :since
OR id IN (SELECT person_id FROM addresses WHERE id IN :open)"""


def lives_here(tx: Tx) -> bool:
    """Whether this store holds demonstration people."""
    return tx.one(_MARK) is not None


class Demo:
    """The demonstration of one running App, as `app.demo`. Made by `prepare`."""

    def __init__(self, app: App, staff: dict[str, str]) -> None:
        self._app = app
        self._staff = staff

    async def session(self, role: str, language: str) -> str:
        """The token of a fresh web session: for a student somebody new each time, for staff the one person of that
        role, who goes on duty with it."""
        if role == "student":
            return await self._app.webchat.open(language)
        token, staff = sessions.new_token(), self._staff[role]
        pages = self._app.webchat.pages.addresses()

        def job(tx: Tx) -> None:
            now = self._app.clock()
            self._end(tx, {int(row[0]) for row in tx.all(_PRESENT, since=now - ABSENT, open=pages)})
            acting = self._app.acting(ACTOR)
            person = roster.read(tx, acting, staff).person
            tx.run(_LANGUAGE, person=person, language=language)
            sessions.open_for(tx, person, token, now)
            duty.put(tx, acting, staff, True)

        await self._app.store.write(job)
        return token

    async def again(self) -> None:
        """End everything that is open, so that the story can begin anew."""
        await self._app.store.write(lambda tx: self._end(tx, frozenset()))

    def _end(self, tx: Tx, but: set[int] | frozenset[int]) -> None:
        """End chats, requests and cases of everybody else: a visitor who closed the page leaves nobody occupied."""
        turn = self._app.engine.turn(tx, self._app.clock(), None, ACTOR)
        for kind, sql in _OPEN:
            for id, student in tx.all(sql):
                if student not in but:
                    turn.internal(kind, id, _ENDS[kind])


async def prepare(app: App) -> Demo:
    """Fill the store with the demonstration's people, or find them there; certificates are renewed. Sets `app.demo`."""

    def job(tx: Tx) -> dict[str, str]:
        mark = tx.value(_MARK)
        if mark is None:
            return _fill(tx, app)
        staff: dict[str, str] = orjson.loads(mark)
        until = app.clock() + 365 * 24 * 3_600_000
        tx.run(_CERTIFY, id=staff["supporter"], until=until)
        tx.run(_CERTIFY, id=staff["second"], until=until)
        return staff

    demo = app.demo = Demo(app, await app.store.write(job))
    return demo


def _fill(tx: Tx, app: App) -> dict[str, str]:
    acting = app.acting(ACTOR)
    today: date = day_of(acting.now, acting.zone)
    staff = {}
    for part, given in PEOPLE.items():
        certified = today + timedelta(days=365) if given.role == "supporter" else None
        columns = {name: getattr(given, name) for name in Entry.__dataclass_fields__}
        staff[part] = roster.add(tx, acting, Entry(**{**columns, "certified_until": certified})).id
    # Somebody for the rota: nobody reaches Budi, but his shift tells students when there is a supporter again.
    tomorrow = acting.now + 24 * 3_600_000
    shifts.add(tx, acting, staff=staff["second"], rank="primary", starts_at=tomorrow, ends_at=tomorrow + 4 * 3_600_000)
    tx.run(_SET_MARK, value=orjson.dumps(staff))
    return staff
