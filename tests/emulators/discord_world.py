"""What the Discord emulator knows: servers, channels, messages, permissions, and the accept log."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import discord

from bot.ports import Clock

BOT_ID = 1200000000000000001
OWNER_ID = 1200000000000000002
READER_ID = 1200000000000000003
GUILD_ID = 1187500000000000000
BOT_ROLE_ID = 1187500000000000009
EDITOR_ROLE_ID, OTHER_ROLE_ID = 1187500000000000011, 1187500000000000012
TOKEN = "MTIwMDAwMDAwMDAwMDAwMDAwMQ.GmadeU.p-0123456789abcdefghijklmnopqrstuvwxyzA"
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
ALL_WE_ASK = 309237730304

TEXT, THREAD, FORUM = 0, 11, 15


class ApiError(Exception):
    """An answer with an error, as Discord words it."""

    def __init__(self, status: int, code: int, message: str, errors: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


@dataclass(slots=True)
class Place:
    """A channel or thread."""

    id: int
    name: str
    type: int = TEXT
    guild_id: int = GUILD_ID
    parent_id: int | None = None
    granted: int = 0
    denied: int = 0
    locked: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)

    def payload(self) -> dict[str, Any]:
        """Write the channel as the API does."""
        shared: dict[str, Any] = {
            "id": str(self.id),
            "type": self.type,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "rate_limit_per_user": 0,
            "last_message_id": None,
        }
        if self.type == THREAD:
            return shared | {
                "owner_id": str(BOT_ID),
                "message_count": len(self.messages),
                "member_count": 1,
                "thread_metadata": {
                    "archived": False,
                    "auto_archive_duration": 10080,
                    "archive_timestamp": "2026-03-02T09:00:00+00:00",
                    "locked": self.locked,
                },
            }
        return shared | {
            "position": 0,
            "topic": None,
            "nsfw": False,
            "permission_overwrites": [
                {
                    "id": str(BOT_ROLE_ID),
                    "type": 0,
                    "allow": str(self.granted),
                    "deny": str(self.denied),
                }
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message that Discord took in: an entry of the log that is the truth."""

    nonce: str
    channel_id: int
    message_id: int
    at: datetime
    request: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """How somebody comes: what they may do, and where the bot is installed for them."""

    permissions: int = 1 << 10
    flags: int = 0
    bot: bool = False
    in_server: bool = True
    installed: bool = True
    roles: tuple[int, ...] = ()


class World:
    """The state of one Discord with one bot in it."""

    def __init__(self, clock: Clock, nonce_window: timedelta = timedelta(minutes=5)) -> None:
        self.clock = clock
        self.nonce_window = nonce_window
        self.token = TOKEN
        self.places: dict[int, Place] = {}
        self.accepted: list[Accepted] = []
        self.taken = asyncio.Event()
        self.guild_names = {GUILD_ID: "Example Newsroom"}
        self.people: dict[int, Visitor] = {}
        self.commands: list[dict[str, Any]] = []
        self._nonces: dict[str, tuple[datetime, int, int]] = {}
        self._count = 0

    # --- building -----------------------------------------------------------------------------

    def snowflake(self) -> int:
        """Return a new id that carries the time, as Discord's do."""
        self._count += 1
        milliseconds = int((self.clock.now() - EPOCH).total_seconds() * 1000)
        # Twelve bits count within a millisecond; a clock that stands still needs more of them.
        return ((milliseconds + (self._count >> 12)) << 22) | (self._count & 0xFFF)

    def add_channel(self, name: str, *, type_: int = TEXT, guild_id: int = GUILD_ID) -> Place:
        """Make a channel."""
        place = Place(id=self.snowflake(), name=name, type=type_, guild_id=guild_id)
        self.places[place.id] = place
        return place

    def add_thread(self, parent: Place, message_id: int, name: str) -> Place:
        """Make the thread of a message; it has the message's id."""
        thread = Place(
            id=message_id, name=name, type=THREAD, guild_id=parent.guild_id, parent_id=parent.id
        )
        self.places[thread.id] = thread
        return thread

    # --- asking -------------------------------------------------------------------------------

    def allowed(self, place: Place) -> discord.Permissions:
        """Return what the bot may do in a channel, or in the channel of a thread."""
        home = self.places.get(place.parent_id or 0, place)
        return discord.Permissions((ALL_WE_ASK | home.granted) & ~home.denied)

    def place(self, channel_id: int) -> Place:
        """Return a channel that the bot may see."""
        place = self.places.get(channel_id)
        if place is None:
            raise ApiError(404, 10003, "Unknown Channel")
        if not self.allowed(place).view_channel:
            raise ApiError(403, 50001, "Missing Access")
        return place

    def message(self, place: Place, message_id: int) -> dict[str, Any]:
        """Return a message."""
        for message in place.messages:
            if int(message["id"]) == message_id:
                return message
        raise ApiError(404, 10008, "Unknown Message")

    def asker(self, user_id: int, guild_id: int) -> dict[str, Any]:
        """Write who raises an interaction, and for whom the bot is installed there.

        https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
        """
        visitor = self.people.get(user_id, Visitor())
        person = user(user_id) | {"bot": visitor.bot}
        if not visitor.in_server:
            owners = {"1": str(user_id)}
            return {"user": person, "context": 2, "authorizing_integration_owners": owners}
        owners = {"0": str(guild_id)} if visitor.installed else {"1": str(user_id)}
        more = {
            "permissions": str(visitor.permissions),
            "flags": visitor.flags,
            "user": person,
            "roles": [str(role) for role in visitor.roles],
        }
        return {
            "guild_id": str(guild_id),
            "member": member(user_id) | more,
            "context": 0,
            "authorizing_integration_owners": owners,
        }

    def guild_payload(self, guild_id: int, *, full: bool) -> dict[str, Any]:
        """Write a server as the API does, or as GUILD_CREATE does."""
        if guild_id not in self.guild_names:
            raise ApiError(404, 10004, "Unknown Guild")
        guild: dict[str, Any] = {
            "id": str(guild_id),
            "name": self.guild_names[guild_id],
            "icon": None,
            "owner_id": str(OWNER_ID),
            "roles": [
                _role(guild_id, "@everyone", 0),
                _role(BOT_ROLE_ID, "Redline", ALL_WE_ASK),
                *_staff(),
            ],
            "emojis": [],
            "stickers": [],
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "afk_timeout": 300,
            "system_channel_flags": 0,
        }
        if full:
            places = [place for place in self.places.values() if place.guild_id == guild_id]
            guild |= {
                "unavailable": False,
                "member_count": 3,
                "members": [bot_member()],
                "channels": [place.payload() for place in places if place.type != THREAD],
                "threads": [place.payload() for place in places if place.type == THREAD],
                "presences": [],
                "voice_states": [],
                "stage_instances": [],
                "guild_scheduled_events": [],
            }
        return guild

    # --- changing -----------------------------------------------------------------------------

    def post(self, place: Place, request: dict[str, Any], *, author: int = BOT_ID) -> Any:
        """Take a message in; an enforced nonce seen lately is answered with its message."""
        nonce = request.get("nonce")
        if nonce is not None and request.get("enforce_nonce"):
            known = self._known(str(nonce))
            if known:
                return known
        message = self._message_of(place, request, author)
        place.messages.append(message)
        if nonce is not None:
            self._nonces[str(nonce)] = (self.clock.now(), place.id, int(message["id"]))
        if author == BOT_ID:
            entry = Accepted(
                nonce=str(nonce),
                channel_id=place.id,
                message_id=int(message["id"]),
                at=self.clock.now(),
                request=request,
            )
            self.accepted.append(entry)
            self.taken.set()
        # Whether the live API keeps a nonce is not documented: only the answer has it here.
        return message | ({"nonce": nonce} if nonce is not None else {})

    def _known(self, nonce: str) -> dict[str, Any] | None:
        """Return the message of a nonce seen within the window."""
        at, channel_id, message_id = self._nonces.get(nonce, (EPOCH, 0, 0))
        if self.clock.now() - at > self.nonce_window:
            return None
        return self.message(self.places[channel_id], message_id) | {"nonce": nonce}

    def _message_of(self, place: Place, request: dict[str, Any], author: int) -> dict[str, Any]:
        """Write a message as the API does."""
        return {
            "id": str(self.snowflake()),
            "channel_id": str(place.id),
            "type": 19 if request.get("message_reference") else 0,
            "content": request.get("content") or "",
            "embeds": [embed | {"type": "rich"} for embed in request.get("embeds") or []],
            "components": request.get("components") or [],
            "author": user(author),
            "attachments": request.get("attachments") or [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "timestamp": self.clock.now().isoformat(),
            "edited_timestamp": None,
            "flags": request.get("flags") or 0,
            **({"message_reference": r} if (r := request.get("message_reference")) else {}),
        }


def user(user_id: int) -> dict[str, Any]:
    """Write a user as the API does."""
    names = {BOT_ID: "Redline", OWNER_ID: "Olive Owner", READER_ID: "Ravi Reader"}
    return {
        "id": str(user_id),
        "username": names.get(user_id, f"user{user_id}"),
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": user_id == BOT_ID,
        "public_flags": 0,
    }


def bot_member() -> dict[str, Any]:
    """Write the bot as a member of a server."""
    return member(BOT_ID) | {"roles": [str(BOT_ROLE_ID)]}


def member(user_id: int) -> dict[str, Any]:
    """Write a member of a server as the API does."""
    return {
        "user": user(user_id),
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "pending": False,
        "communication_disabled_until": None,
    }


def _staff() -> list[dict[str, Any]]:
    """Write the roles that people of the server have."""
    return [_role(EDITOR_ROLE_ID, "Editors", 0), _role(OTHER_ROLE_ID, "Night shift", 0)]


def _role(role_id: int, name: str, permissions: int) -> dict[str, Any]:
    """Write a role as the API does."""
    return {
        "id": str(role_id),
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0 if name == "@everyone" else 1,
        "permissions": str(permissions),
        "managed": name != "@everyone",
        "mentionable": False,
        "flags": 0,
    }
