"""Health and readiness."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Output


class Health(Output):
    """The process lives."""

    status: Literal["ok"] = Field(description="Always ok.")


class Readiness(Output):
    """Whether the service can work, and what is wrong."""

    status: Literal["ok", "unavailable"] = Field(description="ok: rules, database and workers run.")
    reasons: list[str] = Field(description="What is wrong, one sentence each; platforms' outages too.", examples=[[]])
