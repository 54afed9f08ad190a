"""What every test may ask for."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Sebaya runs on asyncio alone."""
    return "asyncio"
