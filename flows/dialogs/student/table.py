"""The student's table. Read it from top to bottom: what is particular to a state stands before what holds everywhere;
the last row of every trigger is unguarded, so nobody ever meets silence."""

from __future__ import annotations

from flows.dialogs.student.states import Doing as D
from flows.dialogs.student.states import On
from flows.dialogs.student.work import StudentWork
from flows.machine import ANY, SAME, Flow, Row

BEFORE = (D.NEW, D.CONSENTING, D.DECLINED, D.TELLING_AGE)
INTAKE = (D.TOPIC, D.HEAVY, D.WISH, D.NOTE)
AFTER = (D.AFTER_HEAVY, D.AFTER_RATE, D.AFTER_AGAIN)
QUEUELESS = (*BEFORE, D.CHOOSING, *INTAKE, *AFTER)

ROWS = (
    # a crisis overtakes every question: into the queue, whatever was being asked (the answer has already been given)
    *(Row(t, QUEUELESS, D.WAITING, "crisis", "join_in_crisis") for t in (On.text, On.media, On.edited, On.unrelayable)),
    Row(On.danger, QUEUELESS, D.WAITING, None, "join_in_crisis"),
    Row(On.danger, ANY, SAME, None, "acknowledge_danger"),
    # an invitation
    Row(On.start, tuple(D), SAME, "invited", "join_roster"),
    # welcome
    *(Row(t, D.NEW, D.CONSENTING, None, "welcome") for t in (
        On.text, On.unrelayable, On.start, On.menu, On.peer, On.counselor, On.stale, On.end)),
    Row(On.media, D.NEW, D.CONSENTING, None, "welcome_unheard"),
    Row(On.consent_yes, D.CONSENTING, D.CHOOSING, "known_age_already", "consent"),
    Row(On.consent_yes, (D.NEW, D.CONSENTING, D.DECLINED), D.TELLING_AGE, None, "consent"),
    Row(On.consent_no, (D.NEW, D.CONSENTING, D.DECLINED), D.DECLINED, None, "decline"),
    Row(On.consent_yes, D.WAITING, SAME, None, "consent_waiting"),
    Row(On.consent_no, D.WAITING, SAME, None, "decline_waiting"),
    Row(On.consent_yes, ANY, SAME, None, "stale"),
    Row(On.consent_no, ANY, SAME, None, "stale"),
    Row(On.age, D.TELLING_AGE, D.CHOOSING, "known_age", "take_age"),
    Row(On.age, D.WAITING, SAME, "known_age", "age_waiting"),
    Row(On.age, ANY, SAME, None, "stale"),
    # texts
    Row(On.text, D.CONSENTING, SAME, None, "repeat"),
    Row(On.text, D.TELLING_AGE, SAME, None, "repeat"),
    Row(On.text, D.DECLINED, SAME, None, "declined"),
    Row(On.text, D.CHOOSING, SAME, None, "keep_and_offer"),
    Row(On.text, D.WISH, D.NOTE, None, "wish_in_words"),
    Row(On.text, D.NOTE, D.WAITING, None, "take_note"),
    Row(On.text, (D.TOPIC, D.HEAVY), SAME, None, "repeat"),
    Row(On.text, D.WAITING, SAME, None, "keep"),
    Row(On.text, D.CHATTING, SAME, None, "relay"),
    Row(On.text, AFTER, D.CHOOSING, None, "feedback_to_menu"),
    # media
    Row(On.media, D.CHATTING, SAME, None, "relay"),
    Row(On.media, D.WAITING, SAME, None, "keep_unheard"),
    Row(On.media, AFTER, D.CHOOSING, None, "feedback_unheard"),
    Row(On.media, ANY, SAME, None, "unheard"),
    Row(On.unrelayable, ANY, SAME, None, "not_relayed"),
    # edits
    Row(On.edited, D.CHATTING, SAME, "edits_received", "amend"),
    Row(On.edited, ANY, SAME, "edits_over", "edit_over"),
    Row(On.edited, D.CHATTING, SAME, None, "edit_over"),
    Row(On.edited, ANY, SAME, None, "keep_edit"),
    Row(On.taken_back, ANY, SAME, None, "take_back"),
    # the menu
    Row(On.peer, D.CHOOSING, D.TELLING_AGE, "needs_age", "ask_age"),
    Row(On.peer, D.CHOOSING, SAME, "minor", "peer_minor"),
    Row(On.peer, D.CHOOSING, D.TOPIC, "consented", "start_peer"),
    Row(On.counselor, D.CHOOSING, D.TOPIC, "consented", "start_counselor"),
    *(Row(t, (D.CONSENTING, D.DECLINED, D.CHOOSING), D.CONSENTING, None, "ask_consent")
      for t in (On.peer, On.counselor)),
    *(Row(t, ANY, SAME, None, "stale") for t in (On.peer, On.counselor)),
    Row(On.menu, (D.CONSENTING, D.DECLINED), D.CONSENTING, None, "ask_consent"),
    Row(On.menu, D.TELLING_AGE, SAME, None, "repeat"),
    Row(On.menu, D.WAITING, SAME, None, "where"),
    Row(On.menu, D.CHATTING, SAME, None, "chat_start"),
    Row(On.menu, AFTER, D.CHOOSING, None, "feedback_to_start"),
    Row(On.menu, ANY, D.CHOOSING, None, "open_menu"),
    Row(On.exercises, ANY, SAME, None, "show_exercises"),
    Row(On.exercise, ANY, SAME, None, "show_exercise"),
    Row(On.infos, ANY, SAME, None, "show_infos"),
    Row(On.info, ANY, SAME, None, "show_info"),
    Row(On.near, ANY, SAME, None, "show_near"),
    Row(On.mydata, ANY, SAME, None, "show_data"),
    # intake
    Row(On.topic, D.TOPIC, D.HEAVY, "known_topic", "take_topic"),
    Row(On.topic, ANY, SAME, None, "stale"),
    Row(On.heavy, D.HEAVY, D.WISH, "asked_heavy", "take_heavy"),
    Row(On.heavy, D.AFTER_HEAVY, D.AFTER_RATE, "asked_heavy", "heavy_after"),
    Row(On.heavy, ANY, SAME, None, "stale"),
    Row(On.wish, D.WISH, SAME, "known_wish", "take_wish"),
    Row(On.wish, ANY, SAME, None, "stale"),
    Row(On.skip, D.TOPIC, D.HEAVY, "skips", "skip_topic"),
    Row(On.skip, D.HEAVY, D.WISH, "skips", "skip_heavy"),
    Row(On.skip, D.WISH, D.NOTE, "skips", "skip_wish"),
    Row(On.skip, D.NOTE, D.WAITING, "skips", "join"),
    Row(On.skip, D.AFTER_HEAVY, D.AFTER_RATE, "skips", "skip_heavy_after"),
    Row(On.skip, D.AFTER_RATE, D.AFTER_AGAIN, "skips", "skip_rate"),
    Row(On.skip, D.AFTER_AGAIN, D.CHOOSING, "skips", "finish"),
    Row(On.skip, ANY, SAME, None, "stale"),
    # the queue
    Row(On.stay, D.WAITING, SAME, None, "stay"),
    Row(On.stay, ANY, SAME, None, "stale"),
    Row(On.leave, D.WAITING, D.CHOOSING, None, "leave"),
    Row(On.leave, ANY, SAME, None, "stale"),
    # a chat
    Row(On.matched, ANY, D.CHATTING, None, "begin_chat"),
    Row(On.chat_over, D.CHATTING, D.WAITING, "is_reoffered", "reoffered"),
    Row(On.chat_over, D.CHATTING, D.AFTER_HEAVY, "my_chat", "look_back"),
    Row(On.chat_over, ANY, SAME, None, "nothing"),
    Row(On.request_over, D.WAITING, D.CHOOSING, "my_request", "request_gone"),
    Row(On.request_over, ANY, SAME, None, "nothing"),
    Row(On.report, (D.CHATTING, *AFTER), SAME, None, "report"),
    Row(On.report, ANY, SAME, None, "nothing_to_report"),
    Row(On.end, D.CHATTING, SAME, None, "end_chat"),
    Row(On.end, D.WAITING, D.CHOOSING, None, "leave"),
    Row(On.end, (*INTAKE, *AFTER), D.CHOOSING, None, "feedback_to_start"),
    Row(On.end, (D.CONSENTING, D.TELLING_AGE), SAME, None, "repeat"),
    Row(On.end, D.DECLINED, SAME, None, "declined"),
    Row(On.end, ANY, SAME, None, "nothing_to_end"),
    Row(On.rate, D.AFTER_RATE, D.AFTER_AGAIN, None, "rate"),
    Row(On.rate, ANY, SAME, None, "stale"),
    Row(On.again, D.AFTER_AGAIN, D.CHOOSING, None, "again"),
    Row(On.again, ANY, SAME, None, "stale"),
    # at any time
    Row(On.start, (D.CONSENTING, D.DECLINED), D.CONSENTING, None, "ask_consent"),
    Row(On.start, D.TELLING_AGE, SAME, None, "repeat"),
    Row(On.start, D.WAITING, SAME, None, "where"),
    Row(On.start, D.CHATTING, SAME, None, "chat_start"),
    Row(On.start, AFTER, D.CHOOSING, None, "feedback_to_start"),
    Row(On.start, ANY, D.CHOOSING, None, "open_menu"),
    Row(On.help, ANY, SAME, None, "show_help"),
    Row(On.language, ANY, SAME, None, "ask_language"),
    Row(On.lang, ANY, SAME, None, "set_language"),
    Row(On.link, ANY, SAME, None, "link"),
    Row(On.hidden, ANY, SAME, None, "ask_whom_to_hide_from"),
    Row(On.hide, ANY, SAME, None, "hide"),
    Row(On.here, ANY, SAME, None, "here"),
    Row(On.export, ANY, SAME, None, "export"),
    Row(On.forget, ANY, SAME, None, "ask_erase"),
    Row(On.erase_yes, ANY, SAME, "case_first", "ask_erase_again"),
    Row(On.erase_yes, ANY, D.NEW, "erasing", "erase"),
    Row(On.erase_yes, ANY, SAME, None, "stale"),
    Row(On.erase_no, ANY, SAME, None, "keep_data"),
    Row(On.unknown, ANY, SAME, None, "unknown"),
    Row(On.stale, ANY, SAME, None, "stale"),
    Row(On.gone, ANY, SAME, None, "gone"),
    Row(On.back, ANY, SAME, None, "came_back"),
    Row(On.case_over, ANY, SAME, None, "case_over"),
    Row(On.tick, ANY, SAME, None, "nothing"),
)  # fmt: skip

FLOW = Flow("student", states=D, triggers=On, initial=D.NEW, rows=ROWS, work=StudentWork)
