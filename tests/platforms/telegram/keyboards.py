"""reply_markup: reads it and refuses what Telegram refuses."""

from __future__ import annotations

from typing import Any

from .arguments import Call
from .errors import bad_request

Json = dict[str, Any]

# Public Bot API: callback_data is 1-64 bytes.
DATA_BYTES = 64
_ACTIONS = {
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}


def read_markup(call: Call) -> tuple[Json | None, Json | None]:
    """(inline keyboard, other keyboard) of a call; at most one of the two is given."""
    markup = call.value("reply_markup")
    if markup is None:
        return None, None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return None, markup
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"]]
    rows = [row for row in rows if row]
    return ({"inline_keyboard": rows} if rows else None), None


def _button(button: Any) -> Json:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    actions = _ACTIONS & button.keys()
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return button
