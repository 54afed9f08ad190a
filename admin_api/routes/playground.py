"""The demonstration: student, supporter and counselor side by side. Exists only where the demonstration's own people
live; everywhere else these addresses are unknown."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from admin_api import problems
from admin_api.pages import language_of, page
from admin_api.routes.webchat import answer, web

router = APIRouter()
ROLES = ("student", "supporter", "counselor")


@router.get("/playground")
async def playground(request: Request) -> Response:
    """One story from three sides."""
    from admin_api.page_words import contact, linked, script_words

    serving = web(request)
    if serving.demo is None:
        return problems.document(404)
    language = language_of(request, serving.words)
    numbers = [contact(number) for number in await serving.webchat.numbers()]
    values = {"words": script_words(serving.words, language), "contacts": linked(numbers), "roles": ROLES}
    return page(serving.words, language, "playground.html", values)


@router.post("/playground/session/{role}", status_code=201)
async def begin(request: Request, role: Annotated[str, Path(pattern="^(student|supporter|counselor)$")]) -> Response:
    """A fresh session of a demonstration person. A student is somebody new each time."""
    serving = web(request)
    if serving.demo is None:
        return problems.document(404)
    language = language_of(request, serving.words)
    return answer({"token": await serving.demo.session(role, language)}, 201)


@router.post("/playground/again")
async def again(request: Request) -> Response:
    """Begin the story anew: what is open between the demonstration's people ends."""
    serving = web(request)
    if serving.demo is None:
        return problems.document(404)
    await serving.demo.again()
    return answer({})
