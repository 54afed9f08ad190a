"""The web channel at /chat: the page, and what its script sends. The token stands in a header, never in a URL (P3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from admin_api import problems
from admin_api.callers import Callers
from admin_api.pages import language_of, page
from admin_api.problems import Problem
from bot.channels.web import Edit, Post, Press, Text, Upload
from bot.webchat.sessions import Session

if TYPE_CHECKING:
    from bot.webchat.service import Webchat
    from bot.words import Words

router = APIRouter()

LONGEST_TEXT = 8_000
"""Characters of one message. A longer one is refused, and stays in the box of the page."""
LARGEST_FILE = 10 * 1024 * 1024
SESSIONS_A_MINUTE = 240
"""New sessions of one network address: a whole school, or everybody behind one proxy, may share one."""

QUIET = {"Cache-Control": "no-store"}


class Demo(Protocol):
    """What the playground needs of the demonstration."""

    async def session(self, role: str, language: str) -> str:
        """The token of a fresh session for a demonstration person of this role."""
        ...

    async def again(self) -> None:
        """End what is open between the demonstration's people, so that the story can begin anew."""
        ...


class WebService(Protocol):
    """What the pages need of the service."""

    @property
    def webchat(self) -> Webchat: ...

    @property
    def words(self) -> Words: ...

    @property
    def demo(self) -> Demo | None: ...

    def clock(self) -> int: ...


def web(request: Request) -> WebService:
    """The service behind the pages."""
    found: Any = request.app.state.service
    serving: WebService = found
    return serving


async def session_of(request: Request, authorization: Annotated[str, Header()] = "") -> Session:
    """The session that a request speaks for. 401 for a token that is missing, unknown, expired or revoked."""
    scheme, _, token = authorization.partition(" ")
    found = await web(request).webchat.session(token) if scheme.lower() == "bearer" and token else None
    if found is None:
        raise Problem(401)
    return found


Here = Annotated[Session, Depends(session_of)]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
ClientId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSession(Body):
    language: Annotated[str, StringConstraints(max_length=16)] = ""


class Remember(Body):
    remember: bool


class Message(Body):
    client_id: ClientId
    text: str
    quote: Id = ""


class Pressed(Body):
    client_id: ClientId
    message: Id
    data: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Edited(Body):
    client_id: ClientId
    message: ClientId
    text: str


class Acknowledged(Body):
    ids: Annotated[list[Id], Field(max_length=500)]


class Before(Body):
    before: Annotated[str, StringConstraints(max_length=64)]


@router.get("/chat")
async def chat(request: Request) -> Response:
    """The page. Looking at it leaves no trace: a session begins with the first thing a person does."""
    from admin_api.page_words import contact, linked, script_words

    serving = web(request)
    language = language_of(request, serving.words)
    numbers = [contact(number) for number in await serving.webchat.numbers()]
    others = [name for name in serving.words.languages if name != language]
    values = {
        "words": script_words(serving.words, language),
        "contacts": linked(numbers),
        "numbers": numbers,
        "other": others[0] if others else language,
    }
    return page(serving.words, language, "chat.html", values)


@router.get("/chat/keluar")
@router.get("/kalender")
async def calendar(request: Request) -> Response:
    """What stands on the screen after the quick way out: a calendar, as harmless as it looks."""
    words = web(request).words
    return page(words, language_of(request, words), "calendar.html", {})


@router.post("/chat/session", status_code=201)
async def begin(request: Request, body: NewSession) -> Response:
    """A new session. Its token is shown this once."""
    serving = web(request)
    caller = request.client.host if request.client else ""
    callers: Callers = request.app.state.callers
    if not callers.allow(caller, serving.clock()):
        return problems.document(429, headers={"Retry-After": "60"})
    token = await serving.webchat.open(serving.words.language(body.language))
    return answer({"token": token}, 201)


@router.post("/chat/remember")
async def remember(request: Request, session: Here, body: Remember) -> Response:
    """Keep the session for longer than a tab usually lives, or no longer."""
    await web(request).webchat.remember(session, body.remember)
    return answer({})


@router.post("/chat/leave")
async def leave(request: Request, session: Here) -> Response:
    """The person left by the quick way out: nobody comes back with this token."""
    await web(request).webchat.leave(session)
    return answer({})


@router.post("/chat/messages")
async def say(request: Request, session: Here, body: Message) -> Response:
    """A line. Answered once it is committed (M1); the same client_id again changes nothing."""
    return await _take(request, session, body.text, Text(body.client_id, body.text, body.quote))


@router.post("/chat/edit")
async def edit(request: Request, session: Here, body: Edited) -> Response:
    """New words for an own line."""
    return await _take(request, session, body.text, Edit(body.client_id, body.message, body.text))


@router.post("/chat/press")
async def press(request: Request, session: Here, body: Pressed) -> Response:
    """A choice under one of our lines."""
    if len(body.data.encode()) > 64:
        return problems.document(422)
    return await _take(request, session, "press", Press(body.client_id, body.message, body.data))


@router.post("/chat/media")
async def media(request: Request, session: Here, x_client_id: Annotated[ClientId, Header()]) -> Response:
    """A photo or a voice recording: the bytes alone, without a name."""
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > LARGEST_FILE:
            return problems.document(413, code="large")
    return await _take(request, session, "media", Upload(x_client_id, bytes(held)))


async def _take(request: Request, session: Session, text: str, post: Post) -> Response:
    from bot.store.errors import StoreError
    from bot.webchat.blobs import Unshowable

    if not text.strip():
        return problems.document(422, code="empty")
    if len(text) > LONGEST_TEXT:
        return problems.document(422, f"At most {LONGEST_TEXT} characters fit into one message.", code="too_long")
    try:
        taken = await web(request).webchat.receive(session, post)
    except Unshowable:
        return problems.document(415, "A photo (JPEG, PNG, WebP, GIF) or a voice recording can be sent.", code="media")
    except StoreError:
        return problems.document(503)  # not stored, so not received: the page sends it again (M1)
    return answer({"toast": taken.toast} if taken.toast else {})


@router.post("/chat/typing")
async def typing(request: Request, session: Here) -> Response:
    """Somebody is writing: told to the other side, kept nowhere."""
    await web(request).webchat.typing(session)
    return answer({})


@router.post("/chat/ack")
async def acknowledge(request: Request, session: Here, body: Acknowledged) -> Response:
    """The page has these lines: only now are they delivered."""
    await web(request).webchat.acknowledge(session, body.ids)
    return answer({})


@router.post("/chat/history")
async def history(request: Request, session: Here, body: Before) -> Response:
    """Lines before those that the page has."""
    found = await web(request).webchat.before(session, body.before)
    return answer(
        {
            "lines": [event.data for event in found.events if event.name == "line"],
            "changes": [event.data for event in found.events if event.name == "change"],
            "before": found.before,
        }
    )


@router.get("/chat/media/{id}")
async def picture(
    request: Request, session: Here, id: Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")]
) -> Response:
    """The bytes of a picture, a recording or a document of this conversation."""
    found = await web(request).webchat.picture(session, id)
    if found is None:
        return problems.document(404)
    data, mime = found
    headers = {**QUIET, "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "attachment"}
    return Response(data, headers=headers, media_type=mime)


def answer(value: dict[str, Any], status: int = 200) -> Response:
    """JSON that nobody keeps."""
    import orjson

    return Response(orjson.dumps(value), status, QUIET, "application/json")
