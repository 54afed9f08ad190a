"""What a helper may be doing, and what may happen to them."""

from __future__ import annotations

from enum import StrEnum


class Being(StrEnum):
    OFF = "off"
    ON = "on"
    PAUSED = "paused"
    GONE = "gone"  # suspended, or off the roster


class On(StrEnum):
    """Everything that can happen to a helper, closed."""

    text = "text"
    media = "media"
    unrelayable = "unrelayable"
    edited = "edited"
    taken_back = "taken_back"
    gone = "gone"
    back = "back"
    # commands
    on = "on"
    off = "off"
    pause = "pause"
    queue = "queue"
    escalate = "escalate"
    note = "note"
    end = "end"
    report = "report"
    start = "start"
    help = "help"
    language = "language"
    danger = "danger"
    mydata = "mydata"
    link = "link"
    nth = "nth"
    here = "here"
    forget = "forget"
    unknown = "unknown"
    # buttons
    accept = "accept"
    forgo = "forgo"
    switch = "switch"
    end_this = "end_this"
    note_this = "note_this"
    escalate_this = "escalate_this"
    ack = "ack"
    decline = "decline"
    take = "take"
    resolve = "resolve"
    mark = "mark"
    send_own = "send_own"
    rest_own = "rest_own"
    hand = "hand"
    lang = "lang"
    export = "export"
    stale = "stale"
    # what others do
    chat_over = "chat_over"
    duty_on = "duty_on"
    duty_off = "duty_off"
    revoked = "revoked"
    landed = "landed"
    tick = "tick"
