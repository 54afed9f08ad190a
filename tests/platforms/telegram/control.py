"""The control interface under /_control, to drive the server with curl. Bodies are JSON objects."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .messages import Message

if TYPE_CHECKING:
    from .api import BotApi
    from .person import Person

Json = dict[str, Any]


def routes(api: BotApi) -> list[Route]:
    """POST say, press, edit, block, unblock, fault, push, advance; GET inbox/<id>, requests, updates."""
    control = _Control(api)
    acts: dict[str, Callable[[Json], Awaitable[Any]]] = {
        "person": control.person,
        "say": control.say,
        "press": control.press,
        "edit": control.edit,
        "block": control.block,
        "unblock": control.unblock,
        "fault": control.fault,
        "push": control.push,
        "advance": control.advance,
    }
    return [
        *(Route(f"/_control/{name}", _post(act), methods=["POST"]) for name, act in acts.items()),
        Route("/_control/inbox/{id:int}", control.inbox, methods=["GET"]),
        Route("/_control/requests", control.requests, methods=["GET"]),
        Route("/_control/updates", control.updates, methods=["GET"]),
    ]


def _post(act: Callable[[Json], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await request.json()
            return JSONResponse({"ok": True, "result": await act(body)})
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            return JSONResponse({"ok": False, "error": f"{type(error).__name__}: {error}"}, 400)

    return endpoint


class _Control:
    def __init__(self, api: BotApi) -> None:
        self._api = api

    def _person(self, body: Json) -> Person:
        """The person with this id, made on first mention."""
        number = int(body["person"])
        known = self._api.people.get(number)
        return known or self._api.person(number, str(body.get("first_name", f"Orang {number}")))

    def _message(self, person: Person, number: int) -> Message:
        return person.chat.messages[number]

    async def person(self, body: Json) -> Json:
        """{person, first_name}: make a person known without writing."""
        return self._person(body).user.wire()

    async def say(self, body: Json) -> Json:
        """{person, text, reply_to?, thread?, date?}."""
        place = {name: body[name] for name in ("reply_to", "thread", "date") if name in body}
        return (await self._person(body).say(str(body["text"]), **place)).wire

    async def press(self, body: Json) -> str | None:
        """{person, data, message?, timeout?}: the answer's text, null if none came."""
        person, data, timeout = self._person(body), str(body["data"]), float(body.get("timeout", 2))
        if "message" in body:
            return await person.press(self._message(person, int(body["message"])), data, timeout=timeout)
        return await person.press(data, timeout=timeout)

    async def edit(self, body: Json) -> Json:
        """{person, message, text}."""
        person = self._person(body)
        return (await person.edit(self._message(person, int(body["message"])), str(body["text"]))).wire

    async def block(self, body: Json) -> bool:
        """{person}."""
        await self._person(body).block()
        return True

    async def unblock(self, body: Json) -> bool:
        """{person}."""
        await self._person(body).unblock()
        return True

    async def fault(self, body: Json) -> Json:
        """{kind, method?, chat_id?, times?, skip?, retry_after?, delay?, description?, accepted?}."""
        kind = body.pop("kind")
        return dataclasses.asdict(self._api.faults.add(kind, **body))

    async def push(self, body: Json) -> int:
        """Any update."""
        return self._api.push(body)

    async def advance(self, body: Json) -> bool:
        """{seconds}."""
        self._api.advance(float(body["seconds"]))
        return True

    async def inbox(self, request: Request) -> Response:
        """What the bot wrote to a person."""
        person = self._api.people.get(int(request.path_params["id"]))
        if person is None:
            return JSONResponse({"ok": False, "error": "nobody has this id"}, 404)
        return JSONResponse(
            [
                {
                    "id": message.id,
                    "kind": message.kind,
                    "text": message.text,
                    "buttons": message.buttons,
                    "reply_to": message.reply_to,
                    "date": message.date,
                    "deleted": message.deleted,
                    "history": message.history,
                }
                for message in person.inbox
            ]
        )

    async def requests(self, request: Request) -> Response:
        """What the bot called."""
        return JSONResponse(
            [
                {
                    "method": entry.method,
                    "params": entry.params,
                    "status": entry.status,
                    "fault": entry.fault,
                    "files": {name: upload.name for name, upload in entry.files.items()},
                }
                for entry in self._api.requests
            ]
        )

    async def updates(self, request: Request) -> Response:
        """Every update so far."""
        return JSONResponse(self._api.updates)
