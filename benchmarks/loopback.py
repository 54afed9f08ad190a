"""Both ends of Telegram on loopback: a Bot API that accepts everything at once, and webhook calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter, time
from urllib.parse import parse_qs

import orjson

TOKEN = "123456:a-token-of-a-measurement"
SECRET = "a-secret-of-a-measurement"
SENDING = "sendMessage"
KEPT = 2.0
"""Seconds that a connection is used again after; servers close idle ones a little later."""


async def _read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """First line and body of a request or an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head.partition(b"\r\n")[0], await reader.readexactly(length) if length else b""


class BotApi:
    """Answers every call. `sent` is called with the moment a request to send came in, its chat and its text."""

    def __init__(self) -> None:
        self.calls = 0
        self.url = ""
        self.sent: Callable[[float, str, str], None] = lambda at, chat, text: None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[BotApi]:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                first, body = await _read(reader)
                answer = self._answer(perf_counter(), first.split(b" ")[1].rpartition(b"/")[2].decode(), body)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(answer), answer)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, at: float, method: str, body: bytes) -> bytes:
        if method != SENDING:
            return b'{"ok":true,"result":true}'
        said = parse_qs(body.decode())
        chat = said["chat_id"][0]
        self.calls += 1
        self.sent(at, chat, said.get("text", [""])[0])
        result = {"message_id": self.calls + 10**6, "date": int(time()), "chat": {"id": int(chat), "type": "private"}}
        return orjson.dumps({"ok": True, "result": result})


class Webhook:
    """Delivers updates over kept connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, update: bytes) -> float:
        """Seconds until the update was answered. Raises RuntimeError where it was not accepted."""
        began = perf_counter()
        reader, writer = await self._connection(began)
        head = (
            f"POST /webhooks/telegram HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(update)}\r\n\r\n"
        )
        writer.write(head.encode() + update)
        first, _ = await _read(reader)
        if b" 200 " not in first + b" ":
            raise RuntimeError(f"a webhook was answered {first.decode()}")
        self._idle.append((perf_counter(), reader, writer))
        return perf_counter() - began

    async def _connection(self, now: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            used, reader, writer = self._idle.pop()
            if now - used < KEPT:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        for _, _, writer in self._idle:
            writer.close()


def update(number: int, sender: int, text: str) -> bytes:
    """A private text message, as Telegram delivers it."""
    who = {"id": sender, "is_bot": False, "first_name": "X", "language_code": "id"}
    message = {
        "message_id": number, "from": who, "chat": {"id": sender, "first_name": "X", "type": "private"},
        "date": int(time()), "text": text,
    }  # fmt: skip
    return orjson.dumps({"update_id": number, "message": message})
