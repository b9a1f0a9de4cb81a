"""A Slack workspace in memory: channels, messages, faults, and the log that is the truth."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.emulators.slack_reader import Reading, read

Json = dict[str, Any]
FOR_EVER = 3600.0


class Refused(Exception):  # noqa: N818 - it is what Slack says, not a fault of the emulator
    """Slack answers `ok: false` with this code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


@dataclass
class Channel:
    """A channel. `history_hidden` keeps its messages from the app."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    member: bool = True
    history_hidden: bool = False

    def shown(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.private,
            "is_private": self.private,
            "is_archived": self.archived,
            "is_member": self.member,
        }


@dataclass
class Message:
    """A message as it stands in its channel now."""

    channel: Channel
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    client_msg_id: str | None = None
    edits: int = 0

    @property
    def key(self) -> str | None:
        """The key of the alert, where it carries one."""
        key = (self.metadata or {}).get("event_payload", {}).get("key")
        return None if key is None else str(key)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    def seen(self) -> Reading:
        """Return what a person sees of it."""
        return read(self.text, self.blocks)

    def shown(self, *, metadata: bool) -> Json:
        """Return it as the Web API does; the metadata only where it was asked for."""
        said = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text}
        more: Json = {"blocks": self.blocks} if self.blocks else {}
        if self.thread_ts:
            more["thread_ts"] = self.thread_ts
        if self.metadata and metadata:
            more["metadata"] = self.metadata
        return {**said, **more}


@dataclass(frozen=True)
class Fault:
    """Something that happens to one request of `method`, or to the next one of any."""

    method: str | None = None
    status: int = 200
    code: str | None = None
    retry_after: int | None = None
    body: str | None = None
    said: dict[str, Any] | None = None
    delay: float = 0.0
    drop: bool = False
    accept: bool = False


class Workspace:
    """What one app can see of one Slack workspace.

    `accepted` holds every message that was taken in, in order, and never shrinks: it is the truth
    about what was lost and what was doubled.
    """

    bot_user = "U0REDLINE"
    team = "T0WORKSPACE"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.channels: dict[str, Channel] = {}
        self.accepted: list[Message] = []
        self.ephemeral: list[Json] = []
        self.faults: list[Fault] = []
        self.users: dict[str, Json] = {}
        self.usergroups: dict[str, set[str]] = {}
        self.add_user("U0PERSON")
        self._ids = itertools.count(1)
        self._stamps = itertools.count(1)

    # What a person does.

    def add_channel(self, name: str, *, private: bool = False, member: bool = True) -> Channel:
        channel = Channel(f"C{next(self._ids):08d}", name.removeprefix("#"), private, member=member)
        self.channels[channel.id] = channel
        return channel

    def add_user(self, user: str, **more: Any) -> None:
        """Let somebody in, a member where nothing else is said, or say more of them.

        https://docs.slack.dev/reference/objects/user-object
        """
        flags = ("is_admin", "is_owner", "is_restricted", "is_ultra_restricted", "is_bot")
        plain: Json = {"id": user, "team_id": self.team, "name": user.lower(), "deleted": False}
        self.users[user] = plain | dict.fromkeys(flags, False) | more

    def channel(self, name: str) -> Channel:
        """Return the channel with this name or id."""
        bare = name.removeprefix("#")
        return next(c for c in self.channels.values() if bare in {c.name, c.id})

    def archive(self, name: str) -> None:
        self.channel(name).archived = True

    def unarchive(self, name: str) -> None:
        self.channel(name).archived = False

    def rename(self, name: str, new: str) -> None:
        self.channel(name).name = new.removeprefix("#")

    def kick(self, name: str) -> None:
        self.channel(name).member = False

    def invite(self, name: str) -> None:
        self.channel(name).member = True

    def hide_history(self, name: str) -> None:
        self.channel(name).history_hidden = True

    def chatter(self, name: str, count: int, user: str = "U0PERSON") -> None:
        """Let somebody write `count` messages."""
        for number in range(count):
            self.post(Message(self.channel(name), self.stamp(), user, f"small talk {number}"))

    # What happens to requests.

    def drop_reply_after_accepting(self, method: str = "chat.postMessage", times: int = 1) -> None:
        """Do what is asked and break the connection instead of answering."""
        self.faults += [Fault(method, drop=True, accept=True)] * times

    def drop_before_accepting(self, method: str = "chat.postMessage") -> None:
        self.faults.append(Fault(method, drop=True))

    def delay(self, seconds: float, method: str | None = None) -> None:
        """Do what is asked and answer late."""
        self.faults.append(Fault(method, delay=seconds, accept=True))

    def hold_request(self, method: str) -> None:
        """Take the next request in hand and never look at it."""
        self.faults.append(Fault(method, delay=FOR_EVER, drop=True))

    def hold_reply(self, method: str) -> None:
        """Do what is asked and never answer."""
        self.delay(FOR_EVER, method)

    def answer(self, status: int, method: str | None = None, *, body: str | None = None) -> None:
        """Answer the next request with this status, and do nothing."""
        self.faults.append(Fault(method, status=status, body=body))

    def rate_limit(self, seconds: int, method: str | None = None) -> None:
        self.faults.append(Fault(method, status=429, code="ratelimited", retry_after=seconds))

    def refuse(self, code: str, method: str | None = None) -> None:
        """Answer the next request with `ok: false` and this code, and do nothing."""
        self.faults.append(Fault(method, code=code))

    def say(self, said: dict[str, Any], method: str) -> None:
        """Answer the next request with this JSON, and do nothing."""
        self.faults.append(Fault(method, said=said))

    def fault(self, method: str) -> Fault | None:
        """Take out the fault that this request meets."""
        for number, fault in enumerate(self.faults):
            if fault.method in {None, method}:
                return self.faults.pop(number)
        return None

    # What the app does.

    def stamp(self) -> str:
        """Return the next time stamp; no two are equal."""
        return f"{int(self.now().timestamp())}.{next(self._stamps):06d}"

    def visible(self, channel_id: str) -> Channel:
        """Return the channel, as the app may know it."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.private and not channel.member):
            raise Refused("channel_not_found")
        return channel

    def named(self, written: str) -> str:
        """Return the id of the channel that a message is for: an id, or a public one's name."""
        bare = written.removeprefix("#")
        public = (c for c in self.channels.values() if c.name and not c.private)
        return next((c.id for c in public if c.name == bare), written)

    def direct_messages(self, user: str) -> Channel:
        """Return the channel between the app and a person, opening it."""
        return self.channels.setdefault(f"D{user[1:]}", Channel(f"D{user[1:]}", "", private=True))

    def post(self, message: Message) -> Message:
        self.accepted.append(message)
        return message

    def message(self, channel_id: str, ts: str) -> Message:
        for message in self.accepted:
            if (message.channel.id, message.ts) == (channel_id, ts):
                return message
        raise Refused("message_not_found")

    # What a test asks.

    def messages(self, name: str) -> list[Message]:
        """Return the app's messages in a channel, oldest first, replies included."""
        channel = self.channel(name)
        return [m for m in self.accepted if m.channel is channel and m.user == self.bot_user]

    def keys(self) -> list[str]:
        """Return the keys of all accepted messages, in order."""
        return [message.key for message in self.accepted if message.key]

    def by_key(self, key: str) -> Message:
        return next(message for message in self.accepted if message.key == key)

    def readings(self) -> Iterator[tuple[Message, Reading]]:
        """Yield what a person sees of every message of the app."""
        for message in self.accepted:
            if message.user == self.bot_user:
                yield message, message.seen()


def flag(value: object) -> bool:
    """Read a flag as it comes in a form or in JSON."""
    return value is True or str(value).lower() in {"1", "true"}


def page(items: list[Any], given: Mapping[str, Any], most: int) -> tuple[list[Any], str]:
    """Return one page of the items and the cursor of the next, as Slack pages everything."""
    limit = max(1, min(int(given.get("limit") or 100), most))
    cursor = str(given.get("cursor") or "")
    if cursor and not cursor.startswith("page:"):
        raise Refused("invalid_cursor")
    start = int(cursor.removeprefix("page:") or 0)
    following = f"page:{start + limit}" if start + limit < len(items) else ""
    return items[start : start + limit], following
