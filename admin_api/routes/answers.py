"""The answers other than success that operations of the admin API share, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from admin_api.problems import KINDS, MEDIA_TYPE, title_of
from admin_api.schemas.base import Output


class FieldProblem(Output):
    """What is wrong with one field."""

    field: str = Field(description="The field or parameter.", examples=["capacity"])
    message: str = Field(description="What to write instead.", examples=["must be a whole number from 0 to 20"])


class ProblemDocument(Output):
    """RFC 9457."""

    type: str = Field(description="What kind of problem, explained on the documentation page.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, for a person.")
    errors: list[FieldProblem] = Field([], description="The fields at fault.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The given kinds, with what every operation may answer."""
    return {
        status: {
            "description": KINDS[status][1],
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/ProblemDocument"},
                    "example": {
                        "type": f"/api/docs#{KINDS[status][0]}", "title": title_of(status), "status": status,
                        "detail": KINDS[status][1],
                    },
                }
            },
        }
        for status in sorted({401, 403, 422, *statuses})
    }  # fmt: skip


SCHEMAS: dict[str, Any] = {
    "ProblemDocument": ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}"),
}
"""Added to the document's components; `$defs` are lifted by `admin_api.openapi`."""
