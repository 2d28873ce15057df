"""What the layers ask of each other: small protocols with plain data in and out."""

from bot.protocols.channels import Channel, ChannelStatus, Publish, Skill, Streams, Texts
from bot.protocols.conversations import Files, History, Inbox, Outbox, Places, Progress, Records, Turns
from bot.protocols.desk import Accounts, Desk, InboxFilter, Operators
from bot.protocols.memory import Memories
from bot.protocols.models import (
    Counting,
    Embedder,
    EngineCounts,
    KnowledgeStore,
    Retriever,
    TextEngine,
    VectorStore,
)
from bot.protocols.people import SINGLE_VALUED, Facts, Linked, People
from bot.protocols.pictures import Artist, Artwork, Drawing, GeneratorKind, ImageEngine, OnPlace, Pictures
from bot.protocols.privacy import Eraser, Forgetful, PersonalData

__all__ = [
    "SINGLE_VALUED",
    "Accounts",
    "Artist",
    "Artwork",
    "Channel",
    "ChannelStatus",
    "Counting",
    "Desk",
    "Drawing",
    "Embedder",
    "EngineCounts",
    "Eraser",
    "Facts",
    "Files",
    "Forgetful",
    "GeneratorKind",
    "History",
    "ImageEngine",
    "Inbox",
    "InboxFilter",
    "KnowledgeStore",
    "Linked",
    "Memories",
    "OnPlace",
    "Operators",
    "Outbox",
    "People",
    "PersonalData",
    "Pictures",
    "Places",
    "Progress",
    "Publish",
    "Records",
    "Retriever",
    "Skill",
    "Streams",
    "TextEngine",
    "Texts",
    "Turns",
    "VectorStore",
]
