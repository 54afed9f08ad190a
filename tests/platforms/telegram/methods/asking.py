"""What a bot may ask and set about itself and about chats: getMe, commands, descriptions, members."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..arguments import Call
from ..errors import bad_request
from ..world import World, member

Json = dict[str, Any]


def get_me(world: World, call: Call) -> Json:
    """getMe."""
    return {
        **world.bot.wire(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": world.topics_in_private,
        "allows_users_to_create_topics": False,
    }


def _commands_key(call: Call) -> str:
    scope = call.value("scope") or {"type": "default"}
    return f"commands {json.dumps(scope, sort_keys=True)} {call.text('language_code') or ''}"


def set_my_commands(world: World, call: Call) -> bool:
    """setMyCommands, per scope and language."""
    commands = call.value("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("can't parse commands")
    for command in commands:
        name, description = str(command.get("command", "")), str(command.get("description", ""))
        if not (1 <= len(name) <= 32 and name.replace("_", "a").isalnum() and name.islower() and name.isascii()):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.settings[_commands_key(call)] = commands
    return True


def get_my_commands(world: World, call: Call) -> list[Json]:
    """getMyCommands."""
    return list(world.settings.get(_commands_key(call), []))


def delete_my_commands(world: World, call: Call) -> bool:
    """deleteMyCommands."""
    world.settings.pop(_commands_key(call), None)
    return True


def setting(argument: str) -> tuple[Callable[[World, Call], bool], Callable[[World, Call], Json]]:
    """Setter and getter of a text about the bot, per language."""

    def put(world: World, call: Call) -> bool:
        world.settings[f"{argument} {call.text('language_code') or ''}"] = call.text(argument) or ""
        return True

    def get(world: World, call: Call) -> Json:
        kept = world.settings.get(f"{argument} {call.text('language_code') or ''}")
        return {argument: kept if kept is not None else world.settings.get(f"{argument} ", "")}

    return put, get


def set_menu_button(world: World, call: Call) -> bool:
    """setChatMenuButton."""
    world.settings["menu_button"] = call.value("menu_button") or {"type": "default"}
    return True


def get_menu_button(world: World, call: Call) -> Json:
    """getChatMenuButton."""
    return dict(world.settings.get("menu_button", {"type": "default"}))


def get_chat(world: World, call: Call) -> Json:
    """getChat: the full info."""
    chat = world.chat(call.chat_id())
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return {
        **chat.wire(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def get_chat_member(world: World, call: Call) -> Json:
    """getChatMember."""
    chat = world.reachable(call.chat_id())
    user_id = call.integer("user_id")
    if user_id == world.bot.id:
        return member(world.bot, chat.bot_status)
    user = world.users.get(user_id) if user_id is not None else None
    if user is None:
        raise bad_request("user not found")
    return member(user, "member" if user.id in chat.members or chat.user is user else "left")


def get_chat_member_count(world: World, call: Call) -> int:
    """getChatMemberCount."""
    chat = world.reachable(call.chat_id())
    return 2 if chat.user is not None else len(chat.members) + 1


def get_profile_photos(world: World, call: Call) -> Json:
    """getUserProfilePhotos: nobody here has any."""
    return {"total_count": 0, "photos": []}


def leave_chat(world: World, call: Call) -> bool:
    """leaveChat."""
    world.reachable(call.chat_id()).bot_status = "left"
    return True


_set_name, _get_name = setting("name")
_set_description, _get_description = setting("description")
_set_short, _get_short = setting("short_description")

METHODS = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _set_name,
    "getMyName": _get_name,
    "setMyDescription": _set_description,
    "getMyDescription": _get_description,
    "setMyShortDescription": _set_short,
    "getMyShortDescription": _get_short,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "getUserProfilePhotos": get_profile_photos,
    "leaveChat": leave_chat,
}
