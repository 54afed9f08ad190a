"""The signature of a webhook."""

from __future__ import annotations

import pytest

from bot.channels.base import Forged
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp.verify import signature
from tests.platforms.whatsapp import signature as meta

SECRET, BODY = "0123456789abcdef0123456789abcdef", '{"entry": [], "kata": "😔"}'.encode()
HEADER = "X-Hub-Signature-256"


def channel(secret: str = SECRET) -> WhatsApp:
    return WhatsApp("token", "1", app_secret=secret)


@pytest.mark.parametrize("name", [HEADER, HEADER.lower(), HEADER.upper()])
def test_the_right_signature_passes_in_any_case_of_the_header(name: str) -> None:
    channel().verify({name: meta(SECRET, BODY)}, BODY)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256=",
        signature(SECRET, BODY)[7:],
        signature(SECRET, BODY).upper(),
        signature(SECRET, BODY)[:-1],
        signature(SECRET + "x", BODY),
        signature("", BODY),
        signature(SECRET, BODY + b" "),
        "sha1=" + signature(SECRET, BODY)[7:],
        "sécret",
    ],
)
def test_any_other_is_forged(given: str) -> None:
    with pytest.raises(Forged, match="signature"):
        channel().verify({HEADER: given}, BODY)


def test_a_missing_signature_is_forged() -> None:
    with pytest.raises(Forged):
        channel().verify({}, BODY)


def test_the_body_is_signed_as_it_came() -> None:
    """Not as it would be written anew: one space more is another body."""
    with pytest.raises(Forged):
        channel().verify({HEADER: meta(SECRET, BODY)}, BODY.replace(b": ", b":"))


@pytest.mark.parametrize("given", [{}, {HEADER: ""}, {HEADER: meta("", BODY)}, {HEADER: "anything"}])
def test_an_unset_secret_refuses_everything(given: dict[str, str]) -> None:
    with pytest.raises(Forged):
        channel("").verify(given, BODY)
