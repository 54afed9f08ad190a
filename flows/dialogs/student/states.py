"""What a student may be doing, and what may happen to them."""

from __future__ import annotations

from enum import StrEnum


class Doing(StrEnum):
    """The states are what the person is doing."""

    NEW = "new"
    CONSENTING = "consenting"
    DECLINED = "declined"
    TELLING_AGE = "telling_age"
    CHOOSING = "choosing"  # at the menu
    TOPIC = "telling_topic"
    HEAVY = "telling_heavy"
    WISH = "wishing"
    NOTE = "noting"
    WAITING = "waiting"
    CHATTING = "chatting"
    AFTER_HEAVY = "looking_back"
    AFTER_RATE = "rating"
    AFTER_AGAIN = "wishing_again"


class On(StrEnum):
    """Everything that can happen, closed. Presses are named by their verb, commands by their inner name."""

    text = "text"
    media = "media"
    unrelayable = "unrelayable"
    edited = "edited"
    taken_back = "taken_back"
    gone = "gone"
    back = "back"
    # buttons
    consent_yes = "consent_yes"
    consent_no = "consent_no"
    age = "age"
    menu = "menu"
    peer = "peer"
    counselor = "counselor"
    exercises = "exercises"
    exercise = "exercise"
    infos = "infos"
    info = "info"
    near = "near"
    mydata = "mydata"
    danger = "danger"
    topic = "topic"
    heavy = "heavy"
    wish = "wish"
    skip = "skip"
    stay = "stay"
    leave = "leave"
    rate = "rate"
    again = "again"
    lang = "lang"
    export = "export"
    forget = "forget"
    link = "link"
    here = "here"
    hide = "hide"
    hidden = "hidden"
    erase_yes = "erase_yes"
    erase_no = "erase_no"
    end = "end"
    report = "report"
    stale = "stale"
    # commands
    start = "start"
    help = "help"
    language = "language"
    unknown = "unknown"
    # what others do
    matched = "matched"
    chat_over = "chat_over"
    request_over = "request_over"
    case_over = "case_over"
    tick = "tick"
