"""What the layers ask of each other: small protocols with plain data in and out."""

from bot.protocols.channels import Channel, ChannelStatus, Publish, Skill, Streams, Texts
from bot.protocols.conversations import Files, History, Inbox, Outbox, Places, Progress, Records, Turns
from bot.protocols.desk import Accounts, Desk, InboxFilter, Operators
from bot.protocols.memory import Memories
from bot.protocols.models import Embedder, KnowledgeStore, Retriever, TextEngine, VectorStore
from bot.protocols.people import SINGLE_VALUED, Facts, Linked, People
from bot.protocols.pictures import Drawing, GeneratorKind, ImageEngine, OnPlace, Pictures

__all__ = [
    "SINGLE_VALUED",
    "Accounts",
    "Channel",
    "ChannelStatus",
    "Desk",
    "Drawing",
    "Embedder",
    "Facts",
    "Files",
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
