"""How one WhatsApp account is written down: a business-scoped user id, a phone number, or both with a space between.

The id counts (it is there for everybody since 2026 and changes when the number does); a number is digits without `+`.
"""

from __future__ import annotations

import re

NAME = "whatsapp"
_ID = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9.]{1,140}")
_PHONE = re.compile(r"[0-9]{5,20}")


def is_id(text: str) -> bool:
    """Whether this is a business-scoped user id (US.1349..., or US.ENT.1181... of a parent account)."""
    return _ID.fullmatch(text) is not None


def phone(text: object) -> str:
    """Digits of a phone number as a webhook writes it; empty for anything else."""
    digits = str(text or "").lstrip("+")
    return digits if _PHONE.fullmatch(digits) else ""


def recipient(address: str) -> tuple[str | None, str | None]:
    """`to` (a phone) and `recipient` (an id) of a request to this address; one of them is None. Both are None for what
    is neither."""
    names = address.split()
    for name in names:
        if is_id(name):
            return None, name
    return next((phone(name) for name in names if phone(name)), None), None


def by_phone(address: str) -> str | None:
    """The phone of an address that has one beside its id: for messages that an id cannot receive."""
    return next((phone(name) for name in address.split() if phone(name)), None)
