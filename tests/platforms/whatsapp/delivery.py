"""Posts what happened to the bot's webhook: signed, again until 2xx, several things in one body where asked."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import ssl
from collections.abc import Sequence
from typing import Any

import httpx

from .world import Json, Pending, World

HEADER = "X-Hub-Signature-256"
SHAPES = ("single", "messages", "changes", "entries")
SAME = object()


def signature(secret: str, body: bytes) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Delivery:
    """The webhook's courier; runs in the loop of the test."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client: httpx.AsyncClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._busy = False
        self.url = ""
        self.first_pause, self.longest_pause, self.timeout = 0.05, 1.0, 30.0
        self.attempts: list[int] = []
        """The HTTP status of every post made, or 0 if there was no answer."""
        self.bodies: list[bytes] = []

    def start(self, url: str, transport: httpx.AsyncBaseTransport | None) -> None:
        """Deliver to this URL from now on."""
        self.url = url
        # Reading all certificates takes longer than most tests, and a loopback needs none.
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.AsyncClient(transport=transport, verify=tls, trust_env=False, timeout=self.timeout)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="cloud api webhooks")

    async def stop(self) -> None:
        """Stop delivering."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
        self._task = self._client = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be delivered."""
        return not self._busy and (self._world.held or not self._world.outgoing)

    async def _run(self) -> None:
        world = self._world
        while True:
            await world.waking.until(lambda: True if world.outgoing and not world.held else None, None)
            self._busy = True
            try:
                with world.lock:
                    pending = world.outgoing.pop(0) if world.outgoing and not world.held else None
                if pending is not None:
                    await self._until_taken(self.body([pending]))
            finally:
                self._busy = False
                world.waking.wake()

    async def _until_taken(self, body: bytes) -> None:
        pause = self.first_pause
        while not 200 <= await self.post(body) < 300:
            await asyncio.sleep(pause)
            pause = min(2 * pause, self.longest_pause)

    async def release(self, held: Sequence[Pending], *, times: int, shuffle: int | None, shape: str) -> list[int]:
        """Post these `times` times: each alone, or together in one value (`messages`), entry (`changes`) or body
        (`entries`), in an order drawn from `shuffle`."""
        statuses = []
        dice = random.Random(shuffle)
        for _ in range(times):
            items = list(held)
            if shuffle is not None:
                dice.shuffle(items)
            for group in [[one] for one in items] if shape == "single" else [items]:
                body = self.body(group, shape)
                status = await self.post(body)
                statuses.append(status)
                if not 200 <= status < 300:
                    await self._until_taken(body)
        return statuses

    def body(self, pending: Sequence[Pending], shape: str = "messages") -> bytes:
        """One webhook body that holds all of it."""
        values = [self._value(pending)] if shape == "messages" else [self._value([one]) for one in pending]
        changes = [{"value": value, "field": "messages"} for value in values]
        groups = [[change] for change in changes] if shape == "entries" else [changes]
        entries = [{"id": self._world.waba_id, "changes": group} for group in groups]
        return json.dumps({"object": "whatsapp_business_account", "entry": entries}, ensure_ascii=False).encode()

    def _value(self, pending: Sequence[Pending]) -> Json:
        value: Json = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "6281100000001", "phone_number_id": self._world.phone_id},
        }
        contacts: list[Json] = []
        for one in pending:
            if one.contact is not None and one.contact not in contacts:
                contacts.append(one.contact)
            value.setdefault(one.kind, []).append(one.item)
        if contacts:
            value["contacts"] = contacts
        return value

    async def post(self, body: bytes, sign: Any = SAME) -> int:
        """Post one body now; the HTTP status, or 0 if there was no answer. `sign` forges the header (None: none)."""
        if self._client is None:
            raise RuntimeError("nobody is subscribed: api.subscribe or api.connect first")
        header = signature(self._world.secret, body) if sign is SAME else sign
        headers = {"content-type": "application/json", **({HEADER: header} if header is not None else {})}
        self.bodies.append(body)
        try:
            answer = await self._client.post(self.url, content=body, headers=headers)
        except httpx.HTTPError:
            self.attempts.append(0)
            return 0
        self.attempts.append(answer.status_code)
        return answer.status_code

    async def handshake(self, token: str, challenge: str = "1158201444") -> httpx.Response:
        """Ask the webhook whether it is the bot's, as Meta does when it is registered."""
        if self._client is None:
            raise RuntimeError("nobody is subscribed: api.subscribe or api.connect first")
        asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        return await self._client.get(self.url, params=asked)
