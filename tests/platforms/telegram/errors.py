"""Refusals in Telegram's own words (wording observed in the public Bot API server, telegram-bot-api)."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refused call: HTTP status, description, perhaps `parameters` (retry_after, migrate_to_chat_id)."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def wire(self) -> dict[str, Any]:
        """The JSON body Telegram answers with."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(what: str, **parameters: int) -> ApiError:
    """400, e.g. `bad_request("message text is empty")`."""
    return ApiError(400, f"Bad Request: {what}", **parameters)


def forbidden(what: str) -> ApiError:
    """403, e.g. `forbidden("bot was blocked by the user")`."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """409: two ways of receiving updates at once."""
    return ApiError(409, f"Conflict: {what}")


def too_many(retry_after: int) -> ApiError:
    """429: the caller must wait `retry_after` seconds."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


UNAUTHORIZED = (401, "Unauthorized")
NOT_FOUND = (404, "Not Found")
METHOD_NOT_FOUND = (404, "Not Found: method not found")
BLOCKED = "bot was blocked by the user"
DEACTIVATED = "user is deactivated"
NEVER_STARTED = "bot can't initiate conversation with a user"
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
