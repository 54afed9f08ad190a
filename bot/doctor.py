"""Looks at a deployment as somebody would who must run it tonight: what is broken, what will be, how to mend each.

`broken` means that people are not served, or not safely; `soon` that they will not be, or that a promise cannot be
kept; `good` that it was looked at. No finding holds a name, an address, a number or a token.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bot import audit, condition, demo, directory, retention, shifts
from bot.settings import Settings, SettingsError, unknown_names
from bot.store.db import Store, Tx, open_store, probe, sqlite_path
from bot.store.errors import Busy, StoreError
from bot.store.seal import WrongKeys, open_seal

if TYPE_CHECKING:
    from bot.channels.base import Health
    from bot.channels.telegram import Telegram

DAY = 24 * 3_600_000
AHEAD = 7 * DAY
"""ms ahead in which gaps of the rota and expiring certificates are named."""
STUCK = 600_000
LATE = 60_000
RETAINED = 3 * DAY
"""ms after which a message is stuck, a timer shows that nobody works, and old words should have been forgotten."""


class State(StrEnum):
    good = "good"
    soon = "soon"
    broken = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about `about`; `mend` says what to do, and is empty where all is well."""

    about: str
    state: State
    said: str
    mend: str = ""


Findings = Iterator[Finding]


def good(about: str, said: str) -> Finding:
    return Finding(about, State.good, said)


def soon(about: str, said: str, mend: str) -> Finding:
    return Finding(about, State.soon, said, mend)


def broken(about: str, said: str, mend: str) -> Finding:
    return Finding(about, State.broken, said, mend)


async def examine(settings: Settings, env_file: Path, now: int, telegram: Telegram | None = None) -> list[Finding]:
    """Everything. `telegram` replaces the channel of the settings (tests)."""
    return [
        *of_settings(settings, env_file),
        *of_files(settings),
        *await of_database(settings, now),
        *await of_telegram(settings, telegram),
        *await of_whatsapp(settings),
    ]


# --- what needs no database -------------------------------------------------------------------------------------------


def of_settings(settings: Settings, env_file: Path) -> Findings:
    """What the environment and its file say."""
    try:
        settings.check_serve()
        yield good("settings", "complete and safe")
    except SettingsError as error:
        for line in str(error).splitlines():
            name, _, said = line.partition(" ")
            what, _, mend = said.partition(": ")
            yield broken(name, what, mend or "set it to a value that serves")
    for name in unknown_names(env_file):
        yield soon(name, "is no setting of Sebaya, and is ignored", "correct its name, or take it away")
    if len(settings.keys) > 1:
        yield soon("SEBAYA_SECRET_KEYS", f"holds {len(settings.keys)} keys", "finish with `sebaya keys rotate`")
    if env_file.is_file():
        yield from _mode(env_file, "settings file")
    if not settings.escalation_webhook_url:
        yield soon(
            "SEBAYA_ESCALATION_WEBHOOK_URL", "is unset: when no counselor answers, nothing outside is alarmed",
            "set it to a service that rings a phone",
        )  # fmt: skip


def _mode(path: Path, what: str) -> Findings:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        yield broken(what, f"{path.name} can be read by other users of this machine", f"run `chmod 600 {path}`")
    else:
        yield good(what, f"{path.name} is readable by its owner only")


def _disk(url: str) -> Findings:
    found = condition.disk(url)
    if found is not None and found.little:
        yield broken("disk", found.sentence().partition(": ")[2], "make room now: when it is full nothing is received")
    elif found is not None:
        yield good("disk", f"{found.free // 1024**2} MB are free; the database has {found.used // 1024**2} MB")


def of_files(settings: Settings) -> Findings:
    """The crisis rules and the texts."""
    from bot.rules import RulesError, load_rules
    from bot.words import LOCALES, check_catalogues

    try:
        load_rules(LOCALES)
        yield good("crisis rules", "loaded")
    except RulesError as error:
        yield broken("crisis rules", str(error), "mend the file; nothing starts without it")
    if settings.semantic == "on":
        from bot.semantic.needs import trouble

        if trouble() is None:  # what is missing stands among the settings
            yield good("semantic net", "its model and its head are there")
    problems = check_catalogues()
    if problems:
        yield soon("texts", f"{len(problems)} problems in the catalogues", "see them by `sebaya translations`")
    else:
        yield good("texts", "the catalogues are complete")


# --- the database -----------------------------------------------------------------------------------------------------


async def of_database(settings: Settings, now: int) -> list[Finding]:
    """The database, its keys, and everything that it tells of tonight."""
    from bot.store.migrate import Schema, schema

    if not settings.keys:
        return [broken("database", "was not opened", "set SEBAYA_SECRET_KEYS first (`sebaya keys new`)")]
    try:
        standing = schema(settings.store_url)
    except StoreError as error:
        what, _, mend = str(error).partition(": ")
        return [broken("database", what, mend or "check SEBAYA_DATABASE_URL")]
    if standing is Schema.NEWER:
        return [broken("database", "was made by a later version of Sebaya", "install that version")]
    if standing is not Schema.CURRENT:
        what = "is empty" if standing is Schema.EMPTY else "is of an earlier version"
        mend = "run `sebaya migrate`, then this again"
        if settings.store_url.startswith("sqlite:"):  # `serve` does it by itself
            return [soon("database", what, mend)]
        return [broken("database", what, mend)]
    findings = [good("database", "answers, and is of this version")]
    path = sqlite_path(settings.store_url) if settings.store_url.startswith("sqlite:") else None
    if path is not None:
        findings += _mode(Path(path), "database file")
        findings += _disk(settings.store_url)
    store: Store | None = None
    try:
        store = open_store(settings.store_url)
        await open_seal(store, settings.keys)
        findings.append(good("SEBAYA_SECRET_KEYS", "are those of this database"))
        findings += await _writing(store, path)
        for look in (_people, _crisis, _lexicon, _directory, _work, _record):
            findings += await store.read(_looking(look, settings, now))
    except WrongKeys as error:
        findings.append(broken("SEBAYA_SECRET_KEYS", *_halves(str(error))))
    except StoreError as error:
        findings.append(broken("database", *_halves(str(error))))
    finally:
        if store is not None:
            await store.close()
    return findings


async def _writing(store: Store, path: str | None) -> list[Finding]:
    """Whether anything can be stored."""
    found = []
    try:
        if path is None:
            await store.write(probe)
        else:
            from bot.store.sqlite import probe_file

            await asyncio.to_thread(probe_file, path)
        found.append(good("database", "can be written"))
    except Busy:
        found.append(broken(
            "database", "is held by somebody else: nothing can be stored meanwhile",
            "end what holds it (a backup, a database browser, a migration); what serves goes on by itself",
        ))  # fmt: skip
    except StoreError as error:
        found.append(broken(
            "database", f"takes nothing ({error})",
            "free space on its disk, and let the database be written by the user that serves; "
            "what serves goes on by itself",
        ))  # fmt: skip
    return found


def _halves(sentence: str) -> tuple[str, str]:
    what, _, mend = sentence.partition(": ")
    return what.removeprefix("SEBAYA_SECRET_KEYS "), mend or "look at the database's own log"


Look = Callable[[Tx, Settings, int], Findings]


def _looking(look: Look, settings: Settings, now: int) -> Callable[[Tx], list[Finding]]:
    return lambda tx: list(look(tx, settings, now))


_STAFF = """SELECT staff.role, count(*),
sum(CASE WHEN EXISTS (SELECT 1 FROM addresses WHERE addresses.person_id = people.id AND addresses.reachable
  AND addresses.revoked_at IS NULL AND (addresses.expires_at IS NULL OR addresses.expires_at > :now))
  THEN 1 ELSE 0 END),
sum(CASE WHEN people.on_duty THEN 1 ELSE 0 END),
sum(CASE WHEN staff.certified_until >= :now THEN 1 ELSE 0 END),
sum(CASE WHEN staff.certified_until >= :now AND staff.certified_until < :soon THEN 1 ELSE 0 END)
FROM staff JOIN people ON people.id = staff.person_id WHERE staff.status = 'active' GROUP BY staff.role"""


def _people(tx: Tx, settings: Settings, now: int) -> Findings:
    rows = {row[0]: [int(value or 0) for value in list(row)[1:]] for row in tx.all(_STAFF, now=now, soon=now + AHEAD)}
    nobody = [0, 0, 0, 0, 0]
    how = "import them by `sebaya roster import`, or invite them"
    there, reached, _, _, _ = rows.get("counselor", nobody)
    if not there:
        yield broken("counselors", "nobody is in the roster: a crisis reaches coordinators at best", how)
    elif not reached:
        yield broken("counselors", "none of them can be reached on any channel", "have each of them write to the bot")
    elif reached < there:
        yield soon(
            "counselors", f"{there - reached} of {there} cannot be reached on any channel",
            "give the roster their Telegram id and have them write to the bot",
        )  # fmt: skip
    else:
        yield good("counselors", f"{there}, all reachable")
    there, reached, _, _, _ = rows.get("coordinator", nobody)
    if not reached:
        yield soon("coordinators", "nobody can be paged when no counselor answers", how)
    else:
        yield good("coordinators", f"{reached} of {there} reachable")
    there, reached, _, certified, ending = rows.get("supporter", nobody)
    if not certified:
        what = "none of them holds a valid certificate" if there else "nobody is in the roster"
        yield broken("supporters", f"{what}: no student is matched with a peer", "set certified_until in the roster")
    else:
        yield good("supporters", f"{certified} of {there} certified, {reached} reachable")
    if ending:
        yield soon("certificates", f"{ending} end within a week", "renew them in the roster (certified_until)")
    if (settings.telegram_token.get_secret_value() or settings.whatsapp_token.get_secret_value()) and demo.lives_here(
        tx
    ):
        yield broken(
            "demonstration", "this database holds demonstration people, and `serve` refuses it",
            "point SEBAYA_DATABASE_URL to another database",
        )  # fmt: skip


_NEXT_GAP = "no counselor has a shift"


def _crisis(tx: Tx, settings: Settings, now: int) -> Findings:
    gaps = shifts.gaps(tx, now, now + AHEAD)
    open_ms = sum(end - start for start, end in gaps)
    if not gaps:
        yield good("rota", "a counselor has a shift at every moment of the coming week")
    else:
        covered = "at no time" if open_ms >= AHEAD else f"in {len(gaps)} gaps, {open_ms // 3_600_000} hours"
        said = f"of the coming week {_NEXT_GAP} {covered}"
        if open_ms >= AHEAD:
            said = f"{_NEXT_GAP} in the coming week: only who says /on is on duty"
        yield soon("rota", said, "plan shifts by the admin API (/api/v1/shifts); until then all are paged at once")
    unresolved = int(
        tx.value("SELECT count(*) FROM cases WHERE state = 'paging' AND raised_at < :old", old=now - STUCK)
    )
    if unresolved:
        yield broken(
            "cases", f"{unresolved} have paged for more than ten minutes and nobody has acknowledged",
            "acknowledge them now (/api/v1/cases)",
        )  # fmt: skip
    else:
        yield good("cases", "none has waited for an answer longer than ten minutes")


def _lexicon(tx: Tx, settings: Settings, now: int) -> Findings:
    from bot.lexicon import versions
    from bot.rules import RulesError
    from bot.rules.rulebook import Rulebook
    from bot.words import LOCALES

    number = versions.newest(tx)
    if not number:
        yield good("edited crisis rules", "none: they are in force as shipped")
        return
    try:
        Rulebook.read(LOCALES).edited(versions.overlay(tx, number))
        yield good("edited crisis rules", f"version {number} can be used")
    except RulesError as error:
        yield broken(
            "edited crisis rules", f"version {number} cannot be used: {error}",
            "publish one that fits, or bring an earlier one back by `sebaya lexicon rollback`",
        )  # fmt: skip


def _directory(tx: Tx, settings: Settings, now: int) -> Findings:
    today = directory.day(now, settings.zone)
    shown = directory.for_crisis(tx, today, "suicide", None, settings.area or None)
    if shown and shown[0].expired:
        yield broken(
            "help directory", "every number for a crisis has expired; the last one is shown with its old date",
            "ask it again and confirm it (/api/v1/resources)",
        )  # fmt: skip
    else:
        yield good("help directory", f"{len(shown)} numbers for a crisis")
    old = len(directory.to_check(tx, today))
    if old:
        yield soon(
            "help directory", f"{old} entries are old or expire soon", "ask and confirm them (/api/v1/resources)"
        )


_OLDEST = """SELECT min(outbox.created_at) FROM outbox JOIN addresses ON addresses.id = outbox.address_id
WHERE outbox.status = 0 AND addresses.channel <> 'web' AND addresses.revoked_at IS NULL"""


def _work(tx: Tx, settings: Settings, now: int) -> Findings:
    aside = int(tx.value("SELECT count(*) FROM aside WHERE state = 'open'"))
    if aside:
        yield broken(
            "set aside", f"{aside} messages could not be processed and wait for you", "see them by `sebaya aside list`"
        )
    else:
        yield good("set aside", "no message waits for a human")
    overdue = tx.value("SELECT min(due_at) FROM timers WHERE due_at < :late", late=now - LATE)
    if overdue is not None:
        yield broken("workers", "timers are overdue: nobody works on this database", "start `sebaya serve`")
    skew = (now - tx.moment(now)) // 1_000
    if abs(skew) * 1_000 > condition.SKEWED:
        which = "ahead of" if skew > 0 else "behind"
        yield broken(
            "clock", f"this machine is {abs(skew)} s {which} the database: ladders and shifts act at the wrong time",
            "switch time synchronization (NTP) on, here and there",
        )  # fmt: skip
    ran = retention.remembered(tx).ran
    if ran is not None and now - ran > RETAINED:
        ago = f"{(now - ran) // DAY} days ago"
        yield soon(
            "retention", f"words older than {settings.retention_days} days were last erased {ago}",
            "run `sebaya retention run`, and see the log of what serves",
        )  # fmt: skip
    oldest = tx.value(_OLDEST)
    if oldest is not None and now - int(oldest) > STUCK:
        minutes = (now - int(oldest)) // 60_000
        yield broken(
            "outbox", f"the oldest message has waited for {minutes} minutes", "see the log of what serves, and /metrics"
        )


def _record(tx: Tx, settings: Settings, now: int) -> Findings:
    verdict = audit.verify(tx)
    if verdict.broken is None:
        yield good("audit", f"{verdict.entries} entries, the chain is whole")
    else:
        where = f"at entry {verdict.broken}" if verdict.broken else "at its end"
        yield broken("audit", f"the chain was changed {where}", "find out who can write to the database")


# --- channels ---------------------------------------------------------------------------------------------------------


async def of_telegram(settings: Settings, given: Telegram | None = None) -> Sequence[Finding]:
    """What Telegram says of the token and the webhook."""
    token = settings.telegram_token.get_secret_value()
    if not token and given is None:
        return [good("Telegram", "off: SEBAYA_TELEGRAM_TOKEN is unset")]
    if given is None:
        from bot.channels.telegram import Telegram as Channel

        given = Channel(token, api_url=settings.telegram_api_url)
    try:
        return list(_heard(settings, await given.check()))
    finally:
        await given.close()


async def of_whatsapp(settings: Settings) -> Sequence[Finding]:
    """What WhatsApp says of the token, the number and the template."""
    if not settings.whatsapp_token.get_secret_value():
        return [good("WhatsApp", "off: SEBAYA_WHATSAPP_TOKEN is unset")]
    from bot.app import whatsapp_of

    channel = whatsapp_of(settings)
    try:
        health = await channel.check()
    finally:
        await channel.close()
    if health.ok:
        name = health.details.get("name", "")
        return [good("WhatsApp", f"token, number, secret and template are accepted ({name})")]
    what, _, mend = health.reason.partition(": ")
    return [broken("WhatsApp", what, mend or "check the network of this machine, and SEBAYA_WHATSAPP_API_URL")]


def _heard(settings: Settings, health: Health) -> Findings:
    if not health.ok:
        what, _, mend = health.reason.partition(": ")
        yield broken("Telegram", what, mend or "check the network of this machine, and SEBAYA_TELEGRAM_API_URL")
        return
    hook = health.details.get("webhook", "")
    waiting = health.details.get("waiting", "0")
    yield good(
        "Telegram", f"the token is accepted (@{health.details.get('username', '')}); {waiting} updates wait there"
    )
    ours = f"{settings.public_url}/webhooks/telegram"
    if settings.telegram_mode == "webhook" and hook != ours:
        yield broken("Telegram webhook", "does not point here", "start `sebaya serve`, which sets it")
    elif settings.telegram_mode == "webhook" and "webhook_error" in health.details:
        yield broken(
            "Telegram webhook", "Telegram could not deliver lately",
            "check that SEBAYA_PUBLIC_URL is reachable from outside with a valid certificate",
        )  # fmt: skip
    elif settings.telegram_mode == "webhook":
        yield good("Telegram webhook", "points here")
    elif hook:
        yield soon(
            "Telegram webhook", "is set, though the mode is polling", "start `sebaya serve`, which takes it away"
        )
