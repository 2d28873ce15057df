"""Which servers the library talks to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.options import DiscordOptions

CDN_HOSTS = ("https://cdn.discordapp.com", "https://media.discordapp.net")


@contextmanager
def redirected(options: DiscordOptions) -> Iterator[None]:
    """The library talks to the servers that the options name, until the block ends.

    It reads its addresses from class attributes and offers no other way, so that they hold for the whole process.
    """
    with ExitStack() as stack:
        if options.api_base_url:
            stack.enter_context(_replaced(Route, "BASE", options.api_base_url.rstrip("/")))
        if options.gateway_url:
            stack.enter_context(_replaced(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(options.gateway_url)))
        if options.cdn_base_url:
            stack.enter_context(_replaced(Asset, "BASE", options.cdn_base_url.rstrip("/")))
        yield


def file_address(options: DiscordOptions, url: str) -> str:
    """Where a file with Discord's address `url` is fetched."""
    for host in CDN_HOSTS:
        if options.cdn_base_url and url.startswith(f"{host}/"):
            return options.cdn_base_url.rstrip("/") + url.removeprefix(host)
    return url


@contextmanager
def _replaced(owner: type, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
