"""A Telegram Bot API server on the loopback, for tests and for a developer by hand.

    async with BotApi() as api:                       # or `with BotApi() as api:` in synchronous code
        start_the_bot(api.url, api.token)
        budi = api.person(7_000_000_001, "Budi")
        await budi.say("/start")
        card = await budi.wait_for("Halo", button="consent:")
        assert await budi.press(card, "consent:yes") is not None

Reading: `budi.inbox`, `.screen`, `.toasts`, `.wait_for`, `api.requests`, `api.calls`, `api.outgoing_bytes()`.
Trouble: `api.faults.add("429", chat_id=budi.id, retry_after=2)`, `budi.block()`, `api.redeliver(update_id)`,
`api.hold()` and `api.release(times=3, shuffle=7)`, `api.advance(24 * 3600)`.
"""

from .api import TOKEN, BotApi
from .clock import Clock
from .delivery import SECRET_HEADER
from .faults import Fault
from .group import Group
from .journal import Request
from .limits import Limits
from .messages import Button, Message
from .person import Person

__all__ = [
    "SECRET_HEADER",
    "TOKEN",
    "BotApi",
    "Button",
    "Clock",
    "Fault",
    "Group",
    "Limits",
    "Message",
    "Person",
    "Request",
]
