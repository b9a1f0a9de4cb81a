"""Sending, editing and finding on Discord, beyond what every platform must do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import (
    Absent,
    Card,
    ChannelRef,
    Found,
    InDoubt,
    Malformed,
    MessageRef,
    Post,
    Posted,
    Postponed,
    Unseen,
    Unwelcome,
)
from handlers.discord.connection import Tuning
from handlers.discord.look import GONE
from tests.contracts.chat import CARD, key_of
from tests.emulators.discord_harness import DiscordHarness, discord_harness
from tests.emulators.discord_world import FORUM, READER_ID
from tests.fakes import FakeClock


@pytest.fixture
async def harness(clock: FakeClock) -> AsyncIterator[DiscordHarness]:
    """The adapter, open, in front of an emulator."""
    async with discord_harness(clock) as harness:
        yield harness


def post(harness: DiscordHarness, number: int = 1, card: Card = CARD) -> Post:
    """Make a post to the emulator's desk."""
    return Post(key=key_of(number), channel=harness.channel, card=card)


async def posted(harness: DiscordHarness, number: int = 1, **changes: Any) -> MessageRef:
    """Post a message, some fields changed."""
    outcome = await harness.chat.send(replace(post(harness, number), **changes))
    assert isinstance(outcome, Posted), outcome
    return outcome.message


# --- one message for one key ------------------------------------------------------------------


async def test_a_repetition_within_the_window_is_the_same_message(harness: DiscordHarness) -> None:
    """Sending again under one key, soon after a lost answer, posts nothing new."""
    harness.emulator.drop_reply_after_accepting()
    first = await harness.chat.send(post(harness))
    again = await harness.chat.send(post(harness))

    assert isinstance(first, InDoubt)
    assert isinstance(again, Posted)
    assert harness.accepted() == [key_of(1)]


async def test_beyond_the_window_only_a_look_prevents_a_second_message(
    harness: DiscordHarness, clock: FakeClock
) -> None:
    """Discord forgets nonces; the key in the message is found long after."""
    since = clock.now()
    message = await posted(harness)
    clock.advance(3600)

    assert await harness.chat.find(post(harness), since) == Found(message)
    await posted(harness)
    assert harness.emulator.doubled() == {key_of(1)}


async def test_no_request_is_repeated_inside_a_send(harness: DiscordHarness) -> None:
    """discord.py's own second try after a 5xx never runs: the core decides on every try."""
    harness.emulator.answer(500, {"message": "oops", "code": 0})
    before = len(harness.emulator.sent())
    outcome = await harness.chat.send(post(harness))

    assert isinstance(outcome, InDoubt)
    assert len(harness.emulator.sent()) - before == 1


async def test_a_message_deleted_behind_a_lost_answer_counts_as_posted(
    harness: DiscordHarness,
) -> None:
    """Our nonce naming a deleted message says that the channel had it; it is not posted again."""
    message = await posted(harness)
    harness.emulator.delete_message(message)
    outcome = await harness.chat.send(post(harness))

    assert outcome == Posted(replace(message, message_id=GONE))
    assert harness.accepted() == [key_of(1)]
    follow_up = await posted(harness, 2, thread=replace(message, message_id=GONE))
    assert follow_up.channel_id == message.channel_id
    assert "message_reference" not in harness.emulator.message(follow_up)


# --- what went wrong, in Discord's words ------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524])
async def test_a_server_error_leaves_doubt(harness: DiscordHarness, status: int) -> None:
    """After any 5xx, JSON or a page of a proxy, nobody knows whether the message was taken in."""
    harness.emulator.answer(status, "<html>Bad gateway</html>")
    outcome = await harness.chat.send(post(harness))

    assert isinstance(outcome, InDoubt), outcome


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, 10003, Unwelcome),
        (404, 10004, Unwelcome),
        (403, 50001, Unwelcome),
        (403, 50013, Unwelcome),
        (400, 50008, Unwelcome),
        (400, 50035, Malformed),
        (400, 50006, Malformed),
        (400, 200000, Malformed),
        (400, 240000, Malformed),
        (400, 20016, Postponed),
        (503, 130000, InDoubt),
        (400, 999999, InDoubt),
    ],
)
async def test_each_code_has_its_meaning(
    harness: DiscordHarness, status: int, code: int, kind: type
) -> None:
    """A known refusal is a refusal, of the channel or of the content; an unknown one is doubt."""
    harness.emulator.answer(status, {"message": "no", "code": code})
    outcome = await harness.chat.send(post(harness))

    assert isinstance(outcome, kind), outcome
    assert harness.accepted() == []


async def test_a_ban_by_cloudflare_stops_the_whole_platform(harness: DiscordHarness) -> None:
    """A 429 without Via comes from before Discord: nothing is sent anywhere until it is over."""
    harness.emulator.ban(120)

    assert await harness.chat.send(post(harness)) == Postponed(
        "rate limited for 120 s", timedelta(seconds=120), whole_platform=True
    )


async def test_a_ban_without_an_end_waits_ten_minutes(harness: DiscordHarness) -> None:
    """Where Cloudflare does not say how long, we wait out Discord's window of invalid requests."""
    harness.emulator.ban()
    outcome = await harness.chat.send(post(harness))

    assert isinstance(outcome, Postponed)
    assert outcome.retry_after == timedelta(minutes=10)


async def test_a_global_limit_is_about_all_channels(harness: DiscordHarness) -> None:
    """Discord's global limit stops the platform, a route's limit only the channel."""
    harness.emulator.rate_limit(7, everywhere=True)
    everywhere = await harness.chat.send(post(harness))
    harness.emulator.rate_limit(7)
    here = await harness.chat.send(post(harness))

    assert everywhere == Postponed("rate limited for 7 s", timedelta(seconds=7), True)
    assert here == Postponed("rate limited for 7 s", timedelta(seconds=7), False)


async def test_a_bucket_paces_without_a_refusal(harness: DiscordHarness) -> None:
    """discord.py keeps within the limits that Discord announces."""
    harness.emulator.limit_bucket(2, 0.2)
    for number in range(1, 7):
        await posted(harness, number)

    assert len(harness.accepted()) == 6


async def test_a_long_wait_is_given_back_at_once(harness: DiscordHarness) -> None:
    """A bucket that is empty for long postpones the message instead of holding the send."""
    harness.emulator.limit_bucket(1, 600)
    first, second = [await harness.chat.send(post(harness, number)) for number in (1, 2)]

    assert isinstance(first, Posted)
    assert isinstance(second, Postponed)
    assert second.retry_after > timedelta(seconds=500)


async def test_no_connection_is_no_doubt(harness: DiscordHarness) -> None:
    """Where no byte reached Discord, the message may be sent again at once."""
    await harness.emulator.stop()
    outcome = await harness.chat.send(post(harness))

    assert isinstance(outcome, Postponed), outcome
    assert outcome.whole_platform


async def test_a_request_without_an_answer_is_given_up(clock: FakeClock) -> None:
    """A hanging request ends in doubt within the adapter's own time."""
    async with discord_harness(clock) as harness:
        chat = harness.make_chat(Tuning(guild_ready=0.05, request=0.3))
        await chat.open()
        harness.emulator.drop_request()
        outcome = await chat.send(post(harness))
        await chat.close()

    assert isinstance(outcome, InDoubt)


async def test_trouble_before_the_message_is_no_doubt(harness: DiscordHarness) -> None:
    """A server error while the thread is made leaves nothing in doubt: no message was sent."""
    parent = await posted(harness)
    harness.emulator.answer(502, "<html></html>", messages_only=False)
    outcome = await harness.chat.send(replace(post(harness, 2), thread=parent))

    assert isinstance(outcome, Postponed), outcome
    assert harness.accepted() == [key_of(1)]


async def test_a_cancelled_send_can_be_found(harness: DiscordHarness, clock: FakeClock) -> None:
    """The core may cancel a send that takes too long; the message, if any, is found by its key."""
    harness.emulator.hold_reply()
    sending = asyncio.create_task(harness.chat.send(post(harness)))
    await harness.emulator.took_in(1)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    assert isinstance(await harness.chat.find(post(harness), clock.now()), Found)


async def test_before_it_is_open_nothing_is_sent(harness: DiscordHarness, clock: FakeClock) -> None:
    """A closed adapter postpones, and a look says that it saw nothing."""
    chat = harness.make_chat()

    assert isinstance(await chat.send(post(harness)), Postponed)
    assert isinstance(
        await chat.edit(MessageRef(workspace="1", channel_id="1", message_id="1"), CARD), Postponed
    )
    assert isinstance(await chat.find(post(harness), clock.now()), Unseen)


# --- what every request says ------------------------------------------------------------------


async def test_every_message_forbids_mentions_and_enforces_its_key(harness: DiscordHarness) -> None:
    """Each request carries an empty list of mentions, the key as nonce, and no hiding flag."""
    parent = await posted(harness)
    await posted(harness, 2, thread=parent)
    await posted(harness, 3, plain=True)

    for entry in harness.emulator.world.accepted:
        assert entry.request["allowed_mentions"]["parse"] == []
        assert entry.request["enforce_nonce"] is True
        assert len(entry.nonce) <= 25
        assert "flags" not in entry.request


async def test_the_plain_form_has_no_embed(harness: DiscordHarness) -> None:
    """The smallest form is content alone, and can still be found."""
    message = await posted(harness, plain=True)
    shown = harness.emulator.message(message)

    assert shown["embeds"] == []
    assert CARD.title in shown["content"]
    assert await harness.chat.find(post(harness), harness.now()) == Found(message)


async def test_discords_schema_knows_all_but_one_field(harness: DiscordHarness) -> None:
    """What discord.py sends beyond the official schema is known: nothing on new messages."""
    message = await posted(harness)
    await posted(harness, 2, thread=message)
    await harness.chat.edit(message, CARD)

    assert set(harness.emulator.rest.warnings) <= {"edit message: tts"}


# --- threads ----------------------------------------------------------------------------------


async def test_a_thread_is_named_after_the_story(harness: DiscordHarness) -> None:
    """The thread's name is the card's title, shortened to Discord's 100 characters."""
    parent = await posted(harness)
    card = replace(CARD, title="Ministers weigh a ceasefire " * 9)
    await posted(harness, 2, thread=parent, card=card)
    thread = harness.emulator.world.places[int(parent.message_id)]

    assert thread.name.startswith("Ministers weigh a ceasefire")
    assert len(thread.name) <= 100


async def test_a_second_follow_up_uses_the_same_thread(harness: DiscordHarness) -> None:
    """The thread is made once; after a restart Discord says that it exists, and that is fine."""
    parent = await posted(harness)
    await posted(harness, 2, thread=parent)
    await posted(harness, 3, thread=parent)
    await harness.restart()
    await posted(harness, 4, thread=parent)

    assert [harness.parent(key_of(n)) for n in (2, 3, 4)] == [parent.message_id] * 3
    opened = [line for line in harness.emulator.sent() if line.endswith("/threads")]
    assert len(opened) == 2


async def test_without_threads_a_follow_up_is_a_reply(harness: DiscordHarness) -> None:
    """Where threads are not permitted, the follow-up replies to its parent in the channel."""
    parent = await posted(harness)
    harness.emulator.remove_permission(harness.emulator.desk, create_public_threads=True)
    reply = await posted(harness, 2, thread=parent)

    assert reply.channel_id == parent.channel_id
    reference = harness.emulator.message(reply)["message_reference"]
    assert str(reference["message_id"]) == parent.message_id
    assert reference["fail_if_not_exists"] is False
    found = await harness.chat.find(replace(post(harness, 2), thread=parent), harness.now())
    assert found == Found(reply)


async def test_without_history_a_follow_up_stands_by_itself(harness: DiscordHarness) -> None:
    """A reply needs Read Message History; without it the follow-up is a message of its own."""
    parent = await posted(harness)
    harness.emulator.remove_permission(
        harness.emulator.desk, create_public_threads=True, read_message_history=True
    )
    alone = await posted(harness, 2, thread=parent)

    assert "message_reference" not in harness.emulator.message(alone)


async def test_a_locked_thread_does_not_park_the_channel(harness: DiscordHarness) -> None:
    """Where the thread refuses us, the follow-up goes into the channel."""
    parent = await posted(harness)
    await posted(harness, 2, thread=parent)
    harness.emulator.world.places[int(parent.message_id)].locked = True
    reply = await posted(harness, 3, thread=parent)

    assert reply.channel_id == parent.channel_id


async def test_a_deleted_thread_is_made_again(harness: DiscordHarness) -> None:
    """A thread that somebody deleted costs no alert, and comes back with the next one."""
    parent = await posted(harness)
    await posted(harness, 2, thread=parent)
    harness.emulator.delete_channel(harness.emulator.world.places[int(parent.message_id)])
    await posted(harness, 3, thread=parent)
    await posted(harness, 4, thread=parent)

    assert list(harness.accepted())[-2:] == [key_of(3), key_of(4)]
    assert harness.parent(key_of(3)) is None
    assert harness.parent(key_of(4)) == parent.message_id


async def test_a_deleted_parent_costs_no_follow_up(harness: DiscordHarness) -> None:
    """The follow-up of a deleted card is posted all the same."""
    parent = await posted(harness)
    harness.emulator.delete_message(parent)
    reply = await posted(harness, 2, thread=parent)

    assert reply.channel_id == parent.channel_id


async def test_a_follow_up_of_a_follow_up_stays_in_the_thread(harness: DiscordHarness) -> None:
    """A message in a thread has no thread of its own; what follows it stands beside it."""
    parent = await posted(harness)
    reply = await posted(harness, 2, thread=parent)
    third = await posted(harness, 3, thread=reply)

    assert third.channel_id == reply.channel_id == parent.message_id


async def test_a_refused_channel_refuses_its_threads(harness: DiscordHarness) -> None:
    """Where neither thread nor channel takes the follow-up, the channel is unwelcome."""
    parent = await posted(harness)
    harness.emulator.remove_permission(
        harness.emulator.desk, send_messages=True, send_messages_in_threads=True
    )
    outcome = await harness.chat.send(replace(post(harness, 2), thread=parent))

    assert isinstance(outcome, Unwelcome)
    assert outcome.code == "50013"


# --- channels ---------------------------------------------------------------------------------


async def test_a_channel_can_be_named(clock: FakeClock) -> None:
    """`#name` means the one text channel of that name."""
    async with discord_harness(clock) as harness:
        outcome = await harness.chat.send(
            replace(post(harness), channel=ChannelRef("discord", "#policy-desk"))
        )

    assert isinstance(outcome, Posted)
    assert outcome.message.channel_id == harness.channel.name


async def test_an_ambiguous_name_is_unwelcome(clock: FakeClock) -> None:
    """A name that two channels have is refused with advice, never guessed."""
    async with discord_harness(clock) as harness:
        harness.emulator.add_channel("policy-desk")
        await harness.restart()
        twice = await harness.chat.send(
            replace(post(harness), channel=ChannelRef("discord", "#policy-desk"))
        )
        never = await harness.chat.send(
            replace(post(harness), channel=ChannelRef("discord", "#nowhere"))
        )

    assert isinstance(twice, Unwelcome)
    assert twice.code == "ambiguous_name"
    assert isinstance(never, Unwelcome)
    assert "Copy Channel ID" in never.advice
    assert harness.accepted() == []


async def test_a_channel_made_later_is_asked_for(harness: DiscordHarness) -> None:
    """A channel that the gateway has not told us of is looked up."""
    later = harness.emulator.add_channel("made-later")
    outcome = await harness.chat.send(
        replace(post(harness), channel=ChannelRef("discord", str(later.id)))
    )

    assert isinstance(outcome, Posted), outcome
    assert outcome.message.workspace


async def test_a_forum_is_unwelcome(clock: FakeClock) -> None:
    """A forum takes no plain messages; the advice says what does."""
    async with discord_harness(clock) as harness:
        forum = harness.emulator.add_channel("a-forum", type_=FORUM)
        channel = ChannelRef("discord", str(forum.id))
        outcome = await harness.chat.send(replace(post(harness), channel=channel))

    assert isinstance(outcome, Unwelcome)
    assert "text channel" in outcome.advice


async def test_a_deleted_channel_is_unwelcome(harness: DiscordHarness) -> None:
    """A deleted channel is one channel's trouble, with advice."""
    harness.emulator.delete_channel(harness.emulator.desk)
    outcome = await harness.chat.send(post(harness))

    assert isinstance(outcome, Unwelcome)
    assert outcome.code == "10003"


# --- editing ----------------------------------------------------------------------------------


async def test_an_edit_leaves_the_buttons_and_forbids_mentions(harness: DiscordHarness) -> None:
    """An edited message keeps its buttons, and with them the key."""
    message = await posted(harness)
    before = harness.emulator.message(message)["components"]
    await harness.chat.edit(message, Card(title="New @everyone"))
    after = harness.emulator.message(message)

    assert after["components"] == before
    assert harness.pings() == []


async def test_an_edit_of_a_deleted_message_is_done(harness: DiscordHarness) -> None:
    """Nothing is owed to a message that somebody deleted."""
    message = await posted(harness)
    harness.emulator.delete_message(message)

    assert await harness.chat.edit(message, CARD) == Posted(message)


async def test_an_edit_in_a_hidden_channel_is_unwelcome(harness: DiscordHarness) -> None:
    """An edit says what a send would."""
    message = await posted(harness)
    harness.emulator.remove_permission(harness.emulator.desk, view_channel=True)
    outcome = await harness.chat.edit(message, CARD)

    assert isinstance(outcome, Unwelcome)
    assert outcome.code == "50001"


# --- looking ----------------------------------------------------------------------------------


async def test_every_card_can_be_found(harness: DiscordHarness) -> None:
    """A card without a single button is found, too: it gets one that explains it."""
    message = await posted(harness, card=Card(title="A digest"))

    assert await harness.chat.find(post(harness), harness.now()) == Found(message)


async def test_a_copied_mark_is_not_found(harness: DiscordHarness) -> None:
    """Only messages of the bot itself count: another bot may copy a button's id."""
    message = await posted(harness)
    copy = dict(harness.emulator.message(message))
    harness.emulator.delete_message(message)
    request = {"components": copy["components"], "content": "copied"}
    harness.emulator.world.post(harness.emulator.desk, request, author=READER_ID)

    assert await harness.chat.find(post(harness), harness.now()) == Absent()


async def test_what_was_posted_before_is_not_looked_at(
    harness: DiscordHarness, clock: FakeClock
) -> None:
    """A look begins where the attempt began, but for what clocks may differ."""
    await posted(harness)
    clock.advance(3600)

    assert await harness.chat.find(post(harness), clock.now()) == Absent()


async def test_a_reply_without_its_thread_is_absent(harness: DiscordHarness) -> None:
    """A thread that was never made holds no reply."""
    parent = await posted(harness)
    reply = replace(post(harness, 2), thread=parent)

    assert await harness.chat.find(reply, harness.now()) == Absent()


async def test_what_discord_does_not_say_the_gateway_has_said(harness: DiscordHarness) -> None:
    """A look is complete where permissions cannot be asked for, and the gateway told of them."""
    harness.emulator.leave_out("/guilds/")
    may_look = await harness.chat.find(post(harness), harness.now())
    harness.hide_history()
    async with asyncio.timeout(5):
        while not isinstance(await harness.chat.find(post(harness), harness.now()), Unseen):  # noqa: ASYNC110 - the gateway tells of it in a moment
            await asyncio.sleep(0.01)

    assert may_look == Absent()


async def test_a_discord_that_serves_only_messages_is_posted_to(harness: DiscordHarness) -> None:
    """Nothing but the route of messages is needed to post, edit, and find a message."""
    harness.emulator.leave_out("/guilds", "/threads", "/commands")
    message = await posted(harness)
    await posted(harness, 2, thread=message)
    edited = await harness.chat.edit(message, Card(title="Changed"))

    assert isinstance(edited, Posted)
    assert isinstance(await harness.chat.find(post(harness), harness.now()), Found)
    assert harness.accepted() == [key_of(1), key_of(2)]


async def test_a_deleted_channel_leaves_the_doubt(harness: DiscordHarness) -> None:
    """What cannot be looked into is never called absent."""
    harness.emulator.delete_channel(harness.emulator.desk)

    assert isinstance(await harness.chat.find(post(harness), harness.now()), Unseen)


async def test_a_very_busy_channel_leaves_the_doubt(
    harness: DiscordHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that would read without end stops, and says so."""
    monkeypatch.setattr("handlers.discord.look.MOST_LOOKED_AT", 100)
    harness.chatter(150)
    sighting = await harness.chat.find(post(harness), harness.now())

    assert isinstance(sighting, Unseen)
    assert "100 messages" in sighting.why
