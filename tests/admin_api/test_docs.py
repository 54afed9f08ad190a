"""The OpenAPI document and its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from admin_api.pages import HERE
from tests.admin_api.desk import Desk


async def document(desk: Desk) -> dict[str, Any]:
    answer = await desk.http.get("/api/openapi.json")
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.json()
    return shown


def operations(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


async def test_every_operation_is_described(desk: Desk) -> None:
    made = await document(desk)
    found = dict(operations(made))
    assert len(found) > 50
    assert [name for name, one in found.items() if not one.get("summary") or len(one.get("description", "")) < 8] == []
    ids = [one["operationId"] for one in found.values()]
    assert len(set(ids)) == len(ids)
    assert {one["tags"][0] for one in found.values()} == {tag["name"] for tag in made["tags"]}


async def test_every_field_and_parameter_is_described(desk: Desk) -> None:
    made = await document(desk)
    silent = [
        f"{name}.{field}"
        for name, schema in made["components"]["schemas"].items()
        for field, what in schema.get("properties", {}).items()
        if not what.get("description")
    ]
    silent += [
        f"{name} {given['name']}"
        for name, one in operations(made)
        for given in one.get("parameters", ())
        if given["in"] != "path" and not (given.get("description") or given["schema"].get("description"))
    ]
    assert silent == []


async def test_every_reference_leads_somewhere(desk: Desk) -> None:
    made = await document(desk)
    references = set(
        re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', (await desk.http.get("/api/openapi.json")).text)
    )
    assert references
    assert references <= set(made["components"]["schemas"])


async def test_problems_and_rights_stand_in_the_document(desk: Desk) -> None:
    for name, one in operations(await document(desk)):
        if "/api/v1/" not in name:
            assert one["security"] == []
            continue
        assert one["security"] == [{"token": []}]
        assert {"401", "403", "422"} <= set(one["responses"])
        if name.startswith("PATCH"):
            assert {"404", "412", "428"} <= set(one["responses"])
        for status, said in one["responses"].items():
            if status.startswith("4"):
                assert list(said["content"]) == ["application/problem+json"]


class Links(HTMLParser):
    """What a page loads, where it leads, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href", "action") and value:
                self.urls.append(value)
            if name == "id" and value:
                self.ids.append(value)
            if name == "style" or name.startswith("on") or tag in ("script", "style"):
                self.inline.append(f"{tag} {name}")


async def test_the_page_needs_nothing_from_elsewhere(desk: Desk) -> None:
    answer = await desk.http.get("/api/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Links()
    page.feed(answer.text)
    assert "`" not in answer.text
    assert "<code>id|en</code>" in answer.text
    assert [url for url in page.urls if not url.startswith(("/static/", "/api/openapi.json", "#"))] == []
    assert page.inline == []
    assert len(set(page.ids)) == len(page.ids)
    assert [url for url in page.urls if url.startswith("#") and url[1:] not in page.ids] == []
    assert [url for url in page.urls if url.startswith("/static/") and not (HERE / url[1:]).is_file()] == []
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_the_page_shows_every_operation_and_problem(desk: Desk) -> None:
    text = (await desk.http.get("/api/docs")).text
    for name, one in operations(await document(desk)):
        assert f'id="{one["operationId"]}"' in text, name
    answer = await desk.ask("GET", "/nothing")
    assert f'id="{answer.json()["type"].partition("#")[2]}"' in text
