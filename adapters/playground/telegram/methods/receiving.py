"""How the bot gets its updates: by long poll or by webhook, never both."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from adapters.playground.telegram.errors import JsonObject, bad_request, conflict
from adapters.playground.telegram.parameters import Parameters
from adapters.playground.telegram.webhook import Webhook
from adapters.playground.telegram.world import World

_BATCH = 100
_DEFAULT_CONNECTIONS = 40
_MOST_CONNECTIONS = 100


async def get_updates(world: World, parameters: Parameters) -> list[JsonObject]:
    """The next updates; a long poll if none waits."""
    if world.deliverer.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    _allow(world, parameters)
    limit = parameters.integer("limit", _BATCH)
    limit = limit if 1 <= limit <= _BATCH else _BATCH
    timeout = max(0, parameters.integer("timeout"))
    return await world.updates.poll(parameters.integer("offset"), limit, timeout)


async def set_webhook(world: World, parameters: Parameters) -> bool:
    """Has updates delivered to `url` from now on; an empty one ends it."""
    url = parameters.text("url")
    if not url:
        return await delete_webhook(world, parameters)
    _check_url(url)
    secret = parameters.text("secret_token")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request(
            "secret token contains unallowed characters" if len(secret) <= 256 else "secret token is too long"
        )
    connections = parameters.integer("max_connections", _DEFAULT_CONNECTIONS)
    if parameters.flag("drop_pending_updates"):
        world.updates.drop_pending()
    _allow(world, parameters)
    world.updates.end_poll("terminated by setWebhook request")
    webhook = Webhook(url, secret, max(1, min(connections, _MOST_CONNECTIONS)), parameters.text("ip_address"))
    world.deliverer.set(webhook)
    return True


async def delete_webhook(world: World, parameters: Parameters) -> bool:
    """Ends deliveries; what waits is kept for long polls unless it is to be dropped."""
    if parameters.flag("drop_pending_updates"):
        world.updates.drop_pending()
    world.deliverer.set(Webhook())
    return True


async def get_webhook_info(world: World, parameters: Parameters) -> JsonObject:
    """WebhookInfo."""
    return world.deliverer.webhook.shape(world.updates)


def _allow(world: World, parameters: Parameters) -> None:
    if parameters.given("allowed_updates"):
        world.updates.allow([str(kind) for kind in parameters.items("allowed_updates")])


def _check_url(url: str) -> None:
    """Plain HTTP is taken too, as by a Bot API server on one's own machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
