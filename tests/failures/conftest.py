"""A house for every story: on SQLite; where transactions meet also on a PostgreSQL that two workers serve; with
--postgres everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.failures.house import House, Shared, house
from tests.store.conftest import migrated_file
from tests.store.postgres import empty_postgres, migrated_postgres, postgres

__all__ = ["empty_postgres", "migrated_file", "migrated_postgres", "postgres"]

MEETING = frozenset({
    "test_one_number_leads_to_everything_that_a_line_caused",
    "test_of_fifty_simultaneous_presses_one_wins_and_the_others_are_told",
    "test_two_simultaneous_first_messages_are_one_conversation",
    "test_no_line_ever_reaches_anybody_but_its_chat",
    "test_whoever_pages_may_die",
    "test_a_student_who_blocks_in_a_crisis",
    "test_a_supporter_who_blocks",
    "test_everything_three_times_and_in_disorder_changes_nothing",
    "test_a_silent_helper_is_reminded_then_the_student_is_told_and_moves_on",
})  # fmt: skip
"""Stories told with two workers in every run."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store_url" in metafunc.fixturenames:
        stores = ["sqlite"]
        if metafunc.config.getoption("--postgres"):
            stores.append("postgresql")
        if metafunc.config.getoption("--postgres") or metafunc.function.__name__ in MEETING:
            stores.append("two workers")
        metafunc.parametrize("store_url", stores, indirect=True)


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated store without people."""
    if request.param != "sqlite":
        address: str = request.getfixturevalue("migrated_postgres")
        return Shared(address) if request.param == "two workers" else address
    path = tmp_path / "sebaya.db"
    path.write_bytes(request.getfixturevalue("migrated_file"))
    return f"sqlite:///{path}"


@pytest.fixture
async def home(store_url: str) -> AsyncIterator[House]:
    """The service, polling, with the usual settings."""
    async with house(store_url) as made:
        yield made
