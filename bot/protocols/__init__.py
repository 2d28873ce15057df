"""What the layers ask of each other: small protocols with plain data in and out."""

from bot.protocols.channels import Channel, ChannelStatus, Publish, Skill, Streams, Texts
from bot.protocols.conversations import Files, History, Inbox, Outbox, Places, Progress, Records, Turns
from bot.protocols.desk import Accounts, Desk, InboxFilter, Operators
from bot.protocols.models import Embedder, KnowledgeStore, Retriever, TextEngine, VectorStore
from bot.protocols.pictures import Drawing, GeneratorKind, ImageEngine, OnPlace, Pictures

__all__ = [
    "Accounts",
    "Channel",
    "ChannelStatus",
    "Desk",
    "Drawing",
    "Embedder",
    "Files",
    "GeneratorKind",
    "History",
    "ImageEngine",
    "Inbox",
    "InboxFilter",
    "KnowledgeStore",
    "OnPlace",
    "Operators",
    "Outbox",
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
