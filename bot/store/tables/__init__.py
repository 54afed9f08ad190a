"""The tables, as SQLModel classes: for migrations, their test, and admin lists. The hot path never imports this module
(it costs a second and 40 MB); it runs the constant statements of `entities` and its neighbours.

Times are BIGINT milliseconds since 1970 UTC. `sealed` columns hold what `bot.store.seal` made, never plain text. The
columns of requests, offers, chats and cases are the fields of `flows.snapshot` (Chat.case is `case_id`, as CASE is a
word of SQL).
"""

from bot.store.tables.base import metadata
from bot.store.tables.delivery import (
    Aside,
    Blobs,
    Brakes,
    Copies,
    Inbox,
    Lanes,
    Leases,
    Mail,
    Messages,
    Outbox,
    Timers,
)
from bot.store.tables.office import Audit, Invitations, Resources, SettingRows, Shifts, Tokens
from bot.store.tables.people import Addresses, Aliases, Links, Meta, People, Staff
from bot.store.tables.support import Cases, Chats, Feedback, Notes, Offers, Pairings, Reports, Requests
from bot.store.tables.triage import LexiconDrafts, LexiconExamples, LexiconVersions, Marks, Reviews, Withheld

__all__ = [
    "Addresses",
    "Aliases",
    "Aside",
    "Audit",
    "Blobs",
    "Brakes",
    "Cases",
    "Chats",
    "Copies",
    "Feedback",
    "Inbox",
    "Invitations",
    "Lanes",
    "Leases",
    "LexiconDrafts",
    "LexiconExamples",
    "LexiconVersions",
    "Links",
    "Mail",
    "Marks",
    "Messages",
    "Meta",
    "Notes",
    "Offers",
    "Outbox",
    "Pairings",
    "People",
    "Reports",
    "Requests",
    "Resources",
    "Reviews",
    "SettingRows",
    "Shifts",
    "Staff",
    "Timers",
    "Tokens",
    "Withheld",
    "metadata",
]
