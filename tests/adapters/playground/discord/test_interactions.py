"""Slash commands and buttons, with their 3 seconds and 15 minutes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import discord
import pytest
from discord import app_commands

from adapters.playground.discord import ApiError, DiscordServer, Person, Upload
from tests.adapters.playground.discord.conftest import running, soon
from tests.adapters.playground.discord.examples import PNG


class CommandClient(discord.Client):
    """Registers /ask and notes what it is asked; the test answers."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default())
        self.tree = app_commands.CommandTree(self)
        self.asked: asyncio.Queue[tuple[discord.Interaction, str]] = asyncio.Queue()
        self.pressed: asyncio.Queue[discord.Interaction] = asyncio.Queue()

        @self.tree.command(name="ask", description="Asks a question")
        async def ask(
            interaction: discord.Interaction, question: str, picture: discord.Attachment | None = None
        ) -> None:
            size = f" [{picture.width}x{picture.height}]" if picture else ""
            self.asked.put_nowait((interaction, question + size))

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type is discord.InteractionType.component:
            self.pressed.put_nowait(interaction)


@pytest.fixture
async def client(server: DiscordServer, redirect: Callable[[DiscordServer], None]) -> AsyncIterator[CommandClient]:
    redirect(server)
    client = CommandClient()
    async with running(client, server):
        yield client


@pytest.fixture
def alice(server: DiscordServer) -> Person:
    return server.person("Alice")


async def test_commands_are_registered(server: DiscordServer, client: CommandClient) -> None:
    [command] = server.commands.of(None)
    assert (command["name"], command["options"][0]["name"]) == ("ask", "question")
    assert [each.name for each in await client.tree.fetch_commands()] == ["ask"]


async def test_a_command_that_is_not_registered_cannot_be_used(client: CommandClient, alice: Person) -> None:
    with pytest.raises(ApiError):
        alice.use_command(alice.direct, "sing")


async def test_a_command_is_answered_at_once(server: DiscordServer, client: CommandClient, alice: Person) -> None:
    used = alice.use_command(alice.direct, "ask", question="Open?")
    interaction, question = await soon(client.asked)
    response = await interaction.response.send_message(f"{question} Yes.")
    assert used.original is not None
    assert used.original.content == "Open? Yes."
    assert str(response.message_id) == used.original.id


async def test_a_deferred_command_is_filled_by_an_edit(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    channel = server.text_channel(server.guild("Shop", [alice]), "help")
    used = alice.use_command(channel, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    await interaction.response.defer(thinking=True)
    assert used.original is not None
    assert used.original.is_loading
    await interaction.edit_original_response(content="Until six.")
    assert not used.original.is_loading
    assert [message.content for message in server.written_by_bot(channel)] == ["Until six."]


async def test_the_first_follow_up_fills_a_deferred_answer_and_the_next_is_a_message(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    used = alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    await interaction.response.defer(thinking=True)
    first = await interaction.followup.send("one", wait=True)
    second = await interaction.followup.send("two", wait=True)
    assert used.original is not None
    assert (str(first.id), used.original.content) == (used.original.id, "one")
    assert [message.id for message in used.followups] == [str(second.id)]


async def test_a_deferred_answer_that_was_deleted_is_not_filled(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    used = alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    await interaction.response.defer(thinking=True)
    await interaction.delete_original_response()
    with pytest.raises(discord.NotFound) as gone:
        await interaction.edit_original_response(content="Until six.")
    assert gone.value.code == 10008
    sent = await interaction.followup.send("Until six.", wait=True)
    assert [message.id for message in used.followups] == [str(sent.id)]


async def test_before_its_answer_an_interaction_has_no_webhook(client: CommandClient, alice: Person) -> None:
    alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    with pytest.raises(discord.NotFound) as early:
        await interaction.followup.send("Too early.")
    assert early.value.code == 10015


async def test_a_picture_comes_with_a_command(client: CommandClient, alice: Person) -> None:
    alice.use_command(alice.direct, "ask", question="What is this?", picture=Upload("a.png", PNG, "image/png"))
    _, question = await soon(client.asked)
    assert question == "What is this? [2x3]"


async def test_an_answer_after_three_seconds_is_too_late(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    server.clock.advance(3.5)
    with pytest.raises(discord.NotFound) as late:
        await interaction.response.send_message("Yes.")
    assert late.value.code == 10062


async def test_a_second_answer_is_refused(client: CommandClient, alice: Person) -> None:
    used = alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    used.acknowledged_by = 5
    with pytest.raises(discord.HTTPException) as twice:
        await interaction.response.defer()
    assert twice.value.code == 40060


async def test_a_token_ends_after_fifteen_minutes(server: DiscordServer, client: CommandClient, alice: Person) -> None:
    alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    await interaction.response.defer(thinking=True)
    server.clock.advance(15 * 60 + 1)
    with pytest.raises(discord.HTTPException) as ended:
        await interaction.edit_original_response(content="Late.")
    assert (ended.value.status, ended.value.code) == (401, 50027)


async def test_an_ephemeral_answer_is_not_part_of_the_channel(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    used = alice.use_command(alice.direct, "ask", question="Open?")
    interaction, _ = await soon(client.asked)
    await interaction.response.send_message("Only for you.", ephemeral=True)
    assert used.original is not None
    assert used.original.is_ephemeral
    channel = client.get_partial_messageable(int(alice.direct.id))
    assert [message async for message in channel.history()] == []


async def test_a_button_is_pressed_and_changes_its_message(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Yes", custom_id="q:1:0"))
    await client.get_partial_messageable(int(alice.direct.id)).send("Sure?", view=view)
    [message] = server.written_by_bot(alice.direct)
    assert [button["custom_id"] for button in message.buttons] == ["q:1:0"]
    alice.press(message, "q:1:0")
    interaction = await soon(client.pressed)
    assert interaction.data is not None
    assert interaction.data["custom_id"] == "q:1:0"  # type: ignore[typeddict-item]
    await interaction.response.edit_message(content="Thanks.", view=None)
    assert (message.content, message.buttons) == ("Thanks.", [])


async def test_a_button_is_acknowledged_and_answered_below(
    server: DiscordServer, client: CommandClient, alice: Person
) -> None:
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Sources", custom_id="s:1"))
    await client.get_partial_messageable(int(alice.direct.id)).send("Here.", view=view)
    [message] = server.written_by_bot(alice.direct)
    pressed = alice.press(message, "s:1")
    interaction = await soon(client.pressed)
    await interaction.response.defer()
    await interaction.followup.send("The sources.", ephemeral=True)
    assert pressed.original is message
    assert [each.content for each in pressed.followups] == ["The sources."]
