"""The fake platform passes the suite of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

import pytest

from bot.model import Card, ChannelRef, Malformed, Posted
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

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.chat = FakeChat(clock)
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


def test_the_hostile_card_has_text_everywhere() -> None:
    """A new field of a card that holds text is filled by the suite, too."""
    empty, filled = Card(title=""), everywhere("x")

    same = {f.name for f in fields(Card) if getattr(empty, f.name) == getattr(filled, f.name)}

    assert same == {"urgency"}


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
