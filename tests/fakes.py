"""Fakes with verbs. They are the default fixtures; there is no mock library here."""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

from bot.errors import ChatError
from bot.model import (
    Absent,
    Card,
    ChannelRef,
    Fetched,
    FetchFailure,
    FetchResult,
    FetchTrouble,
    Finding,
    Found,
    InDoubt,
    MessageRef,
    Outcome,
    Post,
    Posted,
    Postponed,
    ShutOut,
    Sighting,
    Unseen,
    Unwelcome,
    Verdict,
)
from bot.ports import Wanted

P = ParamSpec("P")
T = TypeVar("T")


class FakeClock:
    """A clock that moves only when it is told to.

    A sleeper wakes when `advance` passes its time.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []
        self._fell_asleep = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        self._sleepers.append((self._now + timedelta(seconds=seconds), woken))
        self._fell_asleep.set()
        await woken.wait()

    async def slept(self) -> None:
        """Return once somebody sleeps."""
        while not self._sleepers:
            self._fell_asleep.clear()
            await self._fell_asleep.wait()

    def advance(self, seconds: float) -> None:
        """Let `seconds` seconds pass and wake whoever slept until then."""
        self._now += timedelta(seconds=seconds)
        for due, woken in self._sleepers:
            if due <= self._now:
                woken.set()
        self._sleepers = [(due, woken) for due, woken in self._sleepers if due > self._now]


class Mishap(enum.Enum):
    """What happens to one message on its way to a FakeChat."""

    NONE = "accepted and answered"
    DROPPED = "accepted, and the answer is lost"
    HANG_BEFORE = "not accepted, and never answered"
    HANG_AFTER = "accepted, and never answered"
    RAISE_BEFORE = "not accepted, and the adapter raises"
    RAISE_AFTER = "accepted, and the adapter raises"
    SERVER_ERROR = "not accepted, and the platform answers with an error of its own"
    LATE = "never answered, and accepted a while later"
    LIMITED = "refused for now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message that a platform took in: an entry of the log that is the truth."""

    key: str
    channel: ChannelRef
    message: MessageRef
    at: datetime
    thread: MessageRef | None = None
    plain: bool = False


class FakeChat:
    """A chat platform in memory, with verbs for everything that goes wrong.

    `accepted` is the truth about what was lost and what was doubled. `nonce_window` makes it answer
    like Discord: within the window a key that was seen is answered with the message it has. `ids`
    are the ids of channels whose names are not their ids.
    """

    lateness = timedelta(seconds=90)
    """How long a late message is on its way."""

    def __init__(
        self,
        clock: FakeClock,
        platform: str = "fake",
        nonce_window: timedelta | None = None,
        ids: Mapping[str, str] | None = None,
    ) -> None:
        self.platform = platform
        self.accepted: list[Accepted] = []
        self.tried: list[Post] = []
        self.looked: list[Post] = []
        self.shown: dict[str, Card] = {}
        self.is_open = False
        self._clock = clock
        self._nonce_window = nonce_window
        self._ids = ids or {}
        self._known: set[ChannelRef] | None = None
        self._mishaps: list[Mishap] = []
        self._choose: Callable[[], Mishap] = lambda: Mishap.NONE
        self._refusals: dict[ChannelRef, Outcome] = {}
        self._next: list[Outcome] = []
        self._revoked = False
        self._history_hidden = False
        self._released = asyncio.Event()
        self._late: list[tuple[datetime, Post]] = []

    # What the platform is told to do.

    def accept(self) -> None:
        """Take in everything again: no refusal, no fault, a readable history."""
        self._mishaps.clear()
        self._next.clear()
        self._refusals.clear()
        self._choose = lambda: Mishap.NONE
        self._revoked = self._history_hidden = False
        self._released.set()
        self._released = asyncio.Event()

    def drop_reply_after_accepting(self, times: int = 1) -> None:
        self._mishaps += [Mishap.DROPPED] * times

    def hang(self, *, accepting: bool = False) -> None:
        """Never answer the next message."""
        self._mishaps.append(Mishap.HANG_AFTER if accepting else Mishap.HANG_BEFORE)

    def crash(self, *, accepting: bool = False) -> None:
        """Let the adapter raise on the next message."""
        self._mishaps.append(Mishap.RAISE_AFTER if accepting else Mishap.RAISE_BEFORE)

    def fail(self, times: int = 1) -> None:
        """Answer the next messages as a platform in trouble does."""
        self._mishaps += [Mishap.SERVER_ERROR] * times

    def misbehave(self, choose: Callable[[], Mishap]) -> None:
        """Ask `choose` what happens to each message."""
        self._choose = choose

    def refuse(self, channel: ChannelRef, outcome: Outcome) -> None:
        """Answer every message to `channel` with `outcome`."""
        self._refusals[channel] = outcome

    def refuse_next(self, outcome: Outcome) -> None:
        """Answer the next message with `outcome`."""
        self._next.append(outcome)

    def rate_limit(self, seconds: float, *, times: int = 1, whole_platform: bool = False) -> None:
        delay = timedelta(seconds=seconds)
        self._next += [Postponed("rate limited", delay, whole_platform=whole_platform)] * times

    def archive(self, channel: ChannelRef) -> None:
        self.refuse(channel, Unwelcome("is_archived", f"Unarchive {channel} or change its rules."))

    def unarchive(self, channel: ChannelRef) -> None:
        self._refusals.pop(channel, None)

    def know_only(self, *channels: ChannelRef) -> None:
        """Refuse all other channels as unknown."""
        self._known = set(channels)

    def revoke_token(self) -> None:
        self._revoked = True

    def hide_history(self) -> None:
        self._history_hidden = True

    # What a test asks.

    def keys(self) -> list[str]:
        self._arrive()
        return [entry.key for entry in self.accepted]

    def doubled(self) -> set[str]:
        """Return the keys that were accepted more than once."""
        return {key for key, times in Counter(self.keys()).items() if times > 1}

    # What the core calls.

    async def open(self) -> None:
        if self._revoked:
            raise ChatError(self.platform, "the token was revoked", advice="Make a new one.")
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def send(self, post: Post) -> Outcome:
        self.tried.append(post)
        sent_at = self._clock.now()
        await asyncio.sleep(0)
        refused = self._refusal(post.channel)
        if refused:
            return refused
        mishap = self._mishaps.pop(0) if self._mishaps else self._choose()
        if mishap is Mishap.LATE:
            self._late.append((sent_at + self.lateness, post))
        await self._before(mishap)
        if mishap is Mishap.SERVER_ERROR:
            return InDoubt("the platform answered 500")
        if mishap is Mishap.LIMITED:
            return Postponed("rate limited", timedelta(seconds=3))
        posted = self._take_in(post, self._clock.now())
        await asyncio.sleep(0)
        return await self._answer(mishap, posted)

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        if self._revoked:
            return self._shut_out()
        self.shown[message.message_id] = card
        return Posted(message)

    async def find(self, post: Post, since: datetime) -> Sighting:
        self.looked.append(post)
        await asyncio.sleep(0)
        self._arrive()
        if self._history_hidden or self._revoked:
            return Unseen("the channel's history cannot be read")
        if since > self._clock.now():
            return Unseen("our clock runs ahead of the platform's")
        for entry in self.accepted:
            if (entry.key, entry.channel) == (post.key, post.channel) and entry.at >= since:
                return Found(entry.message)
        return Absent()

    def home_of(self, channel: ChannelRef) -> str | None:
        return "T1" if channel.platform == self.platform else None

    def id_of(self, channel: ChannelRef) -> str | None:
        if channel.platform != self.platform:
            return None
        return self._ids.get(channel.name, channel.name)

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        return [self._inspect(channel) for channel in channels]

    def _inspect(self, channel: ChannelRef) -> Finding:
        refused = self._standing(channel)
        if isinstance(refused, Unwelcome | ShutOut):
            said, advice = refused.code, refused.advice
            return Finding(about=str(channel), verdict=Verdict.BAD, said=said, advice=advice)
        return Finding(about=str(channel), verdict=Verdict.GOOD, said="can be posted to")

    def _shut_out(self) -> ShutOut:
        return ShutOut("token_revoked", "Make a new token and put it in the environment.")

    def _refusal(self, channel: ChannelRef) -> Outcome | None:
        if self._next and not self._revoked:
            return self._next.pop(0)
        return self._standing(channel)

    def _standing(self, channel: ChannelRef) -> Outcome | None:
        """Return the refusal that lasts until a person changes something."""
        if self._revoked:
            return self._shut_out()
        if self._known is not None and channel not in self._known:
            return Unwelcome("channel_not_found", f"Check how {channel} is written in the rules.")
        return self._refusals.get(channel)

    async def _before(self, mishap: Mishap) -> None:
        self._arrive()
        if mishap in {Mishap.HANG_BEFORE, Mishap.LATE}:
            await self._released.wait()
        if mishap is Mishap.RAISE_BEFORE:
            raise ConnectionError("the adapter broke before it sent anything")

    async def _answer(self, mishap: Mishap, posted: Posted) -> Outcome:
        if mishap is Mishap.HANG_AFTER:
            await self._released.wait()
        if mishap is Mishap.RAISE_AFTER:
            raise ConnectionError("the adapter broke after it sent everything")
        return InDoubt("the answer was lost") if mishap is Mishap.DROPPED else posted

    def _arrive(self) -> None:
        """Take in the late messages whose time has come."""
        due = [(at, post) for at, post in self._late if at <= self._clock.now()]
        self._late = [late for late in self._late if late not in due]
        for at, post in due:
            self._take_in(post, at)

    def _take_in(self, post: Post, at: datetime) -> Posted:
        known = self._seen_lately(post)
        if known:
            return Posted(known)
        message = MessageRef(
            workspace="T1", channel_id=post.channel.name, message_id=f"m{len(self.accepted) + 1}"
        )
        entry = Accepted(
            key=post.key,
            channel=post.channel,
            message=message,
            at=at,
            thread=post.thread,
            plain=post.plain,
        )
        self.accepted.append(entry)
        self.shown[message.message_id] = post.card
        return Posted(message)

    def _seen_lately(self, post: Post) -> MessageRef | None:
        if self._nonce_window is None:
            return None
        oldest = self._clock.now() - self._nonce_window
        seen = [entry for entry in self.accepted if entry.key == post.key and entry.at >= oldest]
        return seen[0].message if seen else None


class FakePublishers:
    """Pages and feeds by their address, without a network. `asked` is what was asked for."""

    def __init__(self, clock: FakeClock) -> None:
        self.asked: list[str] = []
        self._clock = clock
        self._pages: dict[str, tuple[bytes, str]] = {}
        self._moved: dict[str, str] = {}
        self._troubles: dict[str, tuple[FetchTrouble, str]] = {}

    def publish(self, url: str, body: str | bytes, content_type: str = "") -> None:
        """Answer with `body` at an address from now on."""
        self._pages[url] = (body.encode() if isinstance(body, str) else body, content_type)

    def move(self, url: str, to: str) -> None:
        """Redirect from an address, for good."""
        self._moved[url] = to

    def fail(self, url: str, trouble: FetchTrouble, why: str) -> None:
        """Bring no body at an address."""
        self._troubles[url] = (trouble, why)

    async def fetch(self, wanted: Wanted) -> FetchResult:
        self.asked.append(wanted.url)
        url = self._moved.get(wanted.url, wanted.url)
        gone = (FetchTrouble.STATUS, "there is nothing at this address (status 404)")
        if url not in self._pages:
            trouble, why = self._troubles.get(url, gone)
            return FetchFailure(
                url=wanted.url, trouble=trouble, why=why, fetched_at=self._clock.now()
            )
        body, content_type = self._pages[url]
        return Fetched(
            url=wanted.url,
            final_url=url,
            status=200,
            content_type=content_type,
            body=body,
            fetched_at=self._clock.now(),
            moved_to=url if url != wanted.url else None,
        )


class FakeSandbox:
    """A sandbox without walls: the task runs here and now, and its errors come through."""

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return task(*args, **kwargs)
