"""Requests, offers, chats and cases as rows, and the two dialogs of a person: the hot path's constant statements.

One statement of each kind is made for each dataclass when this module is imported; nothing is composed per call.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast, get_type_hints

import orjson

from bot.store.db import Row, Tx
from bot.store.errors import Again, StoreError
from flows.snapshot import VERSION, Case, Chat, Desk, Offer, Request, Student, desk_from_json, student_from_json

Entity = TypeVar("Entity", Request, Offer, Chat, Case)

_RENAMED = {"case": "case_id"}  # CASE is a word of SQL
_SEALED = "~"  # before a counselor's display name in chats.helper_alias, which is sealed under their key


class Missing(StoreError):
    """A row that must be there is not."""


def _lists(kind: type[Any]) -> tuple[str, ...]:
    """The fields that hold tuples: JSON knows lists only."""
    return tuple(name for name, hint in get_type_hints(kind).items() if str(hint).startswith("tuple"))


class Shape(Generic[Entity]):
    """How one dataclass lies in its table."""

    def __init__(self, kind: type[Entity], table: str) -> None:
        self.kind: type[Entity] = kind
        self.table = table
        hints = get_type_hints(kind)
        self.names = tuple(field.name for field in fields(kind))
        self._values = attrgetter(*self.names)
        self.columns = tuple(_RENAMED.get(name, name) for name in self.names)
        self.lists = _lists(kind)
        self.flags = tuple(name for name in self.names if hints[name] is bool)
        self.select = f"SELECT {', '.join(f'{table}.{column}' for column in self.columns)} FROM {table}"  # noqa: S608 - names of our own dataclasses
        self.get = f"{self.select} WHERE id = :id"
        # Not FOR UPDATE: a row that refers to this one may be added meanwhile.
        self.lock = f"{self.get} FOR NO KEY UPDATE"
        self.insert = (
            f"INSERT INTO {table} ({', '.join(self.columns)}) "  # noqa: S608 - names of our own dataclasses
            f"VALUES ({', '.join(f':{name}' for name in self.names)})"
        )
        changes = ", ".join(f"{c} = :{n}" for c, n in zip(self.columns, self.names, strict=True) if n != "id")
        self.save = f"UPDATE {table} SET {changes}, version = version + 1 WHERE id = :id"  # noqa: S608 - names of our own dataclasses

    def read(self, tx: Tx, row: Row) -> Entity:
        """The frozen value of a row selected by this shape's columns."""
        values = dict(zip(self.names, row, strict=False))
        for name in self.lists:
            text = values[name]
            values[name] = () if text == "[]" else tuple(orjson.loads(text))
        for name in self.flags:
            values[name] = bool(values[name])
        if self.table == "chats" and values["helper_alias"].startswith(_SEALED):
            values["helper_alias"] = _display_name(tx, values["helper"], values["helper_alias"])
        value = cast(Callable[..., Entity], self.kind)(**values)
        self.remember(tx, value)
        return value

    def remember(self, tx: Tx, value: Request | Offer | Chat | Case) -> None:
        """Whose it is, which spares `hold` a lookup."""
        if not isinstance(value, Offer):
            tx.memo["of", self.table, value.id] = value.student

    def params(self, tx: Tx, value: Request | Offer | Chat | Case) -> dict[str, Any]:
        """The columns' values of an entity."""
        params: dict[str, Any] = dict(zip(self.names, self._values(value), strict=True))
        for name in self.lists:
            params[name] = orjson.dumps(params[name]).decode() if params[name] else "[]"
        if isinstance(value, Chat) and value.role == "counselor" and value.helper_alias:
            sealed = tx.seal(value.helper, value.helper_alias, "chats.helper_alias")
            params["helper_alias"] = _SEALED + base64.b64encode(sealed).decode()
        return params


def _display_name(tx: Tx, helper: int, sealed: str) -> str:
    name = tx.text(helper, base64.b64decode(sealed[len(_SEALED) :]), "chats.helper_alias")
    if name is None:  # erased since: their alias stays
        name = str(tx.value("SELECT alias FROM people WHERE id = :helper", helper=helper) or "")
    return name


REQUESTS = Shape(Request, "requests")
OFFERS = Shape(Offer, "offers")
CHATS = Shape(Chat, "chats")
CASES = Shape(Case, "cases")

_shapes: dict[type[Any], Shape[Any]] = {Request: REQUESTS, Offer: OFFERS, Chat: CHATS, Case: CASES}


def get(tx: Tx, kind: type[Entity], id: str) -> Entity | None:
    """The entity of this id, or None."""
    shape: Shape[Entity] = _shapes[kind]
    row = tx.one(shape.get, id=id)
    return None if row is None else shape.read(tx, row)


def lock(tx: Tx, kind: type[Entity], id: str) -> Entity | None:
    """`get`, and nobody else changes it until this transaction ends."""
    hold(tx, kind, id)
    shape: Shape[Entity] = _shapes[kind]
    row = tx.one(shape.lock, id=id)
    return None if row is None else shape.read(tx, row)


_HOLD: dict[type[Any], str] = {
    kind: f"SELECT id FROM people WHERE id = ({whose}) FOR NO KEY UPDATE"  # noqa: S608 - constants of this file
    for kind, whose in (
        (Request, "SELECT student FROM requests WHERE id = :id"),
        (Offer, "SELECT student FROM requests WHERE id = (SELECT request FROM offers WHERE id = :id)"),
        (Chat, "SELECT student FROM chats WHERE id = :id"),
        (Case, "SELECT student FROM cases WHERE id = :id"),
    )
}
_HOLD_PERSON = "SELECT id FROM people WHERE id = :id FOR NO KEY UPDATE"


def hold(tx: Tx, kind: type[Entity], id: str) -> None:
    """Lock the student to whom a request, offer, chat or case belongs. Everybody who changes any of them does this
    first, after their own row: so no two transactions wait for each other over one student's things."""
    if tx.dialect == "sqlite":  # the one writer holds everything
        return
    student = tx.memo.get(("of", _shapes[kind].table, id))
    if student is not None:
        hold_person(tx, student)
    elif ("held", kind, id) not in tx.memo:
        tx.memo["held", kind, id] = True
        student = tx.value(_HOLD[kind], id=id)
        tx.memo["held", student] = True


def hold_person(tx: Tx, id: int) -> None:
    """Lock a person's row, once in a transaction."""
    if tx.dialect != "sqlite" and ("held", id) not in tx.memo:
        tx.value(_HOLD_PERSON, id=id)
        tx.memo["held", id] = True


def insert(tx: Tx, value: Request | Offer | Chat | Case) -> None:
    """A new row. Raises Conflict where a rule of the table refuses it (two open cases of one person, ...)."""
    shape = _shapes[type(value)]
    tx.run(shape.insert, **shape.params(tx, value))


def save(tx: Tx, value: Request | Offer | Chat | Case) -> None:
    """Write all fields and raise the row's version. Raises Missing where there is no such row, Conflict as `insert`."""
    shape = _shapes[type(value)]
    if tx.run(shape.save, **shape.params(tx, value)) != 1:
        raise Missing(f"no such row in {shape.table}")


def set_words(tx: Tx, case: str, student: int, text: str, version: str) -> None:
    """Keep the words that opened or raised a case, sealed under the key of the person in danger, and the lexicon's
    version that judged them."""
    tx.run(
        "UPDATE cases SET words = :words, words_version = :version WHERE id = :case",
        words=tx.seal(student, text, "cases.words"),
        version=version,
        case=case,
    )


# --- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A row of people. `student` and `desk` are None until that dialog has begun; `erased` when the key is gone."""

    id: int
    alias: str
    language: str
    student: Student | None
    desk: Desk | None
    unreachable_at: int | None
    pranks: int
    erased: bool
    version: int


_PERSON = "SELECT id, alias, language, student, desk, unreachable_at, pranks, version, key FROM people WHERE id = :id"
_PERSON_LOCKED = f"{_PERSON} FOR NO KEY UPDATE"
_PEOPLE_LOCKED = "SELECT id FROM people WHERE id IN :ids ORDER BY id FOR NO KEY UPDATE"
_SAVE_STUDENT = "UPDATE people SET student = :student, version = version + 1 WHERE id = :id AND version = :version"
_SAVE_DESK = (
    "UPDATE people SET desk = :desk, on_duty = :on_duty, duty_since = :duty_since, paused_until = :paused_until, "
    "version = version + 1 WHERE id = :id"
)
_STUDENT_FIELDS = frozenset(field.name for field in fields(Student))
_DESK_FIELDS = frozenset(field.name for field in fields(Desk))
_STUDENT_LISTS, _DESK_LISTS = _lists(Student), _lists(Desk)


def person(tx: Tx, id: int, *, lock: bool = False) -> Person | None:
    """A person with both dialogs, or None. With `lock`, nobody else changes them until this transaction ends; take
    several people in the order of their ids (`lock_people`)."""
    row = tx.one(_PERSON_LOCKED if lock else _PERSON, id=id)
    if row is None:
        return None
    found, alias, language, student, desk, unreachable_at, pranks, version, key = row
    if lock:
        tx.memo["held", found] = True
    tx.keeper.prime(tx, found, key)
    return Person(
        found, alias, language, None if student is None else read_student(student),
        None if desk is None else read_desk(desk), unreachable_at, pranks, key is None, version,
    )  # fmt: skip


def lock_people(tx: Tx, ids: Iterable[int]) -> None:
    """Lock several people, in the order of their ids, so that two transactions never wait for each other."""
    wanted = sorted(set(ids))
    tx.all(_PEOPLE_LOCKED, ids=wanted)
    tx.memo |= {("held", id): True for id in wanted}


def read_student(text: str) -> Student:
    """A Student from its JSON, quickly where it is of this version."""
    data = orjson.loads(text)
    if data.get("v") != VERSION or data.keys() != _STUDENT_FIELDS:
        return student_from_json(data)
    for name in _STUDENT_LISTS:
        data[name] = tuple(data[name])
    return Student(**data)


def read_desk(text: str) -> Desk:
    """A Desk from its JSON."""
    data = orjson.loads(text)
    if data.keys() != _DESK_FIELDS:
        return desk_from_json(data)
    for name in _DESK_LISTS:
        data[name] = tuple(data[name])
    return Desk(**data)


def save_student(tx: Tx, student: Student, version: int | None = None) -> None:
    """Write a student's dialog. With the `version` that was read, raises Again where somebody has written since."""
    text = orjson.dumps(student).decode()
    if version is None:
        count = tx.run(
            "UPDATE people SET student = :student, version = version + 1 WHERE id = :id",
            student=text,
            id=student.person,
        )
    else:
        count = tx.run(_SAVE_STUDENT, student=text, id=student.person, version=version)
    if count != 1:
        raise Missing("no such person") if version is None else Again("the dialog was changed meanwhile")


def save_desk(tx: Tx, desk: Desk) -> None:
    """Write a helper's dialog, and the copies of it that queries use."""
    count = tx.run(
        _SAVE_DESK,
        desk=orjson.dumps(desk).decode(),
        on_duty=desk.state == "on",
        duty_since=desk.duty_since,
        paused_until=desk.paused_until,
        id=desk.person,
    )
    if count != 1:
        raise Missing("no such person")
