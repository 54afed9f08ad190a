"""What every test may ask for."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Sebaya runs on asyncio alone."""
    return "asyncio"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the golden transcripts; review the diff")
    parser.addoption("--postgres", action="store_true", help="tell every transcript and story on PostgreSQL too")
    parser.addoption("--channels", action="store_true", help="tell every transcript on every channel")
    parser.addoption("--long", action="store_true", help="let the tests of faults run long")
    parser.addoption("--lines", type=int, default=100_000, help="how many lines the long run under kills writes")
