"""Whether a webhook body comes from WhatsApp: HMAC-SHA256 of the raw bytes under the app's secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from bot.channels.base import Forged

HEADER = "x-hub-signature-256"


def signature(secret: str, body: bytes) -> str:
    """The value of the header for this body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise Forged unless the body is signed with `secret`; an unset secret refuses everything. Compares in constant
    time."""
    given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    wanted = signature(secret, body)
    if not secret or not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise Forged("the signature of the webhook is missing or wrong")
