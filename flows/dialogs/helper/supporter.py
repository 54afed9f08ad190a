"""The supporter's table: may bring a counselor in, never works a case."""

from __future__ import annotations

from flows.dialogs.helper.rows import COMMON, SERVING, SUSPENDED
from flows.dialogs.helper.states import Being as B
from flows.dialogs.helper.states import On
from flows.dialogs.helper.work import DeskWork
from flows.machine import SAME, Flow, Row

ROWS = (
    *SUSPENDED,
    Row(On.escalate, SERVING, SAME, "no_chat", "nothing_open"),
    Row(On.escalate, SERVING, SAME, "one_chat", "escalate"),
    Row(On.escalate, SERVING, SAME, None, "escalate_which"),
    Row(On.escalate_this, SERVING, SAME, "mine", "escalate_this"),
    Row(On.escalate_this, SERVING, SAME, None, "stale"),
    *(Row(t, SERVING, SAME, None, "stale") for t in (On.ack, On.decline, On.take, On.resolve, On.mark)),
    *COMMON,
)

FLOW = Flow("supporter", states=B, triggers=On, initial=B.OFF, rows=ROWS, work=DeskWork)
