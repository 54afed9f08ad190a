"""The OpenAPI document: generated, completed with what FastAPI cannot know, and made once."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from admin_api.auth import PREFIX, ROLES
from admin_api.problems import KINDS

TAGS = {
    "supporters": "Trained peers who accept chats.",
    "counselors": "Professionals on duty who take escalations.",
    "coordinators": "Who runs rosters, shifts, content and reports.",
    "roster": "All three as one CSV file.",
    "invitations": "Single-use codes to join with.",
    "shifts": "The rota and its gaps.",
    "duty": "Who is on now.",
    "requests": "Who waits.",
    "chats": "Who holds whom; never what is said.",
    "cases": "Escalations, until a named person has them.",
    "reviews": "What the semantic net wants a counselor to look at.",
    "resources": "The help directory, with the date of the last check.",
    "lexicon": "The crisis rules: tried, changed, published as versions, brought back.",
    "settings": "What may be adjusted while the service runs.",
    "tokens": "Access to this API.",
    "aside": "What could not be processed.",
    "audit": "Who did what.",
    "traces": "What became of one message, without a word of it.",
    "webhooks": "Where the platforms deliver.",
    "health": "For machines that watch.",
}

INTRODUCTION = f"""
Send a token as `Authorization: Bearer ...`; `sebaya token create` makes the first one. Roles are coordinator
(everything but what is said in conversations), counselor (cases and duty), read-only (lists, with names masked) and
supporter (no right here); each operation names its roles.

Times go out with the offset of the deployment's zone and must come in with one. Lists are `items` and `next_cursor`:
send it as `cursor` for the next page. A resource carries an `ETag`; a PATCH must send it as `If-Match`. Unknown fields
and parameters are refused. Every answer but a success is a problem document (RFC 9457): {", ".join(map(str, KINDS))}.
"""


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an app; kept on it."""
    if app.openapi_schema is None:
        from fastapi.openapi.utils import get_openapi

        from admin_api.routes.answers import ProblemDocument

        made = get_openapi(
            title="Sebaya", version=app.version, description=INTRODUCTION.strip(), routes=app.routes,
            tags=[{"name": name, "description": what} for name, what in TAGS.items()],
        )  # fmt: skip
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["ProblemDocument"] = problem
        for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own form of 422, which ours replaces
            schemas.pop(name, None)
        made["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "A token of this API."}
        }
        for path, operations in made["paths"].items():
            for operation in operations.values():
                _complete(path, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say who may call an operation, and take out answers that it never gives."""
    if path.startswith(PREFIX):
        operation["security"] = [{"token": []}]
        roles = ", ".join(operation[ROLES])
        operation["description"] = f"{operation.get('description', '')}\n\nRoles: {roles}.".strip()
    else:
        operation["security"] = []
        operation["responses"].pop("422", None)
