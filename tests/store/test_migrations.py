"""The schema: what the migrations make is what the tables say, both ways, on both databases."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import fields
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from bot.store import entities, migrate
from bot.store.db import open_store
from bot.store.errors import StoreError, Unavailable
from bot.store.migrate import Schema
from bot.store.tables import metadata


def engine_of(url: str) -> Engine:
    return create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))


def test_a_new_store_becomes_current(empty_url: str) -> None:
    assert migrate.schema(empty_url) is Schema.EMPTY
    assert migrate.needs_migration(empty_url)
    migrate.migrate(empty_url, 1)
    assert migrate.schema(empty_url) is Schema.CURRENT
    assert not migrate.needs_migration(empty_url)


def test_the_migrations_make_what_the_tables_say(empty_url: str) -> None:
    migrate.migrate(empty_url, 1)
    engine = engine_of(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_partial_indexes_are_partial_on_both(empty_url: str) -> None:
    migrate.migrate(empty_url, 1)
    engine = engine_of(empty_url)
    key = f"{engine.dialect.name}_where"
    wanted = {
        (table.name, index.name): index.dialect_options[engine.dialect.name]["where"] is not None
        for table in metadata.sorted_tables
        for index in table.indexes
    }
    found = {
        (table, index["name"]): key in index.get("dialect_options", {})
        for table in metadata.tables
        for index in inspect(engine).get_indexes(table)
    }
    assert {name: partial for name, partial in found.items() if name in wanted} == wanted
    engine.dispose()


def test_down_to_nothing_and_up_again(empty_url: str) -> None:
    migrate.migrate(empty_url, 1)
    for revision in reversed(migrate.REVISIONS[:-1]):
        migrate.migrate(empty_url, 1, to=revision)
        assert migrate.schema(empty_url) is Schema.OLD
    migrate.migrate(empty_url, 1, to="base")
    engine = engine_of(empty_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    engine.dispose()
    migrate.migrate(empty_url, 1)
    assert migrate.schema(empty_url) is Schema.CURRENT


def test_every_step_from_an_older_version(empty_url: str) -> None:
    migrate.migrate(empty_url, 1)
    for revision in migrate.REVISIONS[:-1]:
        migrate.migrate(empty_url, 1, to="base")
        migrate.migrate(empty_url, 1, to=revision)
        assert migrate.schema(empty_url) is Schema.OLD
        assert migrate.needs_migration(empty_url)
        migrate.migrate(empty_url, 1)
        assert migrate.schema(empty_url) is Schema.CURRENT


def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'later.db'}"
    migrate.migrate(url, 1)
    with contextlib.closing(sqlite3.connect(tmp_path / "later.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert migrate.schema(url) is Schema.NEWER
    assert not migrate.needs_migration(url)
    with pytest.raises(StoreError, match="later version"):
        migrate.migrate(url, 1)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear reader, " * 100)
    with pytest.raises(Unavailable):
        migrate.schema(f"sqlite:///{tmp_path / 'letter.db'}")


def test_two_processes_may_migrate_at_once(empty_url: str) -> None:
    failures: list[BaseException] = []

    def one() -> None:
        try:
            migrate.migrate(empty_url, 1)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrate.schema(empty_url) is Schema.CURRENT


async def test_a_new_store_holds_the_help_directory_once(empty_url: str) -> None:
    migrate.migrate(empty_url, 1)
    migrate.migrate(empty_url, 2)
    store = open_store(empty_url)
    rows = await store.read(lambda tx: tx.all("SELECT contact, checked_on, status FROM resources"))
    await store.close()
    assert sorted(row["contact"] for row in rows).count("119 ext 8") == 1
    assert {(row["contact"], row["checked_on"], row["status"]) for row in rows} >= {
        ("119 ext 8", "2025-12-20", "reported"),
        ("112", None, "unconfirmed"),
    }


def test_the_known_revisions_are_those_in_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrate.HEAD]
    assert tuple(r.revision for r in reversed(list(script.walk_revisions()))) == migrate.REVISIONS


@pytest.mark.parametrize("shape", [entities.REQUESTS, entities.OFFERS, entities.CHATS, entities.CASES])
def test_every_field_has_its_column(shape: entities.Shape) -> None:
    columns = set(metadata.tables[shape.table].columns.keys())
    assert set(shape.columns) <= columns
    assert len(shape.columns) == len(fields(shape.kind))
    assert columns - set(shape.columns) <= {"version", "words", "words_version", "rules"}
