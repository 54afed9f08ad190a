"""The ASGI application: the Graph API's paths, faults, and answers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import traceback
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.platforms.telegram.server import Cutter

from .errors import ApiError
from .faults import Fault, Faults
from .world import Json, Request, World

_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class CloudApp:
    """One number's API over HTTP. `crashes` collects tracebacks of this server's own mistakes."""

    def __init__(self, world: World, faults: Faults, cutter: Cutter) -> None:
        self._world, self._faults, self._cutter = world, faults, cutter
        self.crashes: list[str] = []
        self.base = ""

    def application(self) -> Starlette:
        """The Starlette application."""
        return Starlette(
            routes=[
                Route("/v{version}/{id}/messages", self._messages, methods=["POST"]),
                Route("/v{version}/{id}/media", self._media, methods=["POST"]),
                Route("/v{version}/{id}/message_templates", self._templates, methods=["GET"]),
                Route("/v{version}/{id}", self._node, methods=["GET"]),
                Route("/attachments/{id}", self._download, methods=["GET"]),
                Route("/{path:path}", self._nowhere, methods=["GET", "POST"]),
            ]
        )

    async def _nowhere(self, request: HttpRequest) -> Response:
        return _refusal(ApiError(100, "Unknown path components", subcode=33))

    # --- methods ---

    async def _messages(self, request: HttpRequest) -> Response:
        body = await request.body()
        try:
            asked = await request.json()
        except ValueError:
            return _refusal(ApiError(100, "not JSON"))
        method = "read" if asked.get("status") == "read" else "messages"

        def act(entry: Request, now: float) -> Json:
            world = self._world
            if method == "messages":
                return world.take(asked, now)
            world.reads.append(str(asked.get("message_id")))
            if "typing_indicator" in asked:
                world.typing.append(str(asked.get("message_id")))
            return {"success": True}

        return await self._call(request, method, body, asked, act)

    async def _media(self, request: HttpRequest) -> Response:
        body = await request.body()
        async with request.form() as form:
            file = form.get("file")
            data = await file.read() if file is not None and not isinstance(file, str) else b""
            name = (file.filename or "") if file is not None and not isinstance(file, str) else ""
            mime, product = str(form.get("type") or ""), form.get("messaging_product")

        def act(entry: Request, now: float) -> Json:
            if product != "whatsapp" or not data or not mime:
                raise ApiError(131008, "messaging_product, type and file")
            entry.file_name, entry.content = name, data
            return {"id": self._world.keep(data, mime, name)}

        return await self._call(request, "media", body, {}, act)

    async def _node(self, request: HttpRequest) -> Response:
        id, world = request.path_params["id"], self._world

        def number(entry: Request, now: float) -> Json:
            proof = request.query_params.get("appsecret_proof")
            wanted = hmac.new(world.secret.encode(), world.token.encode(), hashlib.sha256).hexdigest()
            if proof is not None and proof != wanted:
                raise ApiError(100, "Invalid appsecret_proof provided in the API argument")
            entities = [{"entity_type": kind, "id": node, "can_send_message": "AVAILABLE"}
                        for kind, node in (("PHONE_NUMBER", world.phone_id), ("WABA", world.waba_id))]  # fmt: skip
            return {
                "id": world.phone_id,
                "display_phone_number": "+62 811-0000-0001",
                "verified_name": "Sebaya",
                "quality_rating": "GREEN",
                "status": "CONNECTED",
                "health_status": {"can_send_message": "AVAILABLE", "entities": entities},
            }

        def media(entry: Request, now: float) -> Json:
            known = world.media.get(id)
            if known is None:
                raise ApiError(100, "Unsupported get request. Object does not exist", subcode=33)
            sha = hashlib.sha256(known[0]).hexdigest()
            return {"messaging_product": "whatsapp", "url": f"{self.base}/attachments/{id}", "mime_type": known[1],
                    "sha256": sha, "file_size": len(known[0]), "id": id}  # fmt: skip

        if id == world.phone_id:
            return await self._call(request, "number", b"", {}, number)
        return await self._call(request, "fetch", b"", {}, media, owner=False)

    async def _templates(self, request: HttpRequest) -> Response:
        settings = self._world.settings
        name = request.query_params.get("name")

        def act(entry: Request, now: float) -> Json:
            found = [_template(*known, "APPROVED") for known in sorted(settings.templates)]
            found += [_template(*known, "PAUSED") for known in sorted(settings.paused)]
            kept = [one for one in found if name in (None, one["name"])]
            counted = {"total_count": len(kept), "message_template_count": len(kept), "message_template_limit": 6000,
                       "are_translations_complete": True}  # fmt: skip
            return {"data": kept, "paging": {"cursors": {"before": "a", "after": "b"}}, "summary": counted}

        return await self._call(request, "templates", b"", {}, act, owner=False)

    async def _download(self, request: HttpRequest) -> Response:
        known = self._world.media.get(request.path_params["id"])

        def act(entry: Request, now: float) -> Json:
            if known is None:
                raise ApiError(131052)
            return {}

        response = await self._call(request, "download", b"", {}, act, owner=False)
        if response.status_code == 200 and known is not None and not isinstance(response, _Nothing):
            return Response(known[0], media_type=known[1])
        return response

    # --- around every call ---

    async def _call(
        self, request: HttpRequest, method: str, body: bytes, asked: Json, act: Any, *, owner: bool = True
    ) -> Response:
        world = self._world
        with world.change() as now:
            person = world.whom(asked) if method == "messages" else None
            entry = Request(method, request.url.path, body, asked, dict(request.query_params), now, person)
            world.requests.append(entry)
            world.open += 1
        try:
            response = await self._answer(request, entry, act, owner)
        except Exception:
            self.crashes.append(traceback.format_exc())
            response = _refusal(ApiError(131000, "the loopback server itself failed"))
        finally:
            with world.change():
                world.open -= 1
        entry.status = 0 if isinstance(response, _Nothing) else response.status_code
        return response

    async def _answer(self, request: HttpRequest, entry: Request, act: Any, owner: bool) -> Response:
        world = self._world
        if request.headers.get("authorization") != f"Bearer {world.token}":
            return self._refuse(entry, ApiError(190))
        node = request.path_params["id"]
        if owner and (node != world.phone_id or not world.settings.known):
            return self._refuse(entry, ApiError(100, "Object does not exist", subcode=33))
        with world.lock:
            fault = self._faults.strike(entry.method, entry.to)
        error = fault.error() if fault is not None else None
        if fault is not None:
            entry.fault = fault.kind
        response: Response = JSONResponse({})
        if fault is None or fault.accepted or fault.late:
            with world.change() as now:
                try:
                    answer = act(entry, now)
                    entry.done = True
                    response = JSONResponse(answer)
                    if fault is not None and fault.late and error is not None:
                        self._fails_later(entry, answer, error)
                        return response
                except ApiError as refused:
                    return self._refuse(entry, refused)
        if fault is None:
            return response
        if error is not None:
            return self._refuse(entry, error)
        return await self._struck(fault, request, response)

    def _fails_later(self, entry: Request, answer: Json, error: ApiError) -> None:
        known = self._world.sent.get(answer["messages"][0]["id"])
        if known is None:
            return
        person, made = known
        person.inbox.remove(made)  # it never reached the phone
        world = self._world
        world.outgoing = [one for one in world.outgoing if one.item.get("id") != made.id]
        world.log = [one for one in world.log if one.item.get("id") != made.id]
        world.fail(person, made, error)

    async def _struck(self, fault: Fault, request: HttpRequest, response: Response) -> Response:
        if fault.kind == "500":
            return JSONResponse({"error": {"message": "An unknown error has occurred.", "type": "OAuthException",
                                           "code": 1}}, 500)  # fmt: skip
        if fault.kind == "html":
            return HTMLResponse(_PAGE, 502)
        if fault.kind == "empty":
            return JSONResponse({"messaging_product": "whatsapp"})
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay)
            return response
        if fault.kind == "hang":
            while (await request.receive())["type"] != "http.disconnect":
                continue
        self._cutter.cut(request.client)
        return _Nothing()

    def _refuse(self, entry: Request, error: ApiError) -> Response:
        entry.code = error.code
        return _refusal(error)


def _template(name: str, language: str, status: str) -> Json:
    body = {"type": "BODY", "text": "Ada pesan untukmu. Balas untuk membacanya."}
    return {"id": f"{name}.{language}", "name": name, "language": language, "status": status, "category": "UTILITY",
            "parameter_format": "POSITIONAL", "components": [body]}  # fmt: skip


class _Nothing(Response):
    """An answer that is never sent, because the connection is closed."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue


def _refusal(error: ApiError) -> Response:
    return JSONResponse(error.wire(), error.status)
