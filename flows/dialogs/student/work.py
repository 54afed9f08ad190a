"""The student's work object: everything that the table names."""

from __future__ import annotations

from flows.dialogs.student.base import choices
from flows.dialogs.student.chatting import Chatting
from flows.dialogs.student.feedback import LookingBack
from flows.dialogs.student.hiding import Hiding
from flows.dialogs.student.intake import Intake
from flows.dialogs.student.settings import Everywhere
from flows.dialogs.student.welcome import Welcome

__all__ = ["StudentWork", "choices"]


class StudentWork(Welcome, Intake, Chatting, LookingBack, Hiding, Everywhere):
    """One step of a student's dialog. Each part stands in a file of its own."""
