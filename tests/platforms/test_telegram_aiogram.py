"""Judge 2 of the loopback Bot API: aiogram's strict types, for every update and for what methods return.

The only module that imports aiogram, which takes seconds to build its schema.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReplyParameters,
    Update,
)

from tests.platforms.telegram import BotApi, Person
from tests.platforms.telegram.samples import MESSAGES, every_content, every_update

pytestmark = pytest.mark.anyio


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(topics=True) as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    bot = Bot(api.token, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url)))
    try:
        yield bot
    finally:
        await bot.session.close()


@pytest.fixture
async def budi(api: BotApi) -> Person:
    return api.person(7_000_000_001, "Budi", username="budi_contoh", started=True)


def unknown_fields(value: object, path: str = "") -> list[str]:
    """Where aiogram's types know no field of this name (it keeps extras silently)."""
    found: list[str] = []
    for name, extra in (getattr(value, "model_extra", None) or {}).items():
        found.append(f"{path}.{name}={extra!r}")
    for name in getattr(type(value), "model_fields", {}):
        inner = getattr(value, name)
        for item in inner if isinstance(inner, list) else [inner]:
            found += unknown_fields(item, f"{path}.{name}")
    return found


async def test_the_samples_are_every_kind_aiogram_knows(budi: Person) -> None:
    assert every_update(budi).keys() == Update.model_fields.keys() - {"update_id"}
    assert set(MESSAGES) == {name for name, field in Update.model_fields.items() if field.annotation == Message | None}


async def test_every_update_is_valid(api: BotApi, bot: Bot, budi: Person) -> None:
    for kind, body in every_update(budi).items():
        api.push({kind: body})
    for content in every_content(budi).values():
        await budi.send(content)
    updates = await bot.get_updates(limit=100)
    assert len(updates) == len(every_update(budi)) + len(every_content(budi))
    extras = [extra for update in updates for extra in unknown_fields(update)]
    assert len(extras) == 1 and "something_of_the_future" in extras[0]


async def test_every_act_of_a_person_is_a_valid_update(api: BotApi, bot: Bot, budi: Person) -> None:
    await bot.get_updates(allowed_updates=[*Update.model_fields.keys() - {"update_id"}])
    said = await budi.say("/start halo@contoh.id https://contoh.id @seseorang_lain")
    await budi.edit(said, "berubah")
    photo = await budi.send_photo(caption="#foto")
    await budi.edit(photo, "caption baru")
    for act in (
        budi.send_voice(), budi.send_sticker(), budi.send_document("a.pdf"), budi.send_video(),
        budi.send_audio("a.mp3", title="t"), budi.send_animation(), budi.send_video_note(),
        budi.send_contact(user_id=5), budi.send_venue(), budi.send_poll(), budi.forward(said),
        budi.forward("orang"), budi.forward("orang", hidden="Nama"), budi.send_album([b"1", b"2"], "x"),
    ):  # fmt: skip
        await act
    await budi.move(await budi.send_location(live_period=60), 1.5, 2.5)
    sent = await bot.send_message(budi.id, "x", reply_markup=keyboard("menu:peer"))
    await budi.press("menu:peer", wait=False)
    await sent.delete()
    await budi.press(budi.inbox[0], "menu:peer", stale=True, wait=False)
    await budi.react(said, "❤", "🔥")
    group, forum = api.group("Lingkar", [budi]), api.group("Forum", [budi], forum=True)
    await budi.say("halo", in_group=group)
    await budi.say("halo", in_group=forum, thread=await forum.create_topic("Topik"))
    await budi.leave_group(group)
    await budi.join_group(group)
    await group.upgrade()
    await forum.kick_bot()
    await forum.add_bot(administrator=True)
    await api.channel().post("pengumuman")
    await budi.block()
    await budi.unblock()
    updates = await bot.get_updates(limit=100)
    assert len(updates) == len(api.updates) == 38
    assert not [extra for update in updates for extra in unknown_fields(update)]
    assert {update.event_type for update in updates} == {
        "message", "edited_message", "callback_query", "message_reaction", "my_chat_member", "chat_member",
        "channel_post",
    }  # fmt: skip
    emails = [e.type for e in updates[0].message.entities or []] if updates[0].message else []
    assert emails == ["bot_command", "email", "url", "mention"]


def keyboard(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="x", callback_data=data)]])


async def test_methods_return_typed_results(bot: Bot, budi: Person) -> None:
    assert (await bot.me()).is_bot
    file = BufferedInputFile(b"isi", "catatan.txt")
    topic = await bot.create_forum_topic(budi.id, "Melati")
    said = await budi.say("halo")
    results = [
        await bot.send_message(budi.id, "<b>x</b>", parse_mode="HTML", reply_markup=keyboard("a:b")),
        await bot.send_message(budi.id, "y", reply_parameters=ReplyParameters(message_id=said.id)),
        await bot.send_message(budi.id, "z", message_thread_id=topic.message_thread_id, protect_content=True),
        await bot.send_photo(budi.id, file, caption="c"),
        await bot.send_voice(budi.id, file),
        await bot.send_sticker(budi.id, file),
        await bot.send_document(budi.id, file),
        await bot.send_video(budi.id, file),
        await bot.send_audio(budi.id, file),
        await bot.send_animation(budi.id, file),
        await bot.send_video_note(budi.id, file),
        await bot.send_location(budi.id, 1.0, 2.0),
        await bot.send_venue(budi.id, 1.0, 2.0, "t", "a"),
        await bot.send_contact(budi.id, "+62", "x"),
        await bot.send_poll(budi.id, "?", ["a", "b"]),
        await bot.send_dice(budi.id),
        *await bot.send_media_group(budi.id, [InputMediaPhoto(media=file), InputMediaPhoto(media=file)]),
        await bot.forward_message(budi.id, budi.id, said.id),
    ]
    edited = await bot.edit_message_text("baru", chat_id=budi.id, message_id=results[0].message_id)
    assert isinstance(edited, Message) and edited.text == "baru"
    captioned = await bot.edit_message_caption(chat_id=budi.id, message_id=results[3].message_id, caption="d")
    swapped = await bot.edit_message_media(
        InputMediaPhoto(media=file, caption="e"), chat_id=budi.id, message_id=results[3].message_id
    )
    results += [message for message in (edited, captioned, swapped) if isinstance(message, Message)]
    assert not [extra for message in results for extra in unknown_fields(message)]
    assert (await bot.copy_message(budi.id, budi.id, said.id)).message_id
    assert await bot.set_message_reaction(budi.id, said.id, [])
    info = await bot.get_chat(budi.id)
    assert not unknown_fields(info) and info.first_name == "Budi"
    assert not unknown_fields(await bot.get_chat_member(budi.id, budi.id))
    assert not unknown_fields(await bot.get_webhook_info())
    document = results[6].document
    assert document is not None
    downloaded = await bot.download(document)
    assert downloaded is not None and downloaded.read() == b"isi"
    assert await bot.delete_messages(budi.id, [message.message_id for message in results[:3]])
    assert [message.deleted for message in budi.inbox[1:4]] == [True, True, True]


async def test_errors_are_aiograms_errors(api: BotApi, bot: Bot, budi: Person) -> None:
    api.faults.add("429", retry_after=7)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(budi.id, "x")
    assert caught.value.retry_after == 7
    group = api.group("Lingkar", [budi])
    upgraded = await group.upgrade()
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(group.id, "x")
    assert moved.value.migrate_to_chat_id == upgraded.id
    await budi.block()
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(budi.id, "x")


async def test_fifty_people_press_at_once(bot: Bot, api: BotApi) -> None:
    people = [api.person(first_name=f"Orang {n}", started=True) for n in range(50)]
    await asyncio.gather(*(bot.send_message(p.id, "Tawaran", reply_markup=keyboard("offer:accept:x")) for p in people))
    presses = asyncio.gather(*(person.press("offer:accept") for person in people))
    updates: list[Update] = []
    while len(updates) < 50:
        updates += await bot.get_updates(offset=updates[-1].update_id + 1 if updates else None, timeout=5)
    queries = [update.callback_query for update in updates if update.callback_query]
    for query in queries:
        await bot.answer_callback_query(query.id, str(query.from_user.id))
    assert await presses == [str(person.id) for person in people]
    assert len({query.chat_instance for query in queries}) == 50
