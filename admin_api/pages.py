"""What every page for people shares: templates, their words, the headers that keep strangers' code out, and the files
that stand beside them. No build step, no script or font from elsewhere, nothing inline."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response

if TYPE_CHECKING:
    from jinja2 import Environment

    from bot.words import Words

HERE = Path(__file__).resolve().parent
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def language_of(request: Request, words: Words) -> str:
    """The language of a page: `?bahasa=`, else the first one that the browser asks for and we speak, else the
    default."""
    chosen = request.query_params.get("bahasa", "")
    if chosen in words.languages:
        return chosen
    for wanted in request.headers.get("accept-language", "")[:200].split(","):
        tag = wanted.partition(";")[0].strip()
        name = words.language(tag)
        if tag.lower().startswith((name, "in")):
            return name
    return words.default


def page(words: Words, language: str, template: str, values: Mapping[str, Any]) -> Response:
    """A rendered page. In a template `t("web.key", name=value)` is a text of the catalogue."""

    def t(key: str, **args: str | int) -> str:
        return words.text(language, key, args)

    text = _templates().get_template(template).render(t=t, lang=language, **values)
    return Response(text, headers=HEADERS, media_type="text/html")


def install(app: FastAPI) -> None:
    """The pages at /chat and /playground, and /static beside them."""
    from starlette.staticfiles import StaticFiles

    from admin_api.callers import Callers
    from admin_api.routes import front, playground, webchat, webchat_stream

    class Files(StaticFiles):
        """Asked for anew each time, and answered 304 while they are the same."""

        def file_response(self, *args: Any, **kw: Any) -> Response:
            response = super().file_response(*args, **kw)
            response.headers["Cache-Control"] = "no-cache"
            return response

    app.state.callers = Callers(webchat.SESSIONS_A_MINUTE, 60_000)
    app.mount("/static", Files(directory=HERE / "static"), name="static")
    for router in (front.router, webchat.router, webchat_stream.router, playground.router):
        app.include_router(router, include_in_schema=False)
