"""Every state that can be reached within a bound keeps the laws."""

from __future__ import annotations

import pytest

from tests.exploration.bounds import LARGE, SMALL
from tests.exploration.choices import Bound
from tests.exploration.laws import LAWS
from tests.exploration.search import explore
from tests.exploration.transcript import summary, told


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bound" in metafunc.fixturenames:
        bounds = LARGE if metafunc.config.getoption("--long") else SMALL
        metafunc.parametrize("bound", bounds, ids=[f"{b.name}, {b.policy.breadth} at once" for b in bounds])


@pytest.mark.timeout(3_600)
def test_every_state_within_the_bound_keeps_the_laws(bound: Bound) -> None:
    found = explore(bound)
    print(summary(found), f"{len(LAWS)} laws.")  # noqa: T201 -- for whoever runs this with -s
    assert not found.wrong, "\n" + told(found)
    assert found.states > 500 or found.whole
