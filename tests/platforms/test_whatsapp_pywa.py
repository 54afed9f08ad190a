"""The loopback Cloud API, judged by a client and update types that nobody here wrote: pywa's."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pywa import errors as pywa_errors
from pywa_async import WhatsApp, types

from tests.platforms.whatsapp import CloudApi, Person

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The loopback speaks plain HTTP: reading all certificates for each client would take longer than the tests."""


@pytest.fixture
async def api() -> AsyncIterator[CloudApi]:
    async with CloudApi() as server:
        yield server


@pytest.fixture
async def client(api: CloudApi) -> AsyncIterator[WhatsApp]:
    session = httpx.AsyncClient(verify=NO_TLS, trust_env=False)
    made = WhatsApp(phone_id=api.phone_id, token=api.token, session=session, waba_id=api.waba_id)
    session.base_url = httpx.URL(f"{api.url}/v26.0")
    yield made
    await session.aclose()


@pytest.fixture
def ani(api: CloudApi) -> Person:
    person = api.person(name="Ani", user_id="ID.13491208655302741918")
    person.wrote_at = api.clock.now()
    return person


async def test_every_kind_of_message_is_sent_by_pywa(client: WhatsApp, ani: Person) -> None:
    sent = await client.send_message(to=ani.phone, text="halo")
    assert sent.id == ani.inbox[0].id
    await client.send_message(to=ani.user_id, text="untuk id")
    await client.send_message(to=ani.phone, text="pilih", buttons=[types.Button("Ya", callback_data="consent:yes")])
    rows = [types.SectionRow(title=str(n), callback_data=f"heavy:{n}") for n in range(10)]
    chosen = types.SectionList(button_title="Pilih", sections=[types.Section(title="Berat", rows=rows)])
    await client.send_message(to=ani.phone, text="berat?", buttons=chosen)
    await client.send_location(to=ani.phone, latitude=-7.5, longitude=110.25)
    await client.send_document(to=ani.phone, document=b"%PDF-isi", filename="a.pdf", mime_type="application/pdf")
    await client.send_image(to=ani.phone, image=b"\xff\xd8\xff", caption="foto", mime_type="image/jpeg")
    await client.send_template(
        to=ani.phone, name="sebaya_continue", language=types.templates.TemplateLanguage.INDONESIAN, params=[]
    )
    await client.mark_message_as_read(message_id="wamid.x")
    kinds = [bubble.type for bubble in ani.inbox]
    assert kinds == ["text", "text", "interactive", "interactive", "location", "document", "image", "template"]
    assert [title for title, _ in ani.inbox[2].buttons] == ["Ya"] and len(ani.inbox[3].buttons) == 10
    assert ani.inbox[5].content == b"%PDF-isi" and ani.inbox[7].language == "id"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (131047, pywa_errors.ReEngagementMessage),
        (131056, pywa_errors.TooManyMessages),
        (130429, pywa_errors.RateLimitHit),
        (131026, pywa_errors.MessageUndeliverable),
        (190, pywa_errors.ExpiredAccessToken),
        (131031, pywa_errors.AccountLocked),
        (131000, pywa_errors.UnknownError),
        (131062, pywa_errors.BSUIDRecipientNotSupported),
    ],
)
async def test_refusals_are_pywas_errors(
    api: CloudApi, client: WhatsApp, ani: Person, code: int, kind: type[Exception]
) -> None:
    api.faults.add(code)
    with pytest.raises(kind):
        await client.send_message(to=ani.phone, text="halo")


async def test_outside_the_window_only_templates(api: CloudApi, client: WhatsApp, ani: Person) -> None:
    api.advance(24 * 3600 - 5)
    await client.send_message(to=ani.phone, text="masih")
    api.advance(10)
    with pytest.raises(pywa_errors.ReEngagementMessage):
        await client.send_message(to=ani.phone, text="tutup")
    indonesian = types.templates.TemplateLanguage.INDONESIAN
    await client.send_template(to=ani.phone, name="sebaya_continue", language=indonesian, params=[])
    with pytest.raises(pywa_errors.TemplateNotExists):
        await client.send_template(to=ani.phone, name="lain", language=indonesian, params=[])


async def test_the_pair_limit_lets_bursts_pass(api: CloudApi, client: WhatsApp, ani: Person) -> None:
    api.settings.pair_limit = True
    for _ in range(45):
        await client.send_message(to=ani.phone, text="x")
    with pytest.raises(pywa_errors.TooManyMessages):
        await client.send_message(to=ani.phone, text="x")
    api.advance(271)
    await client.send_message(to=ani.phone, text="x")


async def test_media_go_by_id_url_and_token(api: CloudApi, client: WhatsApp, ani: Person) -> None:
    await ani.send_image(b"\xff\xd8\xff isi", "lihat")
    (item,) = [pending.item for pending in api.world.outgoing]
    url = await client.get_media_url(item["image"]["id"])
    assert (url.mime_type, url.file_size) == ("image/jpeg", len(b"\xff\xd8\xff isi"))
    assert await client.get_media_bytes(url=url.url) == b"\xff\xd8\xff isi"
    async with httpx.AsyncClient(verify=NO_TLS, trust_env=False) as stranger:
        assert (await stranger.get(url.url)).status_code == 401


async def test_the_number_and_its_templates(api: CloudApi, client: WhatsApp) -> None:
    number = await client.get_business_phone_number()
    assert number.verified_name == "Sebaya"
    found = await client.get_templates()
    assert {(one.name, str(one.language)) for one in found} >= {("sebaya_continue", "id"), ("sebaya_continue", "en")}


# --- what people do, read by pywa's update types ---


def raw(api: CloudApi) -> Any:
    """The newest thing as a body of its own."""
    return json.loads(api.delivery.body(api.world.outgoing[-1:]))


async def test_lines_and_media_are_pywas_messages(api: CloudApi, client: WhatsApp, ani: Person) -> None:
    acts = [
        ("text", ani.say("halo", reply_to="wamid.OUT", forwarded=True)),
        ("image", ani.send_image(b"x", "foto")),
        ("audio", ani.send_voice(b"x")),
        ("audio", ani.send_audio(b"x")),
        ("video", ani.send_video(b"x")),
        ("sticker", ani.send_sticker(b"x")),
        ("document", ani.send_document("a.pdf", b"x")),
        ("location", ani.send_location(-7.5, 110.25, "Kos")),
        ("contacts", ani.send_contact("Ibu", "+62 811")),
        ("reaction", ani.react("wamid.OUT")),
        ("unsupported", ani.unsupported()),
    ]
    for kind, act in acts:
        id = await act
        message = types.Message.from_update(client, raw(api))
        assert (message.id, message.type.value) == (id, kind)
        assert (message.from_user.bsuid, message.from_user.wa_id) == (ani.user_id, ani.phone)
    api.world.outgoing[:] = api.world.outgoing[:1]
    first = types.Message.from_update(client, raw(api))
    assert first.forwarded and first.reply_to_message is not None and first.reply_to_message.id == "wamid.OUT"


async def test_presses_edits_and_deletions(api: CloudApi, client: WhatsApp, ani: Person) -> None:
    await client.send_message(to=ani.phone, text="pilih", buttons=[types.Button("Ya", callback_data="consent:yes")])
    await ani.press("consent:yes")
    pressed = types.CallbackButton.from_update(client, raw(api))
    assert (pressed.data, pressed.title) == ("consent:yes", "Ya")
    section = types.Section(title="x", rows=[types.SectionRow(title="6", callback_data="heavy:6")])
    await client.send_message(to=ani.phone, text="?", buttons=types.SectionList("Pilih", sections=[section]))
    await ani.press("heavy:6")
    assert types.CallbackSelection.from_update(client, raw(api)).data == "heavy:6"
    await ani.edit("wamid.A", "baru")
    edited = types.EditedMessage.from_update(client, raw(api))
    assert (edited.original_message_id, edited.message.text) == ("wamid.A", "baru")
    await ani.delete("wamid.A")
    assert types.DeletedMessage.from_update(client, raw(api)).original_message_id == "wamid.A"
    await ani.change_number("6289", "ID.2")
    moved = types.PhoneNumberChange.from_update(client, raw(api))
    assert (moved.new_wa_id, moved.new_user_id) == ("6289", "ID.2")


async def test_statuses(api: CloudApi, client: WhatsApp, ani: Person) -> None:
    await client.send_message(to=ani.phone, text="halo")
    await ani.read()
    read = types.MessageStatus.from_update(client, raw(api))
    assert (read.id, read.status.value, read.from_user.bsuid) == (ani.inbox[0].id, "read", ani.user_id)
    api.fail(ani.inbox[0], 131047)
    failed = types.MessageStatus.from_update(client, raw(api))
    assert isinstance(failed.error, pywa_errors.ReEngagementMessage)


async def test_somebody_whose_number_is_hidden(api: CloudApi, client: WhatsApp) -> None:
    hidden = api.person(tells_phone=False, user_id="ID.99")
    await hidden.say("halo")
    message = types.Message.from_update(client, raw(api))
    assert (message.from_user.bsuid, message.from_user.wa_id) == ("ID.99", None)
    assert hidden.phone not in json.dumps(raw(api))


# --- what the server itself refuses ---

TEXT: dict[str, Any] = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "x"}}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"messaging_product": "x"}, 100),
        ({"text": {"body": ""}}, 131008),
        ({"text": {"body": "x" * 4097}}, 131009),
        ({"type": "poll"}, 131051),
        ({"type": "image", "image": {"id": "1"}}, 131053),
        ({"to": "1"}, 131026),
        ({"to": ""}, 131008),
    ],
)
async def test_a_wrong_message_is_refused(api: CloudApi, ani: Person, changed: dict[str, Any], code: int) -> None:
    async with httpx.AsyncClient(verify=NO_TLS, trust_env=False) as bot:
        answer = await bot.post(
            f"{api.url}/v26.0/{api.phone_id}/messages",
            json={**TEXT, "to": ani.phone, **changed},
            headers={"Authorization": f"Bearer {api.token}"},
        )
    assert answer.json()["error"]["code"] == code and ani.inbox == []


@pytest.mark.parametrize(("header", "path"), [("Bearer wrong", None), (None, None), ("right", "999")])
async def test_a_wrong_token_or_number_is_refused(
    api: CloudApi, ani: Person, header: str | None, path: str | None
) -> None:
    given = f"Bearer {api.token}" if header == "right" else header
    async with httpx.AsyncClient(verify=NO_TLS, trust_env=False) as bot:
        answer = await bot.post(
            f"{api.url}/v26.0/{path or api.phone_id}/messages",
            json={**TEXT, "to": ani.phone},
            headers={"Authorization": given} if given else {},
        )
    assert answer.status_code in (400, 401) and ani.inbox == []
