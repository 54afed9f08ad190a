"""The OpenAPI document, arranged for the documentation page: by resource, operation and field, references resolved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from admin_api.auth import ROLES

Schema = Mapping[str, Any]
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field or parameter. `indent` counts the objects around it."""

    name: str
    kind: str
    required: bool
    what: str
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    what: str
    roles: tuple[str, ...]
    parameters: tuple[FieldLine, ...]
    body: tuple[FieldLine, ...]
    example: str
    shown: tuple[FieldLine, ...]
    answer: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One resource."""

    name: str
    what: str
    operations: tuple[Operation, ...]


def sections(document: Schema) -> list[Section]:
    """The page's sections, in the order of the document's tags."""
    schemas: Schema = document["components"]["schemas"]
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, schemas))
    return [
        Section(tag["name"], tag["description"], tuple(found[tag["name"]]))
        for tag in document["tags"]
        if tag["name"] in found
    ]


def _operation(path: str, method: str, operation: Schema, schemas: Schema) -> Operation:
    body = _content(operation.get("requestBody", {}))
    success = next((_content(said) for status, said in operation["responses"].items() if status.startswith("2")), {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        what=operation.get("description", "").partition("\n\nRoles:")[0],
        roles=tuple(operation.get(ROLES, ())),
        parameters=tuple(
            FieldLine(
                given["name"], _kind(given["schema"], schemas), given.get("required", False),
                given.get("description") or given["schema"].get("description", ""),
            )
            for given in operation.get("parameters", ())
        ),
        body=tuple(_fields(body.get("schema", {}), schemas)),
        example=_example(body, schemas),
        shown=tuple(_fields(success.get("schema", {}), schemas)),
        answer=_example(success, schemas),
        answers=tuple((status, said["description"]) for status, said in operation["responses"].items()),
    )  # fmt: skip


def _content(said: Schema) -> Schema:
    for content in said.get("content", {}).values():
        first: Schema = content
        return first
    return {}


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    """The schema itself: behind a reference, or the one that is not null."""
    for _ in range(DEEPEST):
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        elif some := [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]:
            if len(some) > 1:
                return schema
            schema = {**some[0], **{k: v for k, v in schema.items() if k != "anyOf"}}
        else:
            break
    return schema


def _kind(schema: Schema, schemas: Schema) -> str:
    """What kind of value, in a word or two."""
    choices = [_one_kind(_resolved(each, schemas), schemas) for each in schema.get("anyOf", [schema])]
    return " or ".join(dict.fromkeys(choices))


def _one_kind(schema: Schema, schemas: Schema) -> str:
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'], schemas)}"
    kind = str(schema.get("format") or schema.get("type") or "value")
    bounds = [str(schema[key]) for key in ("minimum", "maximum") if key in schema]
    return f"{kind} {' to '.join(bounds)}" if len(bounds) == 2 else kind


def _fields(schema: Schema, schemas: Schema, indent: int = 0) -> Iterator[FieldLine]:
    schema = _resolved(schema, schemas)
    if schema.get("type") == "array":
        schema = _resolved(schema["items"], schemas)
    for name, field in schema.get("properties", {}).items():
        yield FieldLine(
            name, _kind(field, schemas), name in schema.get("required", ()),
            field.get("description") or _resolved(field, schemas).get("description", ""), indent,
        )  # fmt: skip
        inner = _resolved(field, schemas)
        if indent < DEEPEST and (inner.get("type") == "object" or "items" in inner):
            yield from _fields(inner, schemas, indent + 1)


def _example(content: Schema, schemas: Schema) -> str:
    if isinstance(content.get("example"), str):
        return str(content["example"])
    value = _value(content.get("schema", {}), schemas)
    return json.dumps(value, indent=2, ensure_ascii=False) if value is not None else ""


def _value(schema: Schema, schemas: Schema, depth: int = 0) -> Any:
    """An example of the schema, from the examples of its fields."""
    if schema.get("examples"):
        return schema["examples"][0]
    resolved = _resolved(schema, schemas)
    if resolved.get("examples"):
        return resolved["examples"][0]
    if "properties" in resolved and depth < DEEPEST:
        return {name: _value(field, schemas, depth + 1) for name, field in resolved["properties"].items()}
    if "items" in resolved and depth < DEEPEST:
        inner = _value(resolved["items"], schemas, depth + 1)
        return [] if inner is None else [inner]
    if "enum" in resolved:
        return resolved["enum"][0]
    return resolved.get("default", resolved.get("const"))
