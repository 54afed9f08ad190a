"""An escalation that nobody sees: whatever fails on a night, a named person has the case, or the student is told."""

from __future__ import annotations

import pytest

from tests.failures.nights import Tally, night

FEW, MANY = 200, 10_000


@pytest.mark.timeout(7_200)
async def test_on_no_night_is_a_case_unseen(request: pytest.FixtureRequest) -> None:
    tally = Tally()
    for seed in range(MANY if request.config.getoption("--long") else FEW):
        tally.add(await night(seed))
    print(tally)  # noqa: T201 - shown by pytest -s: what was tried
    assert tally.acknowledged and tally.told and tally.unanswered and tally.kills
