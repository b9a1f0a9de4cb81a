"""Troubles of Redline itself reach those who run it, in chat, once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.model import Card, ChannelRef, Malformed, Notice, NoticeKind
from bot.notices import card_of, concerns
from bot.ports import Owed
from tests.fakes import FakeChat, FakeClock
from tests.watching import DESK, GUILD, RED, World, a_world, settled

OPS = ChannelRef("slack", "#ops")
FAR_OPS = ChannelRef("discord", "911")


@pytest.fixture
def world(clock: FakeClock, tmp_path: Path) -> World:
    """A team with one feed, whose operators have a channel on each platform."""
    world = a_world(clock, tmp_path)
    return replace(world, settings=replace(world.settings, notices=(OPS, FAR_OPS)))


def told(chat: FakeChat, channel: ChannelRef) -> list[Card]:
    """The cards that a channel was sent."""
    return [chat.shown[one.message.message_id] for one in chat.accepted if one.channel == channel]


async def publish(world: World, slug: str) -> None:
    """Publish an article that the rule finds, and have it polled and delivered."""
    world.press.courier.publish(slug, RED, teaser=RED)
    await world.poll()
    for _ in range(3):
        world.clock.advance(2)
        await settled()


async def test_who_runs_redline_hears_of_a_parked_channel(world: World) -> None:
    """The card says which channel, what the platform said and what to do, once in each channel."""
    world.slack.archive(DESK)
    async with world.running():
        await publish(world, "blockade")
        await publish(world, "answer")

    (card,) = told(world.slack, OPS)
    assert card.title == "slack:#desk takes no messages"
    assert [line.text for line in card.lines] == [
        "The reason: is_archived",
        "What it is owed waits, and is posted once it takes messages again.",
    ]
    assert card.notes == ("Unarchive slack:#desk or change its rules.",)
    assert told(world.discord, FAR_OPS) == [card]
    assert len(told(world.discord, GUILD)) == 2


async def test_who_runs_redline_hears_of_a_revoked_token(world: World) -> None:
    """What one platform refuses as a whole is told on the other."""
    async with world.running():
        world.slack.revoke_token()
        await publish(world, "blockade")

    assert told(world.slack, OPS) == []
    (card,) = told(world.discord, FAR_OPS)
    assert card.title == "Redline is refused by Slack"


async def test_who_runs_redline_hears_of_what_waited_in_vain(world: World) -> None:
    """A week after a channel was archived, one card says what nobody was told of, and why."""
    world.slack.archive(DESK)
    async with world.running():
        await publish(world, "blockade")
        await publish(world, "answer")
        for _ in range(8):
            world.clock.advance(86_400)
            await settled()
            world.clock.advance(2)
            await settled()

    title = "An alert for slack:#desk could not be posted"
    (card,) = [card for card in told(world.slack, OPS) if card.title == title]
    assert "refused us (is_archived) for 7 days" in card.lines[0].text
    assert card.notes[0].endswith("and 1 more. `redline check` says what is missing.")


async def test_the_same_trouble_is_told_once_a_day(world: World) -> None:
    """A channel that is parked again is told of anew, a service that restarts repeats nothing."""
    for number in range(3):
        world.slack.archive(DESK)
        async with world.running():
            await publish(world, f"blockade-{number}")
            await world.store.resume_channel(DESK, world.clock.now())
            await publish(world, f"answer-{number}")

    told_at = [one.at for one in world.discord.accepted if one.channel == FAR_OPS]
    assert len(told_at) == len({at.date() for at in told_at}) > 1


async def test_nobody_is_told_where_the_trouble_is(world: World) -> None:
    """A channel that takes no messages is not sent the news of it, and delivery comes to rest."""
    world.slack.archive(OPS)
    world.slack.archive(DESK)
    async with world.running():
        await publish(world, "blockade")

    assert told(world.slack, OPS) == []
    assert [card.title for card in told(world.discord, FAR_OPS)] == [
        "slack:#desk takes no messages",
        "slack:#ops takes no messages",
    ]


async def test_a_notice_that_is_given_up_brings_no_other(world: World) -> None:
    """Where a platform takes no card of ours at all, it is not asked for ever."""
    for _ in range(40):
        world.discord.refuse_next(Malformed("invalid form body"))
    async with world.running():
        await publish(world, "blockade")

    assert [card.title for card in told(world.slack, OPS)] == [
        "An alert for discord:900 could not be posted"
    ]
    assert len(world.discord.tried) == 4


async def test_a_platform_that_stays_closed_is_told_of_elsewhere(world: World) -> None:
    """A token that is wrong from the start is no secret of the log."""
    world.slack.revoke_token()
    async with world.running():
        for _ in range(8):
            world.clock.advance(60)
            await settled()

    (card,) = told(world.discord, FAR_OPS)
    assert card.title == "Redline cannot connect to Slack"


async def test_a_notice_that_cannot_be_kept_ends_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform that stays closed while the store is in trouble leaves the other one at work."""

    async def full(_owed: Owed) -> None:
        raise StoreError("redline.db", "the disk is full")

    world.slack.revoke_token()
    monkeypatch.setattr(world.store, "owe", full)
    async with world.running():
        for _ in range(8):
            world.clock.advance(60)
            await settled()
        await publish(world, "blockade")

    assert len(told(world.discord, GUILD)) == 1


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (Notice(kind=NoticeKind.PARKED, platform="slack", channel=OPS, said="x", advice=""), True),
        (
            Notice(kind=NoticeKind.PARKED, platform="slack", channel=DESK, said="x", advice=""),
            False,
        ),
        (Notice(kind=NoticeKind.SHUT_OUT, platform="slack", said="x", advice=""), True),
        (Notice(kind=NoticeKind.SHUT_OUT, platform="discord", said="x", advice=""), False),
    ],
)
def test_whom_a_trouble_concerns_cannot_hear_of_it(notice: Notice, expected: bool) -> None:
    """A channel's trouble is its own, a platform's that of all its channels."""
    assert concerns(notice, OPS) is expected


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_trouble_has_its_words(kind: NoticeKind) -> None:
    """Each card names what it is about, and says what that means."""
    card = card_of(
        Notice(kind=kind, platform="slack", channel=DESK, said="is_archived", advice="Unarchive it")
    )

    assert "slack:#desk" in card.title
    assert card.lines[0].text == "The reason: is_archived"
    assert card.notes == ("Unarchive it",)
