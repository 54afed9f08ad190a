"""setWebhook, deleteWebhook, getWebhookInfo."""

from __future__ import annotations

import re
from typing import Any

from ..arguments import Call
from ..errors import bad_request
from ..world import Webhook, World

Json = dict[str, Any]

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def set_webhook(world: World, call: Call) -> bool:
    """setWebhook. Plain http is taken, because this server only knows the loopback."""
    url = call.text("url") or ""
    if not url:
        return delete_webhook(world, call)
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = call.text("secret_token")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = call.integer("max_connections") or 40
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    world.webhook = Webhook(url, secret, connections)
    remember_allowed(world, call)
    _drop_if_asked(world, call)
    return True


def remember_allowed(world: World, call: Call) -> None:
    """Keep `allowed_updates`; absent means unchanged, empty means the usual ones."""
    allowed = call.value("allowed_updates")
    if allowed is not None:
        world.updates.allowed = [str(kind) for kind in allowed]


def delete_webhook(world: World, call: Call) -> bool:
    """deleteWebhook."""
    world.webhook = Webhook()
    _drop_if_asked(world, call)
    return True


def _drop_if_asked(world: World, call: Call) -> None:
    if call.flag("drop_pending_updates"):
        world.updates.dropped.extend(pending.id for pending in world.updates.waiting)
        world.updates.waiting.clear()


def get_webhook_info(world: World, call: Call) -> Json:
    """getWebhookInfo."""
    hook = world.webhook
    info: Json = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.waiting),
    }
    if hook.url:
        info["max_connections"] = hook.max_connections
        info["ip_address"] = "127.0.0.1"
    if hook.last_error_at is not None:
        info["last_error_date"] = int(hook.last_error_at)
        info["last_error_message"] = hook.last_error
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info


METHODS = {"setWebhook": set_webhook, "deleteWebhook": delete_webhook, "getWebhookInfo": get_webhook_info}
