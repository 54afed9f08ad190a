"""An ordinary start does not pay for what it does not need."""

import subprocess
import sys

from tests.house.files import ROOT

HEAVY = ("sqlalchemy", "sqlmodel", "alembic", "psycopg")
HOT = "import bot.facts, bot.people, bot.audit, bot.store.entities, bot.store.sqlite, bot.store.migrate, bot.store.seal"


def test_the_hot_path_imports_no_orm_no_migrations_and_no_second_driver() -> None:
    script = f"{HOT}, sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
