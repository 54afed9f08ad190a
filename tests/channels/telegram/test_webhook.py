"""The webhook's secret, and setting it."""

from __future__ import annotations

import pytest

from bot.channels.base import Forged
from bot.channels.telegram import Telegram
from tests.channels.telegram.conftest import SECRET
from tests.platforms.telegram import BotApi, Person

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.mark.parametrize(
    "headers",
    [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: SECRET + "x"}, {HEADER: SECRET[:-1]}, {HEADER: "sécret"}],
)
def test_a_missing_or_wrong_secret_is_forged(headers: dict[str, str]) -> None:
    with pytest.raises(Forged, match="secret of the webhook"):
        Telegram("1:x", webhook_secret=SECRET).verify(headers, b"{}")


@pytest.mark.parametrize("name", [HEADER, HEADER.lower(), HEADER.upper()])
def test_the_right_secret_passes_in_any_case_of_the_header(name: str) -> None:
    Telegram("1:x", webhook_secret=SECRET).verify({name: SECRET}, b"{}")


@pytest.mark.parametrize("given", [{}, {HEADER: ""}, {HEADER: "anything"}])
def test_an_unset_secret_refuses_everything(given: dict[str, str]) -> None:
    with pytest.raises(Forged):
        Telegram("1:x").verify(given, b"{}")


async def test_the_webhook_is_set_with_the_secret_and_what_waits_is_kept(
    channel: Telegram, api: BotApi, ani: Person
) -> None:
    await ani.say("halo")
    await channel.set_webhook("https://127.0.0.1:1/webhooks/telegram")
    (request,) = api.calls("setWebhook")
    assert request.params["secret_token"] == SECRET
    assert "drop_pending_updates" not in request.params
    assert len(api.waiting) == 1
    assert await channel.delete_webhook()
    assert len(api.waiting) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [("400", "SEBAYA_PUBLIC_URL must be https"), ("drop", "cannot be reached"), ("500", "cannot be reached")],
)
async def test_a_webhook_that_cannot_be_set_says_why(channel: Telegram, api: BotApi, fault: str, said: str) -> None:
    api.faults.add(fault, method="setWebhook")
    with pytest.raises(ConnectionError, match=said):
        await channel.set_webhook("https://127.0.0.1:1/webhooks/telegram")
    assert not channel.health.ok
