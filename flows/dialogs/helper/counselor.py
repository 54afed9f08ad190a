"""The counselor's table (a coordinator's, too): pages, cases, take-over."""

from __future__ import annotations

from flows.dialogs.helper.rows import COMMON, SERVING, SUSPENDED
from flows.dialogs.helper.states import Being as B
from flows.dialogs.helper.states import On
from flows.dialogs.helper.work import DeskWork
from flows.machine import SAME, Flow, Row

ROWS = (
    *SUSPENDED,
    Row(On.ack, SERVING, SAME, None, "ack"),
    Row(On.decline, SERVING, SAME, None, "decline"),
    Row(On.take, SERVING, SAME, None, "take"),
    Row(On.resolve, SERVING, SAME, None, "resolve"),
    Row(On.mark, SERVING, SAME, None, "mark"),
    Row(On.escalate, SERVING, SAME, "no_chat", "nothing_open"),
    Row(On.escalate, SERVING, SAME, "one_chat", "escalate"),
    Row(On.escalate, SERVING, SAME, None, "escalate_which"),
    Row(On.escalate_this, SERVING, SAME, "mine", "escalate_this"),
    Row(On.escalate_this, SERVING, SAME, None, "stale"),
    *COMMON,
)

FLOW = Flow("counselor", states=B, triggers=On, initial=B.OFF, rows=ROWS, work=DeskWork)
