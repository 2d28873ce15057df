"""The domain's types: frozen data without behaviour, shared by every layer.

Words: an *update* is what a platform sends, a *message* is what is stored, a *turn* is the unhandled
messages of one conversation together with their reply, a *delivery* is one reply on its way out.
All times are UTC and aware.
"""

from bot.messages.conversations import (
    Accepted,
    Conversation,
    ConversationState,
    Delivery,
    Delta,
    Explanation,
    Finished,
    Incoming,
    Message,
    Opening,
    Reply,
    Route,
    Said,
    StreamEvent,
    Summary,
)
from bot.messages.desk import Operator, Overview, Thread
from bot.messages.knowledge import Document, Evidence, Passage, Prompt, Query
from bot.messages.parts import Attachment, Citation, Role, StoredFile, Utterance
from bot.messages.people import Account, Fact, FactKind, NewFact, Profile
from bot.messages.turns import Claim, Draft, NewPicture, NewWithheld, Request, Turn

__all__ = [
    "Accepted",
    "Account",
    "Attachment",
    "Citation",
    "Claim",
    "Conversation",
    "ConversationState",
    "Delivery",
    "Delta",
    "Document",
    "Draft",
    "Evidence",
    "Explanation",
    "Fact",
    "FactKind",
    "Finished",
    "Incoming",
    "Message",
    "NewFact",
    "NewPicture",
    "NewWithheld",
    "Opening",
    "Operator",
    "Overview",
    "Passage",
    "Profile",
    "Prompt",
    "Query",
    "Reply",
    "Request",
    "Role",
    "Route",
    "Said",
    "StoredFile",
    "StreamEvent",
    "Summary",
    "Thread",
    "Turn",
    "Utterance",
]
