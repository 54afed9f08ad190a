"""What supporters and counselors have in common. Rows stand before those of the roles where they are particular, and
behind them where they are the last answer."""

from __future__ import annotations

from flows.dialogs.helper.states import Being as B
from flows.dialogs.helper.states import On
from flows.machine import ANY, SAME, Row

SERVING = (B.OFF, B.ON, B.PAUSED)
_LINES = (On.text, On.media)
_TAPS = (
    On.accept, On.forgo, On.switch, On.end_this, On.note_this, On.escalate_this, On.ack, On.decline, On.take,
    On.resolve, On.mark, On.send_own, On.rest_own, On.hand, On.lang, On.export, On.here, On.stale,
)  # fmt: skip
_ORDERS = (
    On.on, On.off, On.pause, On.queue, On.escalate, On.note, On.end, On.report, On.start, On.help, On.language,
    On.mydata, On.forget, On.link, On.nth, On.unknown,
)  # fmt: skip

SUSPENDED = (
    *(Row(t, B.GONE, SAME, None, "refuse_suspended") for t in (*_LINES, On.unrelayable, On.edited, *_ORDERS)),
    *(Row(t, B.GONE, SAME, None, "suspended_tap") for t in _TAPS),
    Row(On.duty_on, B.GONE, SAME, None, "nothing"),
    Row(On.duty_off, B.GONE, SAME, None, "nothing"),
    Row(On.tick, B.GONE, SAME, None, "nothing"),
    Row(On.back, B.GONE, SAME, None, "nothing"),
    Row(On.gone, B.GONE, SAME, None, "nothing"),
    Row(On.taken_back, B.GONE, SAME, None, "nothing"),
    Row(On.revoked, B.GONE, SAME, None, "revoke"),
)

COMMON = (
    *(Row(t, SERVING, SAME, None, "line") for t in _LINES),
    Row(On.unrelayable, SERVING, SAME, None, "not_relayed"),
    Row(On.edited, SERVING, SAME, None, "edit"),
    Row(On.taken_back, SERVING, SAME, None, "take_back"),
    # duty
    Row(On.on, SERVING, B.ON, "may_serve", "begin_duty"),
    Row(On.on, SERVING, SAME, None, "refuse_duty"),
    Row(On.duty_on, (B.OFF, B.PAUSED), B.ON, "may_serve", "begin_by_rota"),
    Row(On.duty_on, B.ON, SAME, None, "nothing"),
    Row(On.duty_on, (B.OFF, B.PAUSED), SAME, None, "rota_uncertified"),
    Row(On.off, (B.ON, B.PAUSED), B.OFF, None, "end_duty"),
    Row(On.off, B.OFF, SAME, None, "already_off"),
    Row(On.duty_off, (B.ON, B.PAUSED), B.OFF, None, "end_duty"),
    Row(On.duty_off, B.OFF, SAME, None, "nothing"),
    Row(On.pause, (B.ON, B.PAUSED), B.PAUSED, None, "pause"),
    Row(On.pause, B.OFF, SAME, None, "already_off"),
    Row(On.tick, B.PAUSED, B.ON, None, "rested"),
    Row(On.tick, (B.OFF, B.ON), SAME, None, "nothing"),
    Row(On.queue, SERVING, SAME, None, "show_queue"),
    Row(On.revoked, SERVING, B.GONE, None, "revoke"),
    Row(On.gone, SERVING, B.OFF, None, "unreachable"),
    Row(On.back, SERVING, SAME, None, "came_back"),
    # offers
    Row(On.accept, SERVING, SAME, None, "accept"),
    Row(On.forgo, SERVING, SAME, None, "pass_on"),
    # several chats
    Row(On.switch, SERVING, SAME, "mine", "switch"),
    Row(On.switch, SERVING, SAME, None, "stale"),
    Row(On.end, SERVING, SAME, "no_chat", "nothing_open"),
    Row(On.end, SERVING, SAME, "only_chat", "end"),
    Row(On.end, SERVING, SAME, None, "end_which"),
    Row(On.end_this, SERVING, SAME, "mine", "end_this"),
    Row(On.end_this, SERVING, SAME, None, "stale"),
    Row(On.report, SERVING, SAME, None, "report"),
    Row(On.note, SERVING, SAME, None, "ask_note"),
    Row(On.note_this, SERVING, SAME, "mine", "note_this"),
    Row(On.note_this, SERVING, SAME, None, "stale"),
    Row(On.hand, SERVING, SAME, None, "hand_over"),
    # their own danger
    Row(On.danger, ANY, SAME, None, "own_danger"),
    Row(On.send_own, SERVING, SAME, "has_own", "send_own"),
    Row(On.send_own, SERVING, SAME, None, "stale"),
    Row(On.rest_own, SERVING, B.PAUSED, "has_own", "rest_own"),
    Row(On.rest_own, SERVING, SAME, None, "stale"),
    # everywhere
    Row(On.start, SERVING, SAME, None, "start"),
    Row(On.help, SERVING, SAME, None, "show_help"),
    Row(On.language, SERVING, SAME, None, "ask_language"),
    Row(On.lang, SERVING, SAME, None, "set_language"),
    Row(On.nth, SERVING, SAME, "has_nth", "switch_nth"),
    Row(On.nth, SERVING, SAME, None, "unknown"),
    Row(On.link, SERVING, SAME, None, "link"),
    Row(On.here, SERVING, SAME, None, "here"),
    Row(On.mydata, SERVING, SAME, None, "export"),
    Row(On.export, SERVING, SAME, None, "export"),
    Row(On.forget, SERVING, SAME, None, "forget"),
    Row(On.unknown, SERVING, SAME, None, "unknown"),
    Row(On.stale, SERVING, SAME, None, "stale"),
    Row(On.chat_over, ANY, SAME, None, "chat_over"),
    Row(On.landed, ANY, SAME, None, "landed"),
)
