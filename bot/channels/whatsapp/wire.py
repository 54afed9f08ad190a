"""pywa's async wire to the Cloud API, on an httpx client whose root may be a server of our own.

Only the wire (`GraphAPIAsync`) and the typed errors are used: pywa's `WhatsApp` client would address an id with letters
in it as if it were a group. Its logger writes whole messages, so it is silenced (P3).
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx
    from pywa_async.api import GraphAPIAsync

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TELLTALES = ("httpx", "httpcore", "pywa", "pywa.api", "pywa_async", "pywa_async.api")
UPLOAD_SECONDS = 45.0
CONNECTIONS = 128


@cache
def _prepared() -> ssl.SSLContext:
    """Import pywa, and read the certificates: both take a while, once."""
    import httpx

    importlib.import_module("pywa_async.api")
    return httpx.create_ssl_context()


class Wire:
    """One number's requests. `root` is the root of a Graph API server, without a path."""

    def __init__(self, root: str, token: str) -> None:
        self._root, self._token = root, token
        self._opening = asyncio.Lock()
        self._session: httpx.AsyncClient | None = None
        self._api: GraphAPIAsync | None = None

    async def api(self) -> GraphAPIAsync:
        """The wire, opened when it is first needed. pywa is imported beside the event loop: it takes about 0.3 s and
        13 MB more than httpx alone."""
        if self._api is None:
            async with self._opening:
                if self._api is None:
                    self._open(await asyncio.to_thread(_prepared))
        assert self._api is not None  # noqa: S101 - opened above, and only `close` takes it away
        return self._api

    def _open(self, tls: ssl.SSLContext) -> None:
        import httpx
        from pywa.utils import Version
        from pywa_async.api import GraphAPIAsync

        for name in TELLTALES:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        session = httpx.AsyncClient(
            verify=tls,
            timeout=httpx.Timeout(15.0, connect=5.0, pool=5.0),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            # A proxy of the environment is for the world outside, never for a server on this machine.
            trust_env=urlsplit(self._root).hostname not in LOOPBACK,
        )
        version = str(Version.GRAPH_API.value)
        self._api = GraphAPIAsync(token=self._token, session=session, api_version=float(version))
        session.base_url = httpx.URL(f"{self._root}/v{version}")  # pywa has set Meta's own
        self._session = session

    async def download(self, url: str, limit: int) -> bytes | None:
        """The bytes behind a media URL, which needs the token too; None where they are more than `limit`. Raises
        httpx.HTTPError."""
        api = await self.api()
        parts: list[bytes] = []
        size = 0
        async with api.stream_media_bytes(url, timeout=UPLOAD_SECONDS) as answer:
            answer.raise_for_status()
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > limit:
                    return None
                parts.append(part)
        return b"".join(parts)

    async def send_raw(self, method: str, path: str, **more: Any) -> Any:
        """Any other request. Raises as pywa does."""
        return await (await self.api()).send_raw_request(method, path, **more)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.aclose()
        self._session = self._api = None
