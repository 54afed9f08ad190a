"""What one process of a store tells the others: PostgreSQL's LISTEN, on a connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from bot.store.errors import Unavailable

CHANNEL = "sebaya"
ALIVE: Any = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""Seconds and tries by which a listener notices that the server is gone without a word."""


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[AsyncIterator[str]]:
    """What `Tx.notify` says from the moment of entering on, by any process, this one included. Raises Unavailable
    when the connection cannot be had or is lost."""
    try:
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True, **ALIVE)
    except psycopg.Error:
        connection = None
    if connection is None:
        raise Unavailable("PostgreSQL does not answer")
    try:
        await connection.execute(f"LISTEN {CHANNEL}")
        yield _news(connection)
    finally:
        await connection.close()


async def _news(connection: psycopg.AsyncConnection) -> AsyncIterator[str]:
    try:
        async for notice in connection.notifies():
            yield notice.payload
    except psycopg.Error:
        pass
    raise Unavailable("the connection to PostgreSQL is lost")
