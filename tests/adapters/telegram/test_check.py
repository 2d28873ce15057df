"""What `parley doctor` says of a bot on Telegram."""

from __future__ import annotations

import pytest

from adapters.playground.telegram import TelegramServer
from adapters.telegram import examine
from bot.errors import ChannelError
from tests.adapters.telegram.examples import options


async def test_a_bot_that_polls(server: TelegramServer) -> None:
    said = await examine(options(server))
    assert said == "@parley_bot (Parley), updates are polled; in groups it answers mentions, replies and commands."


async def test_a_bot_that_shall_read_groups_but_may_not(server: TelegramServer) -> None:
    assert "/setprivacy" in await examine(options(server, groups="all"))


async def test_a_bot_that_customers_see_by_another_name(server: TelegramServer) -> None:
    assert "shown as Parley, though bot.name is Fern" in await examine(options(server, bot_name="Fern"))


async def test_a_refused_token_and_a_server_that_is_away(server: TelegramServer) -> None:
    with pytest.raises(ChannelError, match="@BotFather"):
        await examine(options(server, token="1:wrong"))
    await server.stop()
    with pytest.raises(ChannelError, match=r"cannot be reached at http://.*base_url"):
        await examine(options(server))
