"""Random schedules of the real service on both databases: what people, platform, coordinator, clock and process do in
any order. The laws hold after every step, and the ledger is clean when everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.exploration.night import COUNSELORS, EVERYBODY, STAFF, STUDENTS, SUPPORTERS, Night
from tests.store.conftest import migrated_file
from tests.store.postgres import TEMPLATE, _named, _run, postgres

__all__ = ["migrated_file", "postgres"]

PLAIN = ("halo kak", "aku lagi sedih", "makasih ya", "kemarin ujianku jelek")
GRAVE = ("aku pengen mati aja rasanya", "capek hidup, pengen mati", "aku mau bunuh diri sekarang")
ORDERS = ("/selesai", "/start", "/darurat", "/hapus", "/on", "/off", "/jeda", "/antrean", "/eskalasi", "/lapor")

EXAMPLES = {"sqlite": 30, "postgresql": 8}
LONG = {"sqlite": 8_000, "postgresql": 2_000}


class Schedule(RuleBasedStateMachine):
    """One night. `database` gives the address of a fresh store."""

    database: Callable[[], str]
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.night = Night(type(self).database())
        self.down = 0

    @initialize(talks=st.booleans(), danger=st.sampled_from(("", *GRAVE)))
    def begin(self, talks: bool, danger: str) -> None:
        """Two are in the queue; perhaps one already talks to somebody, perhaps one is in danger."""
        for who in STUDENTS[:2]:
            self.night.says(who, "/start")
            self.night.settle()
            self.night.asks(who)
        if talks:
            self.night.presses_first("Sari", "offer:accept")
        if danger:
            self.night.says("Ana", danger)

    def _then(self, hold: bool) -> None:
        """Whatever follows happens now; or other things come in between."""
        if not hold:
            self.night.settle()

    @rule(who=st.sampled_from(EVERYBODY), text=st.sampled_from(PLAIN), hold=st.booleans())
    def says(self, who: str, text: str, hold: bool) -> None:
        self.night.says(who, text)
        self._then(hold)

    @rule(who=st.sampled_from((*STUDENTS, *SUPPORTERS)), text=st.sampled_from(GRAVE), hold=st.booleans())
    def is_in_danger(self, who: str, text: str, hold: bool) -> None:
        self.night.says(who, text)
        self._then(hold)

    @rule(who=st.sampled_from(EVERYBODY), text=st.sampled_from(ORDERS), hold=st.booleans())
    def orders(self, who: str, text: str, hold: bool) -> None:
        self.night.says(who, text)
        self._then(hold)

    @rule(who=st.sampled_from(EVERYBODY), text=st.sampled_from((*PLAIN, *GRAVE)), hold=st.booleans())
    def edits(self, who: str, text: str, hold: bool) -> None:
        self.night.edits(who, text)
        self._then(hold)

    @rule(who=st.sampled_from(EVERYBODY), number=st.integers(0, 30), old=st.booleans(), hold=st.booleans())
    def presses(self, who: str, number: int, old: bool, hold: bool) -> None:
        self.night.presses(who, number, old)
        self._then(hold)

    @rule(who=st.sampled_from(SUPPORTERS), hold=st.booleans())
    def accepts(self, who: str, hold: bool) -> None:
        self.night.presses_first(who, "offer:accept")
        self._then(hold)

    @rule(who=st.sampled_from(COUNSELORS), what=st.sampled_from(("ack", "take", "resolve", "decline")),
          hold=st.booleans())  # fmt: skip
    def works_a_case(self, who: str, what: str, hold: bool) -> None:
        self.night.presses_first(who, f"case:{what}")
        self._then(hold)

    @rule(who=st.sampled_from(STUDENTS))
    def asks(self, who: str) -> None:
        self.night.asks(who)

    @rule(who=st.sampled_from(STUDENTS))
    def erases(self, who: str) -> None:
        self.night.says(who, "/hapus")
        for _ in range(2):
            self.night.settle()
            self.night.presses_first(who, "erase:yes")
        self.night.settle()

    @rule(who=st.sampled_from(EVERYBODY), back=st.booleans(), hold=st.booleans())
    def blocks(self, who: str, back: bool, hold: bool) -> None:
        if back:
            self.night.unblocks(who)
        else:
            self.night.blocks(who)
        self._then(hold)

    @rule(who=st.sampled_from(EVERYBODY), verb=st.sampled_from(("refuses", "holds", "loses", "takes")))
    def platform(self, who: str, verb: str) -> None:
        self.night.platform(verb, who)

    @rule(hold=st.booleans())
    def repeats(self, hold: bool) -> None:
        self.night.repeats()
        self._then(hold)

    @rule(who=st.sampled_from(STAFF), status=st.sampled_from(("suspended", "active")), hold=st.booleans())
    def is_suspended_or_restored(self, who: str, status: str, hold: bool) -> None:
        self.night.status(who, status)
        self._then(hold)

    @rule(hold=st.booleans())
    def coordinator_resolves(self, hold: bool) -> None:
        self.night.resolves()
        self._then(hold)

    @rule(seconds=st.sampled_from((2, 46, 61, 130, 310)))
    def time_passes(self, seconds: int) -> None:
        self.night.waits(seconds)

    @rule(seconds=st.sampled_from((61, 310, 1_900)), hold=st.booleans())
    def service_is_late(self, seconds: int, hold: bool) -> None:
        self.night.sleeps(seconds)
        self._then(hold)

    @precondition(lambda self: self.down < 3)
    @rule(hold=st.booleans())
    def process_crashes(self, hold: bool) -> None:
        self.down += 1
        self.night.crashes()
        self._then(hold)

    @invariant()
    def laws_hold(self) -> None:
        self.night.check()

    def teardown(self) -> None:
        type(self).seen.update(nights=1, crashes=self.down, **self.night.counts())
        self.night.end()


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Callable[[], str]]:
    """A maker of fresh stores of a kind; the one before is thrown away."""
    numbers = count(1)
    if request.param == "postgresql":
        server: str = request.getfixturevalue("postgres")

        def fresh() -> str:
            name = f"night_{next(numbers)}"
            _run(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            return _named(server, name)

        return request.param, fresh
    template: bytes = request.getfixturevalue("migrated_file")

    def file() -> str:
        path = tmp_path / f"night-{next(numbers)}.db"
        path.write_bytes(template)
        return f"sqlite:///{path}"

    return request.param, file


@pytest.mark.timeout(36_000)
def test_the_laws_hold_in_every_schedule(stores: tuple[str, Callable[[], str]], request: pytest.FixtureRequest) -> None:
    kind, fresh = stores
    long = request.config.getoption("--long")
    seen: Counter[str] = Counter()
    machine = type("Schedule", (Schedule,), {"database": staticmethod(fresh), "seen": seen})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=(LONG if long else EXAMPLES)[kind],
            stateful_step_count=25,
            derandomize=True,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(kind, dict(seen))  # noqa: T201 -- for whoever runs this with -s
    for what in ("chats", "chats that went on elsewhere", "cases that somebody had", "crashes", "refused"):
        assert seen[what], f"no schedule has led to {what}"
