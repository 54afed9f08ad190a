"""The OpenAPI document, and a page that shows it: made here, with nothing from elsewhere, so that it works offline."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from admin_api.openapi import document
from admin_api.problems import KINDS, title_of

router = APIRouter(include_in_schema=False)


@router.get("/api/openapi.json")
async def openapi(request: Request) -> Response:
    """The document, as machines read it."""
    return Response(_document_bytes(request.app), media_type="application/json")


@router.get("/api/docs")
async def docs(request: Request) -> Response:
    """The document, as people read it."""
    from admin_api.pages import HEADERS

    return Response(_page(request.app), headers=HEADERS, media_type="text/html; charset=utf-8")


@cache
def _document_bytes(app: FastAPI) -> bytes:
    import orjson

    return orjson.dumps(document(app))


@cache
def _page(app: FastAPI) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from admin_api.docs_page import sections
    from admin_api.pages import HERE

    templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    templates.filters["coded"] = coded
    made: dict[str, Any] = document(app)
    kinds = [(status, slug, title_of(status), what) for status, (slug, what) in KINDS.items()]
    return templates.get_template("docs.html").render(info=made["info"], sections=sections(made), kinds=kinds)


def coded(text: str) -> str:
    """A text for the page in which `this` becomes code."""
    from markupsafe import Markup, escape

    parts = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
