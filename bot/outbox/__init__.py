"""What leaves: queued in the commit that wants it, sent in order for each recipient, crisis first (M3, M4, C4).

`enqueue` and `spend` write rows within somebody's transaction. A Dispatcher claims lanes (one recipient, one class),
renders and sends, one thing at a time for each lane, and commits each result before the next thing leaves. Channels
that are pulled (the web) have no lane: `pull` shows their rows, `acknowledge` marks them.
"""

from bot.outbox.dispatch import Dispatcher
from bot.outbox.payload import Amended, Document, Payload, Relayed, Speech, Typing, Unbutton
from bot.outbox.pull import acknowledge, pull
from bot.outbox.queue import PULLED, Queued, Touched, enqueue, spend, touched
from bot.outbox.rows import Row, Told

__all__ = [
    "PULLED",
    "Amended",
    "Dispatcher",
    "Document",
    "Payload",
    "Queued",
    "Relayed",
    "Row",
    "Speech",
    "Told",
    "Touched",
    "Typing",
    "Unbutton",
    "acknowledge",
    "enqueue",
    "pull",
    "spend",
    "touched",
]
