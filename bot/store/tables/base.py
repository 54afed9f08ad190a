"""What the tables are made of: columns in the house's few kinds, names for constraints, partial indexes."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Text, text
from sqlalchemy.sql.elements import TextClause
from sqlmodel import Field, SQLModel

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BIG = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts rows only in an INTEGER PRIMARY KEY


class Table(SQLModel):
    """What all tables share."""

    metadata: ClassVar[MetaData] = metadata


def column(kind: Any, *args: Any, null: bool = False, default: str | None = None, **kw: Any) -> Any:
    made = Column(kind, *args, nullable=null, server_default=None if default is None else text(default), **kw)
    return Field(default=None, sa_column=made)


def counted() -> Any:
    """A number that the database gives, never twice."""
    return Field(default=None, sa_column=Column(BIG, primary_key=True, autoincrement=True))


def plain(**kw: Any) -> Any:
    return column(Text, **kw)


def number(**kw: Any) -> Any:
    return column(Integer, **kw)


def moment(**kw: Any) -> Any:
    """Milliseconds since 1970 UTC; also any other 64-bit number."""
    return column(BigInteger, **kw)


def sealed(**kw: Any) -> Any:
    return column(LargeBinary, **kw)


def yes_no(default: str) -> Any:
    return column(Boolean, default=default)


def person(*, primary_key: bool = False, **kw: Any) -> Any:
    return column(BigInteger, ForeignKey("people.id"), primary_key=primary_key, **kw)


def name_key() -> Any:
    return Field(default=None, sa_column=Column(Text, primary_key=True))


def key_part(kind: Any = Text) -> Any:
    return Field(default=None, sa_column=Column(kind, primary_key=True, autoincrement=False))


def only_where(name: str, *columns: str, where: str, unique: bool = True) -> Index:
    """A partial index; unique ones make a race harmless."""
    condition: TextClause = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


COUNTED = {"sqlite_autoincrement": True}
KEYED = {"sqlite_with_rowid": False}
