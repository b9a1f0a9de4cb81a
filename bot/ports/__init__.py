"""What the core needs from the world, as Protocols; fakes and adapters follow them."""

from bot.ports.archive import Archive, Candidates, Look, RuleDay, SearchQuery
from bot.ports.attending import Attendant
from bot.ports.holds import KEEP_BURSTS, Held, Holds
from bot.ports.policy import DeliveryPolicy
from bot.ports.register import ChangeQuery, Inbox, Register
from bot.ports.store import (
    AlertRecord,
    Claim,
    FeedStore,
    Known,
    Outbox,
    Owed,
    ParkedChannel,
    PollRecord,
    Remembered,
    ShutPlatform,
    Tally,
    Told,
)
from bot.ports.whole import Store
from bot.ports.world import (
    Answer,
    CarryOut,
    Chat,
    Clock,
    Fetcher,
    Home,
    NoInbox,
    Platform,
    Sandbox,
    Serve,
    Submit,
    Suggest,
    Wanted,
)

__all__ = [
    "KEEP_BURSTS",
    "AlertRecord",
    "Answer",
    "Archive",
    "Attendant",
    "Candidates",
    "CarryOut",
    "ChangeQuery",
    "Chat",
    "Claim",
    "Clock",
    "DeliveryPolicy",
    "FeedStore",
    "Fetcher",
    "Held",
    "Holds",
    "Home",
    "Inbox",
    "Known",
    "Look",
    "NoInbox",
    "Outbox",
    "Owed",
    "ParkedChannel",
    "Platform",
    "PollRecord",
    "Register",
    "Remembered",
    "RuleDay",
    "Sandbox",
    "SearchQuery",
    "Serve",
    "ShutPlatform",
    "Store",
    "Submit",
    "Suggest",
    "Tally",
    "Told",
    "Wanted",
]
