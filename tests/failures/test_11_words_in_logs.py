"""Whole messages in logs. Canary strings through a story with every kind of trouble: none in any line of the log."""

import logging
from collections.abc import Iterator

import pytest

from cli.logs import OURS, AsJson
from tests.failures.house import House

CANARY = "kenari-rahasia-7731"
PHONE = "6281234567890"


class Kept(logging.Handler):
    """Every record as the service would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(AsJson())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Kept]:
    kept = Kept()
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in OURS}
    root.addHandler(kept)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(kept)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


async def test_no_word_name_number_or_token_in_the_log(home: House, log: Kept) -> None:
    rini = await home.hire("counselor", 801, "Bu Rini-" + CANARY)
    sari = await home.hire("supporter", 701, "Sari-" + CANARY)
    ana = home.api.person(7_000_000_001, "Ana-" + CANARY, username="ana_" + CANARY.replace("-", "_"))
    await home.welcome(ana)
    await ana.say(f"halo {CANARY}")
    await home.chat(ana, sari)

    home.api.faults.add("500", method="sendMessage", times=2)
    await ana.say(f"baris {CANARY}")
    await sari.wait_for(f"baris {CANARY}")
    home.api.faults.add("400", chat_id=sari.id, description=f"Bad Request: {CANARY}")
    await ana.say(f"ditolak {CANARY}")
    await home.quiet()
    await ana.send_contact(PHONE, "Ana-" + CANARY)
    home.api.push({"message": {"message_id": 1, "chat": CANARY, "from": {"id": CANARY}, "date": 0, "text": CANARY}})
    await home.quiet()
    # A line that cannot be processed: the table it needs is not there.
    await home.app.store.write(lambda tx: tx.run("ALTER TABLE messages RENAME TO messages_away"))
    await ana.say(f"racun {CANARY}")
    await ana.wait_for("belum bisa kuproses")
    await home.app.store.write(lambda tx: tx.run("ALTER TABLE messages_away RENAME TO messages"))
    await ana.say(f"pengen mati {CANARY}")
    await rini.wait_for(button="case:ack")
    await rini.block()
    await home.quiet()

    assert log.lines, "the trouble was logged"
    whole = "\n".join(log.lines)
    for secret in (CANARY, CANARY.replace("-", "_"), PHONE, home.api.token, str(ana.id), "pengen mati", "racun"):
        assert secret not in whole
