"""`sebaya serve` as a process: what it refuses, what it serves, how it ends."""

from __future__ import annotations

import signal
import socket
import stat

import httpx
import pytest

from bot.store.db import Tx
from bot.store.keys import key_text, new_key
from tests.cli.conftest import House
from tests.cli.served import PATIENCE, serving
from tests.store.postgres import empty_postgres, postgres

__all__ = ["empty_postgres", "postgres"]

pytestmark = pytest.mark.timeout(300)


def refused(house: House, *args: str) -> tuple[int, str]:
    done = house.do("serve", "--port", "0", *args)
    return done.status, done.err


def test_unset_keys_stop_the_start(house: House) -> None:
    house.keys = ""
    house.write_env()
    status, said = refused(house)
    assert status == 1
    assert said.startswith("SEBAYA_SECRET_KEYS is not set")
    assert "sebaya keys new" in said


def test_keys_that_are_none_stop_the_start(house: House) -> None:
    house.keys = "tooshort"
    house.write_env()
    status, said = refused(house)
    assert status == 1
    assert said.startswith("SEBAYA_SECRET_KEYS key 1 is not url-safe base64")
    assert "tooshort" not in said


def test_wrong_keys_stop_the_start(house: House) -> None:
    house.read(lambda tx: None)  # seals the store
    house.keys = key_text([new_key()])
    house.write_env()
    status, said = refused(house)
    assert status == 1
    assert "SEBAYA_SECRET_KEYS lacks the key" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "webhook"}, "SEBAYA_TELEGRAM_WEBHOOK_SECRET"),
        ({"TELEGRAM_MODE": "carrier-pigeon"}, "SEBAYA_TELEGRAM_MODE"),
        ({"DATABASE_URL": "mysql://x"}, "SEBAYA_DATABASE_URL"),
        ({"ESCALATION_WEBHOOK_URL": "https://hook.example.org/x"}, "SEBAYA_ESCALATION_WEBHOOK_SECRET"),
    ],
)
def test_unsafe_settings_stop_the_start_with_their_name(house: House, settings: dict[str, str], named: str) -> None:
    house.write_env(**settings)
    status, said = refused(house)
    assert status == 1
    assert named in said


def test_a_port_in_use_is_said(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = house.do("serve", "--port", str(port))
    assert done.status == 1
    assert done.err.startswith(f"Port {port} is in use already: ")


def test_a_host_of_somebody_else_is_unusable(house: House) -> None:
    status, said = refused(house, "--host", "no.such.host.invalid")
    assert status == 2
    assert "--host" in said


def test_a_folder_that_does_not_exist_is_said(bare_house: House) -> None:
    bare_house.write_env(DATABASE_URL=f"sqlite:///{bare_house.folder}/nowhere/x.db")
    status, said = refused(bare_house)
    assert status == 1
    assert "SEBAYA_DATABASE_URL" in said


def test_a_channel_refuses_demonstration_people(house: House) -> None:
    def mark(tx: Tx) -> None:
        tx.run("INSERT INTO meta (key, value) VALUES ('demo', :value)", value=b"{}")

    house.write(mark)
    house.write_env(TELEGRAM_TOKEN="123456:" + "a" * 35, TELEGRAM_API_URL="http://127.0.0.1:1")
    status, said = refused(house)
    assert status == 1
    assert said.startswith("This database holds demonstration people")


def test_an_outdated_postgresql_is_refused_with_the_command_to_run(house: House, empty_postgres: str) -> None:
    house.write_env(DATABASE_URL=empty_postgres)
    status, said = refused(house)
    assert status == 1
    assert "run `sebaya migrate`" in said
    assert house.do("migrate").status == 0
    assert house.do("migrate").out == "The database is of this version already.\n"
    assert house.do("token", "create", "--role", "read-only", "--name", "X").status == 0


def test_a_database_that_does_not_answer_is_said_without_its_password(house: House) -> None:
    house.write_env(DATABASE_URL="postgresql://sebaya:geheimnis@127.0.0.1:1/sebaya")
    status, said = refused(house)
    assert status == 1
    assert said.startswith("PostgreSQL does not answer")
    assert "geheimnis" not in said


def test_the_whole_life_of_a_service(bare_house: House) -> None:
    token = "123456:" + "b" * 35
    bare_house.write_env(TELEGRAM_TOKEN=token, TELEGRAM_API_URL="http://127.0.0.1:1")
    with serving(bare_house, "serve", "--port", "0") as served:
        # It migrated by itself, and is ready though the platform is out of reach, which it names.
        ready = served.get("/readyz")
        assert ready.status_code == 200
        assert stat.S_IMODE(bare_house.database.stat().st_mode) == 0o600
        assert served.get("/healthz").status_code == 200
        assert served.get("/playground").status_code == 404
        assert served.get("/").headers["location"] == "/chat"
        assert "sebaya_store_up 1.0" in served.get("/metrics").text

        # The command line works beside it.
        secret = bare_house.do("token", "create", "--role", "coordinator", "--name", "Pak Joko").out.split()[-1]
        people = bare_house.folder / "people.csv"
        people.write_text("role,name,telegram\ncounselor,Bu Rini,801\n")
        assert bare_house.do("roster", "import", str(people)).status == 0
        listed = served.get("/api/v1/counselors", Authorization=f"Bearer {secret}")
        assert [one["name"] for one in listed.json()["items"]] == ["Bu Rini"]
        assert served.get("/api/v1/counselors", Authorization="Bearer wrong").status_code == 401

        # A second one on the same file would send everything twice.
        second = bare_house.do("serve", "--port", "0")
        assert second.status == 1
        assert second.err.startswith("Another process serves this database already")

        assert served.stop() == 0
        assert "stopped" in served.said
        assert token not in served.said
        assert secret not in served.said


def test_an_open_page_holds_up_no_end(house: House) -> None:
    with serving(house, "serve", "--port", "0") as served:
        url = served.url
        begun = httpx.post(f"{url}/chat/session", json={"language": "id"}, timeout=PATIENCE)
        assert begun.status_code == 201, begun.text
        opener = {"Authorization": f"Bearer {begun.json()['token']}"}
        with (
            httpx.Client(timeout=PATIENCE) as client,
            client.stream("GET", f"{url}/chat/events", headers=opener) as stream,
        ):
            assert stream.status_code == 200
            lines = stream.iter_lines()
            next(lines)
            assert served.stop(signal.SIGINT) == 0
        assert "timeout graceful shutdown exceeded" not in served.said


def test_a_worker_shows_its_health_and_nothing_else(house: House) -> None:
    with serving(house, "serve", "--role", "worker", "--port", "0") as served:
        assert served.get("/readyz").status_code == 200
        assert "sebaya_store_queue" in served.get("/metrics").text
        for path in ("/chat", "/api/v1/counselors", "/api/openapi.json", "/webhooks/telegram"):
            assert served.get(path).status_code == 404
        assert served.stop() == 0


def test_web_and_worker_share_a_database(house: House) -> None:
    with (
        serving(house, "serve", "--role", "worker", "--port", "0") as worker,
        serving(house, "serve", "--role", "web", "--port", "0") as web,
    ):
        assert worker.get("/readyz").status_code == 200
        assert web.get("/readyz").status_code == 200
        assert web.get("/chat").status_code == 200
        assert web.stop() == worker.stop() == 0
