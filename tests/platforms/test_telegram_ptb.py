"""Judge 1 of the loopback Bot API: python-telegram-bot's own client, against which it was not written."""

import asyncio
import datetime
import os
from collections.abc import AsyncIterator

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReactionTypeEmoji,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)

from tests.platforms.telegram import BotApi, Person

pytestmark = pytest.mark.anyio

# python-telegram-bot warns at every RetryAfter unless durations are asked for in their future type.
os.environ.setdefault("PTB_TIMEDELTA", "1")

YES = InlineKeyboardMarkup([[InlineKeyboardButton("Ya", callback_data="consent:yes")]])


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(topics=True) as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    bot = Bot(api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")
    async with bot:
        yield bot


@pytest.fixture
async def budi(api: BotApi) -> Person:
    return api.person(7_000_000_001, "Budi", started=True)


async def test_poll_returns_what_was_said_and_offset_confirms_it(api: BotApi, bot: Bot, budi: Person) -> None:
    quoted = await budi.say("/start siswa")
    await budi.say("kedua", reply_to=quoted, date=1_700_000_000)
    first, second = await bot.get_updates(timeout=0)
    assert first.message is not None and second.message is not None
    assert first.message.from_user is not None and first.message.from_user.id == 7_000_000_001
    assert list(first.message.parse_entities(["bot_command"]).values()) == ["/start"]
    assert second.message.date == datetime.datetime.fromtimestamp(1_700_000_000, datetime.UTC)
    assert second.message.reply_to_message is not None
    assert second.message.reply_to_message.message_id == quoted.id

    assert [u.update_id for u in await bot.get_updates(limit=1, timeout=0)] == [first.update_id]
    assert [u.update_id for u in await bot.get_updates(offset=-1, timeout=0)] == [second.update_id]
    assert api.waiting == [second.update_id], "a negative offset forgets all before"
    assert await bot.get_updates(offset=second.update_id + 1, timeout=0) == ()
    assert api.waiting == []


async def test_a_waiting_poll_answers_when_something_is_said(bot: Bot, budi: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.02)
    await budi.say("halo")
    (update,) = await poll
    assert update.message is not None and update.message.text == "halo"


async def test_the_newer_of_two_polls_wins(bot: Bot, budi: Person, api: BotApi) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=30))
    await api.wait_call("getUpdates")
    async with Bot(api.token, base_url=f"{api.url}/bot") as other:
        newer = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match=r"(?i)only one bot instance"):
            await older
        await budi.say("halo")
        assert len(await newer) == 1


async def test_no_poll_beside_a_webhook(bot: Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook", secret_token="s3cret")
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/hook"
    with pytest.raises(Conflict, match=r"(?i)webhook is active"):
        await bot.get_updates(timeout=0)
    await bot.delete_webhook()
    assert await bot.get_updates(timeout=0) == ()
    with pytest.raises(BadRequest, match=r"(?i)unallowed"):
        await bot.set_webhook("http://127.0.0.1:9/hook", secret_token="not allowed")


async def test_allowed_updates_are_remembered(bot: Bot, budi: Person) -> None:
    message = await budi.say("halo")
    assert len(await bot.get_updates(timeout=0, allowed_updates=["message_reaction"])) == 1
    await budi.say("tidak terkirim")
    await budi.react(message, "❤")
    last = (await bot.get_updates(timeout=0))[-1]
    assert last.message_reaction is not None and last.message_reaction.new_reaction == (ReactionTypeEmoji("❤"),)


async def test_a_press_is_answered_once_and_not_too_late(api: BotApi, bot: Bot, budi: Person) -> None:
    sent = await bot.send_message(budi.id, "Setuju?", reply_markup=YES)
    press = asyncio.create_task(budi.press("consent:"))
    (update,) = await bot.get_updates(timeout=5)
    query = update.callback_query
    assert query is not None and query.data == "consent:yes"
    assert query.message is not None and query.message.message_id == sent.message_id
    await query.answer("Terima kasih")
    assert await press == "Terima kasih"
    assert budi.toasts == ["Terima kasih"]

    await budi.press("consent:yes", wait=False)
    late = (await bot.get_updates(offset=update.update_id + 1, timeout=5))[0].callback_query
    assert late is not None and late.chat_instance == query.chat_instance
    api.advance(3600)
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await late.answer()
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query("1")


async def test_text_limits_and_markup(bot: Bot, budi: Person) -> None:
    for text, refusal in (("  ", "text is empty"), ("a" * 4097, "too long"), ("😀" * 2049, "too long")):
        with pytest.raises(BadRequest, match=f"(?i){refusal}"):
            await bot.send_message(budi.id, text)
    await bot.send_message(budi.id, "a" * 4096)

    sent = await bot.send_message(budi.id, "😀 <b>Kak &lt;3</b> <i>hai</i>", parse_mode="HTML")
    assert sent.text == "😀 Kak <3 hai"
    assert [(e.type, sent.parse_entity(e)) for e in sent.entities] == [("bold", "Kak <3"), ("italic", "hai")]
    for text, mode in (
        ("<b>x", "HTML"),
        ("<x>", "HTML"),
        ("aku <3 kamu", "HTML"),
        ("<b>x</i>", "HTML"),
        ("Halo.", "MarkdownV2"),
        ("*x", "MarkdownV2"),
        ("_x", "Markdown"),
    ):
        with pytest.raises(BadRequest, match=r"(?i)can't parse entities"):
            await bot.send_message(budi.id, text, parse_mode=mode)
    sent = await bot.send_message(budi.id, "*a* __b__ [c](http://x.y) `d` \\.", parse_mode="MarkdownV2")
    assert sent.text == "a b c d ."
    assert [e.type for e in sent.entities] == ["bold", "underline", "text_link", "code"]

    long_data = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="é" * 33)]])
    with pytest.raises(BadRequest, match=r"(?i)BUTTON_DATA_INVALID"):
        await bot.send_message(budi.id, "x", reply_markup=long_data)


async def test_edit_reply_delete_copy_forward(api: BotApi, bot: Bot, budi: Person) -> None:
    said = await budi.say("rahasia")
    sent = await bot.send_message(
        budi.id, "satu", reply_parameters=ReplyParameters(said.id), reply_markup=YES, protect_content=True
    )
    assert sent.has_protected_content and sent.reply_to_message is not None
    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        await sent.edit_text("satu", reply_markup=YES)
    edited = await sent.edit_text("dua")
    assert isinstance(edited, type(sent)) and edited.edit_date is not None and edited.reply_markup is None
    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        await sent.edit_reply_markup(None)
    assert budi.inbox[0].history == ["satu", "dua"] and budi.inbox[0].reply_to == said.id
    with pytest.raises(BadRequest, match=r"(?i)can't be copied"):
        await sent.copy(budi.id)
    with pytest.raises(BadRequest, match=r"(?i)can't be edited"):
        await bot.edit_message_text("x", budi.id, said.id)

    copied = await bot.copy_message(budi.id, budi.id, said.id)
    forwarded = await bot.forward_message(budi.id, budi.id, said.id)
    assert forwarded.forward_origin is not None and forwarded.forward_origin.to_dict()["sender_user"]["id"] == budi.id
    assert copied.message_id != forwarded.message_id and budi.texts[-2:] == ["rahasia", "rahasia"]

    assert await sent.delete()
    assert budi.inbox[0].deleted
    with pytest.raises(BadRequest, match=r"(?i)not found"):
        await sent.delete()
    with pytest.raises(BadRequest, match=r"(?i)replied not found"):
        await bot.send_message(budi.id, "x", reply_parameters=ReplyParameters(sent.message_id))
    lenient = ReplyParameters(sent.message_id, allow_sending_without_reply=True)
    assert (await bot.send_message(budi.id, "x", reply_parameters=lenient)).reply_to_message is None
    api.advance(49 * 3600)
    with pytest.raises(BadRequest, match=r"(?i)can't be deleted"):
        await forwarded.delete()


async def test_every_medium_goes_out_and_comes_back(bot: Bot, budi: Person) -> None:
    photo = await bot.send_photo(budi.id, b"foto", caption="ini", filename="x.jpg")
    voice = await bot.send_voice(budi.id, b"suara", duration=7)
    document = await bot.send_document(budi.id, b"surat", filename="catatan.txt")
    audio = await bot.send_audio(budi.id, b"lagu", title="Judul", performer="Penyanyi")
    await bot.send_sticker(budi.id, b"stiker")
    await bot.send_video(budi.id, b"video")
    await bot.send_animation(budi.id, b"gerak")
    await bot.send_video_note(budi.id, b"bulat")
    await bot.send_location(budi.id, -7.7, 110.3)
    await bot.send_venue(budi.id, -7.7, 110.3, "Kampus", "Jalan")
    await bot.send_contact(budi.id, "+620", "Unit")
    await bot.send_poll(budi.id, "Kapan?", ["a", "b"])
    await bot.send_dice(budi.id)
    kinds = "photo voice document audio sticker video animation video_note location venue contact poll dice"
    assert [message.kind for message in budi.inbox] == kinds.split()
    assert [message.content for message in budi.inbox[:8]] == [
        b"foto", b"suara", b"surat", b"lagu", b"stiker", b"video", b"gerak", b"bulat",
    ]  # fmt: skip
    assert (
        budi.inbox[0].text == "ini"
        and voice.voice is not None
        and voice.voice.duration == datetime.timedelta(seconds=7)
    )
    assert document.document is not None and document.document.file_name == "catatan.txt"
    assert audio.audio is not None and audio.audio.performer == "Penyanyi"
    with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
        await bot.send_photo(budi.id, b"foto", caption="a" * 1025)

    again = await bot.send_document(budi.id, document.document.file_id)
    assert again.document is not None and again.document.file_name == "catatan.txt", "a file_id keeps the name"
    file = await bot.get_file(photo.photo[-1].file_id)
    assert await file.download_as_bytearray() == b"foto"
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_photo(budi.id, "nosuchfile")

    said = await budi.send_document("Surat Budi.pdf", b"%PDF", caption="lihat")
    received = (await bot.get_updates(timeout=0))[0].message
    assert received is not None and received.document is not None and received.caption == "lihat"
    assert received.document.file_name == "Surat Budi.pdf" and said.content == b"%PDF"
    assert await (await received.document.get_file()).download_as_bytearray() == b"%PDF"

    album = await bot.send_media_group(budi.id, [InputMediaPhoto(b"1", caption="a"), InputMediaPhoto(b"2")])
    assert len({message.media_group_id for message in album}) == 1
    assert [message.content for message in budi.inbox[-2:]] == [b"1", b"2"]


async def test_topics_in_a_private_chat(bot: Bot, budi: Person) -> None:
    assert (await bot.get_me()).has_topics_enabled
    topic = await bot.create_forum_topic(budi.id, "Melati 7")
    thread = topic.message_thread_id
    sent = await bot.send_message(budi.id, "halo", message_thread_id=thread)
    assert sent.is_topic_message and sent.message_thread_id == thread
    reply = await budi.say("hai", reply_to=sent.message_id)
    assert reply.thread == thread
    received = (await bot.get_updates(timeout=0))[-1].message
    assert received is not None and received.message_thread_id == thread
    await budi.delete_topic(thread)
    with pytest.raises(BadRequest, match=r"(?i)thread not found"):
        await bot.send_message(budi.id, "halo", message_thread_id=thread)


async def test_who_cannot_be_reached(api: BotApi, bot: Bot, budi: Person) -> None:
    stranger = api.person(first_name="Belum Mulai")
    with pytest.raises(Forbidden, match=r"(?i)can't initiate"):
        await bot.send_message(stranger.id, "halo")
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(12345, "halo")
    await budi.block()
    with pytest.raises(Forbidden, match=r"(?i)blocked by the user"):
        await bot.send_message(budi.id, "halo")
    (update,) = await bot.get_updates(timeout=0)
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(AssertionError, match=r"(?i)blocked"):
        await budi.say("tidak bisa")
    await budi.start()
    back, start = await bot.get_updates(offset=update.update_id + 1, timeout=0)
    assert back.my_chat_member is not None and back.my_chat_member.new_chat_member.status == "member"
    assert start.message is not None and start.message.text == "/start"
    await bot.send_message(budi.id, "halo lagi")
    await budi.deactivate()
    with pytest.raises(Forbidden, match=r"(?i)deactivated"):
        await bot.send_message(budi.id, "halo")


async def test_groups_migrate_and_throw_out(api: BotApi, bot: Bot, budi: Person) -> None:
    group = api.group("Lingkar", [budi])
    await bot.send_message(group.id, "halo")
    upgraded = await group.upgrade()
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group.id, "halo")
    assert caught.value.new_chat_id == upgraded.id
    await bot.send_message(upgraded.id, "halo")
    assert [message.text for message in upgraded.inbox] == ["halo"]
    await upgraded.kick_bot()
    with pytest.raises(Forbidden, match=r"(?i)kicked"):
        await bot.send_message(upgraded.id, "halo")


async def test_errors_of_the_platform(api: BotApi, bot: Bot, budi: Person) -> None:
    stranger = Bot("123:wrong", base_url=f"{api.url}/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("noSuchMethod")
    fault = api.faults.add("429", chat_id=budi.id, retry_after=3)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(budi.id, "halo")
    assert caught.value.retry_after == datetime.timedelta(seconds=3)
    assert fault.hits == 1
    await bot.send_message(budi.id, "halo")
    assert [request.early for request in api.calls("sendMessage")] == [False, True]
    for kind, error in (
        ("403", Forbidden),
        ("400", BadRequest),
        ("500", NetworkError),
        ("html", NetworkError),
    ):
        api.faults.add(kind, method="sendMessage")
        with pytest.raises(error):
            await bot.send_message(budi.id, "halo")
    assert budi.texts == ["halo"]


async def test_a_cut_answer_was_accepted_and_a_dropped_one_was_not(api: BotApi, bot: Bot, budi: Person) -> None:
    api.faults.add("cut", method="sendMessage")
    with pytest.raises(NetworkError, match="RemoteProtocolError"):
        await bot.send_message(budi.id, "sampai")
    assert budi.texts == ["sampai"], "the sender cannot know that it arrived"
    api.faults.add("drop", method="sendMessage")
    with pytest.raises(NetworkError, match="RemoteProtocolError"):
        await bot.send_message(budi.id, "hilang")
    api.faults.add("500", accepted=True)
    with pytest.raises(NetworkError):
        await bot.send_message(budi.id, "juga sampai")
    assert budi.texts == ["sampai", "juga sampai"]
    assert [(request.done, request.status) for request in api.calls("sendMessage")] == [
        (True, 0), (False, 0), (True, 500),
    ]  # fmt: skip


async def test_silence_and_slowness(api: BotApi, bot: Bot, budi: Person) -> None:
    api.faults.add("hang", method="sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(budi.id, "halo", read_timeout=0.05)
    api.faults.add("slow", method="sendMessage", delay=30)
    with pytest.raises(TimedOut):
        await bot.send_message(budi.id, "terlambat", read_timeout=0.05)
    assert budi.texts == ["terlambat"]
    api.faults.add("slow", method="sendMessage", delay=30, accepted=False)
    with pytest.raises(TimedOut):
        await bot.send_message(budi.id, "keburu pergi", read_timeout=0.05)
    await api.wait_idle()
    assert budi.texts == ["terlambat"]
    api.faults.add("slow", method="sendMessage", delay=0.01)
    await bot.send_message(budi.id, "pelan")
    assert budi.texts == ["terlambat", "pelan"]


async def test_a_flood_lasts_until_the_clock_says_so(api: BotApi, bot: Bot, budi: Person) -> None:
    siti = api.person(started=True)
    api.flood(30, chat_id=budi.id)
    with pytest.raises(RetryAfter):
        await bot.send_message(budi.id, "x")
    await bot.send_message(siti.id, "x")
    api.advance(20)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(budi.id, "x")
    assert caught.value.retry_after == datetime.timedelta(seconds=10)
    api.advance(10)
    await bot.send_message(budi.id, "x")
    assert (budi.texts, siti.texts) == (["x"], ["x"])


async def test_settings_of_the_bot(bot: Bot, budi: Person) -> None:
    await bot.set_my_commands([("bantuan", "Daftar perintah")])
    assert [c.command for c in await bot.get_my_commands()] == ["bantuan"]
    with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
        await bot.set_my_commands([("Bantuan!", "x")])
    await bot.set_my_description("Teman bicara")
    assert (await bot.get_my_description()).description == "Teman bicara"
    await bot.send_chat_action(budi.id, "typing")
    assert budi.actions == ["typing"]
    assert (await bot.get_chat(budi.id)).first_name == "Budi"
