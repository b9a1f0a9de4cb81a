"""The fake platform passes the suite of the real ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest

from bot.model import (
    Absent,
    Card,
    ChannelRef,
    Finding,
    InDoubt,
    Malformed,
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
from tests.contracts.chat import CARD, Ability, ChatContract, ChatHarness, everywhere, key_of
from tests.contracts.chat import post_to as post
from tests.fakes import FakeChat, FakeClock

DESK = ChannelRef("fake", "#desk")


class FakeHarness:
    """FakeChat is its own platform; it shows cards as they are, so nothing in it can ping."""

    secrets: Sequence[str] = ("xoxb-never-shown",)
    lacks: frozenset[Ability] = frozenset()
    channel = DESK
    unknown = ChannelRef("fake", "#nowhere")

    def __init__(self, clock: FakeClock, chat: FakeChat | None = None) -> None:
        self.clock = clock
        self.chat = chat or FakeChat(clock)
        self.chat.know_only(self.channel)

    def now(self) -> datetime:
        return self.clock.now()

    def accepted(self) -> Sequence[str]:
        return self.chat.keys()

    def shown(self, key: str) -> str:
        return repr(self.chat.shown[self._entry(key)[0]])

    def parent(self, key: str) -> str | None:
        return self._entry(key)[1]

    def _entry(self, key: str) -> tuple[str, str | None]:
        entry = next(entry for entry in self.chat.accepted if entry.key == key)
        return entry.message.message_id, entry.thread.message_id if entry.thread else None

    def pings(self) -> Sequence[str]:
        return ()

    def links(self) -> Sequence[str]:
        return ()

    def over_limits(self) -> Sequence[str]:
        return ()

    def chatter(self, count: int) -> None:
        """The fake's history has no pages."""

    def drop_reply(self) -> None:
        self.chat.drop_reply_after_accepting()

    def break_server(self) -> None:
        self.chat.fail()

    def break_content(self) -> None:
        self.chat.refuse_next(Malformed("invalid_blocks"))

    def rate_limit(self, seconds: int) -> None:
        self.chat.rate_limit(seconds)

    def archive(self) -> None:
        self.chat.archive(self.channel)

    def unarchive(self) -> None:
        self.chat.unarchive(self.channel)

    def revoke(self) -> None:
        self.chat.revoke_token()

    def hide_history(self) -> None:
        self.chat.hide_history()


class TestFakeChat(ChatContract):
    @pytest.fixture
    def harness(self, clock: FakeClock) -> ChatHarness:
        return FakeHarness(clock)


# --- the suite notices ------------------------------------------------------------------------


class Twice(FakeChat):
    async def send(self, post: Post) -> Outcome:
        await super().send(post)
        return await super().send(post)


class Threadless(FakeChat):
    async def send(self, post: Post) -> Outcome:
        return await super().send(replace(post, thread=None))


class Sure(FakeChat):
    """Never doubts: takes a lost answer for a refusal."""

    async def send(self, post: Post) -> Outcome:
        outcome = await super().send(post)
        doubt = isinstance(outcome, InDoubt)
        return Postponed("lost", timedelta(seconds=1)) if doubt else outcome


class Curt(FakeChat):
    """Refuses without a word of advice, and limits without a time."""

    async def send(self, post: Post) -> Outcome:
        outcome = await super().send(post)
        if isinstance(outcome, Unwelcome | ShutOut):
            return replace(outcome, advice="")
        return Postponed("", timedelta()) if isinstance(outcome, Postponed) else outcome


class Rash(FakeChat):
    """Takes what it cannot see for what is not there."""

    async def find(self, post: Post, since: datetime) -> Sighting:
        seen = await super().find(post, since)
        return Absent() if isinstance(seen, Unseen) else seen


class Blind(FakeChat):
    async def find(self, post: Post, since: datetime) -> Sighting:
        return Absent()


class Appending(FakeChat):
    """Posts anew what it should change."""

    async def edit(self, message: MessageRef, card: Card) -> Outcome:
        return await self.send(replace(post(DESK), card=card))


class Loud(FakeChat):
    """Posts to see whether it can, and says nothing of what is wrong."""

    async def inspect(self, channels: Sequence[ChannelRef]) -> Sequence[Finding]:
        await self.send(post(DESK))
        return [Finding(about="all", verdict=Verdict.GOOD, said="fine")]


class Unpostable(FakeChat):
    """Stumbles over a title that is too long."""

    async def send(self, post: Post) -> Outcome:
        long = len(post.card.title) > 300
        return Malformed("msg_too_long") if long else await super().send(post)


Check = Callable[[ChatHarness], Awaitable[None]]
SUITE = ChatContract()
NOTICED: list[tuple[type[FakeChat], Check]] = [
    (Twice, SUITE.test_send_posts_exactly_one_message),
    (Threadless, SUITE.test_a_reply_lands_in_the_thread),
    (Sure, SUITE.test_a_lost_answer_is_in_doubt_and_can_be_found),
    (Sure, SUITE.test_a_server_error_is_never_a_refusal),
    (Curt, SUITE.test_an_archived_channel_is_unwelcome),
    (Curt, SUITE.test_an_unknown_channel_is_unwelcome),
    (Curt, SUITE.test_a_revoked_token_shuts_us_out),
    (Curt, SUITE.test_a_rate_limit_is_kept),
    (Rash, SUITE.test_a_hidden_history_leaves_the_doubt),
    (Rash, SUITE.test_what_was_accepted_is_never_absent),
    (Blind, SUITE.test_find_names_the_message),
    (Blind, SUITE.test_find_looks_into_the_thread),
    (Appending, SUITE.test_edit_is_idempotent),
    (Loud, SUITE.test_inspect_posts_nothing),
    (Loud, lambda harness: SUITE.test_inspect_says_what_to_do(harness, "archived")),
    (
        Unpostable,
        lambda harness: SUITE.test_hostile_text_is_only_text(harness, "long words", False),
    ),
]


@pytest.mark.parametrize(("kind", "check"), NOTICED)
async def test_the_suite_notices(clock: FakeClock, kind: type[FakeChat], check: Check) -> None:
    """A platform that breaks a promise fails the test of that promise."""
    with pytest.raises(AssertionError):
        await check(FakeHarness(clock, kind(clock)))


class Pinging(FakeHarness):
    def pings(self) -> Sequence[str]:
        return ["@everyone"]


class Masking(FakeHarness):
    def links(self) -> Sequence[str]:
        return ["https://evil.example.net"]


class Bursting(FakeHarness):
    def over_limits(self) -> Sequence[str]:
        return ["title of 10000 characters"]


@pytest.mark.parametrize("kind", [Pinging, Masking, Bursting])
async def test_the_suite_notices_harm(clock: FakeClock, kind: type[FakeHarness]) -> None:
    """A platform on which a card pings, hides a link or exceeds a limit fails."""
    with pytest.raises(AssertionError):
        await SUITE.test_mixed_hostile_text_is_only_text(kind(clock))


async def test_the_suite_notices_a_secret(
    clock: FakeClock, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token in a reason is found."""
    harness = FakeHarness(clock)
    harness.chat.refuse_next(InDoubt(f"reset while sending {harness.secrets[0]}"))

    with pytest.raises(AssertionError):
        await SUITE.test_nothing_says_a_secret(harness, "none", caplog, capsys)


def test_the_hostile_card_has_text_everywhere() -> None:
    """A new field of a card that holds text is filled by the suite, too."""
    empty, filled = Card(title=""), everywhere("x")

    same = {f.name for f in fields(Card) if getattr(empty, f.name) == getattr(filled, f.name)}

    assert same == {"urgency", "picture", "document"}


def test_keys_have_the_form_of_alert_ids() -> None:
    """The suite's keys are 25 characters of [a-z2-7], and differ."""
    keys = [key_of(number) for number in range(2_000)]

    assert len(set(keys)) == 2_000
    assert all(
        len(key) == 25 and set(key) <= set("abcdefghijklmnopqrstuvwxyz234567") for key in keys
    )


async def test_within_the_window_a_known_nonce_is_the_same_message(clock: FakeClock) -> None:
    """Like Discord, the fake answers a known key with its message, and forgets it in time."""
    chat = FakeChat(clock, nonce_window=timedelta(seconds=60))
    first = await chat.send(post(DESK))
    again = await chat.send(post(DESK))
    clock.advance(61)
    late = await chat.send(post(DESK))

    assert isinstance(first, Posted)
    assert again == first
    assert late != first
    assert chat.doubled() == {key_of(1)}
    assert chat.shown[first.message.message_id] == CARD
