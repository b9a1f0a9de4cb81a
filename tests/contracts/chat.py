"""The suite that every chat platform passes, whatever is behind it.

A platform plugs in with a harness: its adapter, a platform to talk to (an emulator, as a rule)
whose accept log is the truth, and verbs that make that platform misbehave.

    class TestSlack(ChatContract):
        @pytest.fixture
        async def harness(self) -> AsyncIterator[ChatHarness]:
            ...
"""

from __future__ import annotations

import enum
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from bot.model import (
    Absent,
    Action,
    Button,
    Card,
    CardItem,
    CardLine,
    ChannelRef,
    Found,
    InDoubt,
    Malformed,
    MessageRef,
    Outcome,
    Passage,
    Post,
    Posted,
    Postponed,
    ShutOut,
    Span,
    Unseen,
    Unwelcome,
    Verdict,
)
from bot.ports import Chat


class Ability(enum.StrEnum):
    """What a platform may lack; tests that need it are skipped, or expect its absence."""

    HISTORY = "looking back into a channel"
    THREADS = "replies in a thread"
    EDITS = "changing a message"
    REFUSALS = "refusing a channel, a content or a sender"
    LIMITS = "rate limits"
    LOSS = "losing an answer"


class ChatHarness(Protocol):
    """A platform's adapter with the platform it talks to, under a test's control.

    Verbs about "the next" message or request act once.
    """

    @property
    def chat(self) -> Chat:
        """The adapter, already open."""
        ...

    @property
    def channel(self) -> ChannelRef:
        """A channel that takes messages."""
        ...

    @property
    def unknown(self) -> ChannelRef:
        """A channel that does not exist, well written."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """What must never be shown: tokens, signing secrets."""
        ...

    @property
    def lacks(self) -> frozenset[Ability]:
        """What the platform cannot do by its nature."""
        ...

    def now(self) -> datetime:
        """The platform's time."""
        ...

    def accepted(self) -> Sequence[str]:
        """The keys of the messages that the platform took in, in order: the truth."""
        ...

    def shown(self, key: str) -> str:
        """All text that a person sees of the message with this key, as it is now."""
        ...

    def parent(self, key: str) -> str | None:
        """The id of the message in whose thread the message with this key stands."""
        ...

    def pings(self) -> Sequence[str]:
        """Every mention that an accepted message fired: `@everyone`, `<!channel>`, `<@U123>`."""
        ...

    def links(self) -> Sequence[str]:
        """Every address that an accepted message hides behind other words."""
        ...

    def over_limits(self) -> Sequence[str]:
        """Every limit of the platform that an accepted message exceeds, in words."""
        ...

    def chatter(self, count: int) -> None:
        """Let others write `count` messages into the channel."""
        ...

    def drop_reply(self) -> None:
        """Accept the next message and lose the answer."""
        ...

    def break_server(self) -> None:
        """Answer the next message with a server error, without accepting it."""
        ...

    def break_content(self) -> None:
        """Refuse the next message because of its content."""
        ...

    def rate_limit(self, seconds: int) -> None:
        """Refuse the next request and ask to wait `seconds` seconds."""
        ...

    def archive(self) -> None:
        """Make the channel refuse messages until `unarchive`."""
        ...

    def unarchive(self) -> None:
        """Let the channel take messages again."""
        ...

    def revoke(self) -> None:
        """Refuse the token from now on."""
        ...

    def hide_history(self) -> None:
        """Refuse to show the channel's messages from now on."""
        ...


def _line(text: str, url: str | None) -> CardLine:
    return CardLine(text=text, url=url, domain="example.org")


CARD = Card(
    title="Ministers weigh a ceasefire at the border crossing",
    url="https://news.example.org/2026/03/02/ceasefire",
    source="Example Courier",
    domain="example.org",
    published_at=datetime(2026, 3, 2, 8, 40, tzinfo=UTC),
    status="1 source",
    summary=(
        Passage("The crossing is a red line, the minister said.", (Span(18, 26),)),
        Passage("Talks resume on Tuesday."),
    ),
    why=("crossing-red-line: red line",),
    notes=("only the teaser could be read",),
    lines=(_line("An earlier report", "https://news.example.org/earlier"),),
    buttons=(Button(action=Action.WHY, label="Why", target="aaaaaaaaaaaaaaaaaaaaaa"),),
)

HOSTILE = {
    "slack channel mention": "<!channel> <!here> <!everyone> read this",
    "slack user mention": "<@U123> <@U123|boss> <!subteam^S123> <#C123>",
    "discord everyone": "@everyone @here look",
    "discord user and role": "<@123456789012345678> <@!123456789012345678> <@&1> <#1>",
    "masked link": "[your bank](https://evil.example.net) and more",
    "slack link": "<https://evil.example.net|your bank>",
    "escaped already": "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "markdown": "*a* _b_ ~c~ `d` ```e``` **f** __g__ ||h|| > i\n# j\n- k\n>>> l",
    "open code fence": "``` ` `` never closed <!channel> @everyone",
    "unbalanced": "* _ ~ ` ** __ || [ ] ( ) < > & \\",
    "long words": "a" * 10_000,
    "long text": "Sanctions were announced today. " * 400,
    "long ampersands": "&" * 5_000,
    "zalgo": "r" + "\u0301\u0302\u0303\u0316" * 300 + "ed line",
    "bidi": "\u202ecod.exe\u202c \u2066\u2069 \u200f invoice",
    "emoji families": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 300,
    "astral": "\U00010348" * 3_000,
    "control characters": "a\x00b\x07c\x1bd\x7fe\u2028f\u2029g",
    "lone surrogate": "a\ud800b",
    "blank": " \n\t\u200b ",
    "empty": "",
    "dates and emoji codes": "<!date^0^{date}|x> :skull: <t:0:R> <:x:1> </cmd:1>",
}

HOSTILE_URLS = {
    "pipe and bracket": "https://news.example.org/a|b>c)d]e<f",
    "space and quote": 'https://news.example.org/a b"c',
    "very long": "https://news.example.org/" + "a" * 5_000,
    "script": "javascript:alert(1)",
    "mention": "https://news.example.org/@everyone/<!channel>",
    "no address": "",
}


def key_of(number: int) -> str:
    """Return a key of the form that alerts have: 25 characters of [a-z2-7]."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(letters[(number >> (5 * place)) % 32] for place in range(25))


@dataclass(frozen=True, slots=True)
class _Said:
    """Everything an adapter let out, as text."""

    parts: tuple[str, ...]

    def holding(self, secrets: Sequence[str]) -> list[str]:
        return [secret for secret in secrets if any(secret in part for part in self.parts)]


def _item(text: str) -> CardItem:
    return CardItem(
        title=text,
        url=CARD.url,
        source=text,
        domain="example.org",
        published_at=CARD.published_at,
        passage=Passage(text, (Span(0, len(text)),)),
    )


def everywhere(text: str) -> Card:
    """Return a card that has `text` in every place that holds text."""
    return Card(
        title=text,
        url=CARD.url,
        source=text,
        domain="example.org",
        published_at=CARD.published_at,
        status=text,
        summary=(Passage(text, (Span(0, len(text)),)), Passage(text)),
        why=(text, text),
        notes=(text,),
        items=(_item(text),),
        lines=tuple(_line(text, CARD.url) for _ in range(20)),
        marks=(CardLine(text=text),),
        buttons=CARD.buttons,
    )


def post_to(channel: ChannelRef, number: int = 1, card: Card = CARD) -> Post:
    """Return a post of `card` to `channel`, under the key with this number."""
    return Post(key=key_of(number), channel=channel, card=card)


class ChatContract:
    """What holds of every platform. A subclass gives the `harness` fixture."""

    def post(self, harness: ChatHarness, number: int = 1, card: Card = CARD) -> Post:
        return post_to(harness.channel, number, card)

    def need(self, harness: ChatHarness, ability: Ability) -> None:
        if ability in harness.lacks:
            pytest.skip(f"the platform does without {ability}")

    async def posted(self, harness: ChatHarness, number: int = 1) -> MessageRef:
        outcome = await harness.chat.send(self.post(harness, number))
        assert isinstance(outcome, Posted), outcome
        return outcome.message

    # --- sending ------------------------------------------------------------------------------

    async def test_send_posts_exactly_one_message(self, harness: ChatHarness) -> None:
        """One send is one message in the channel, with its title and its reason."""
        message = await self.posted(harness)

        assert list(harness.accepted()) == [key_of(1)]
        assert message.message_id
        assert CARD.title in harness.shown(key_of(1))
        assert "crossing-red-line" in harness.shown(key_of(1))

    async def test_two_alerts_with_one_text_are_two_messages(self, harness: ChatHarness) -> None:
        """Messages are told apart by their key, never by their text."""
        first, second = await self.posted(harness, 1), await self.posted(harness, 2)

        assert list(harness.accepted()) == [key_of(1), key_of(2)]
        assert first != second

    async def test_every_field_of_a_card_may_be_absent(self, harness: ChatHarness) -> None:
        """A card with nothing but a title can be posted."""
        outcome = await harness.chat.send(self.post(harness, card=Card(title="Nothing else")))

        assert isinstance(outcome, Posted), outcome

    async def test_the_plain_form_is_posted(self, harness: ChatHarness) -> None:
        """The smallest form of a card still has its title."""
        outcome = await harness.chat.send(replace(self.post(harness), plain=True))

        assert isinstance(outcome, Posted), outcome
        assert CARD.title in harness.shown(key_of(1))

    async def test_a_reply_lands_in_the_thread(self, harness: ChatHarness) -> None:
        """A follow-up stands in the thread of the message it follows."""
        self.need(harness, Ability.THREADS)
        parent = await self.posted(harness, 1)

        outcome = await harness.chat.send(replace(self.post(harness, 2), thread=parent))

        assert isinstance(outcome, Posted), outcome
        assert harness.parent(key_of(1)) is None
        assert harness.parent(key_of(2)) == parent.message_id

    async def test_a_channel_is_at_home_where_its_messages_are(self, harness: ChatHarness) -> None:
        """Who asks from a workspace is answered about the channels of that workspace."""
        message = await self.posted(harness)

        assert harness.chat.home_of(harness.channel) == message.workspace
        assert harness.chat.home_of(ChannelRef("elsewhere", harness.channel.name)) is None

    async def test_close_may_be_called_twice(self, harness: ChatHarness) -> None:
        """Closing what is closed does nothing."""
        await harness.chat.close()
        await harness.chat.close()

    # --- doubt --------------------------------------------------------------------------------

    async def test_a_lost_answer_is_in_doubt_and_can_be_found(self, harness: ChatHarness) -> None:
        """A message whose answer was lost is in doubt, and a look into the channel finds it."""
        self.need(harness, Ability.LOSS)
        harness.drop_reply()

        outcome = await harness.chat.send(self.post(harness))

        assert isinstance(outcome, InDoubt), outcome
        assert list(harness.accepted()) == [key_of(1)]
        if Ability.HISTORY not in harness.lacks:
            assert isinstance(await self.look(harness, 1), Found)

    async def test_a_server_error_is_never_a_refusal(self, harness: ChatHarness) -> None:
        """After a 5xx nobody knows; an adapter that tries again does so under the same key."""
        self.need(harness, Ability.LOSS)
        harness.break_server()

        outcome = await harness.chat.send(self.post(harness))

        assert isinstance(outcome, InDoubt | Posted), outcome
        assert len(harness.accepted()) == (1 if isinstance(outcome, Posted) else 0)

    async def look(self, harness: ChatHarness, number: int, ago: float = 60) -> object:
        since = harness.now() - timedelta(seconds=ago)
        return await harness.chat.find(self.post(harness, number), since)

    async def test_find_names_the_message(self, harness: ChatHarness) -> None:
        """A look finds the very message that was posted, among others."""
        self.need(harness, Ability.HISTORY)
        messages = [await self.posted(harness, number) for number in (1, 2, 3)]

        assert await self.look(harness, 2) == Found(messages[1])

    async def test_find_reads_the_whole_history(self, harness: ChatHarness) -> None:
        """A look goes back through all pages of a busy channel."""
        self.need(harness, Ability.HISTORY)
        message = await self.posted(harness)
        harness.chatter(250)

        assert await self.look(harness, 1) == Found(message)
        assert await self.look(harness, 2) == Absent()

    async def test_find_looks_into_the_thread(self, harness: ChatHarness) -> None:
        """A reply is looked for where it was sent to."""
        self.need(harness, Ability.THREADS)
        self.need(harness, Ability.HISTORY)
        reply = replace(self.post(harness, 2), thread=await self.posted(harness, 1))
        since = harness.now() - timedelta(seconds=60)

        assert await harness.chat.find(reply, since) == Absent()

        outcome = await harness.chat.send(reply)

        assert isinstance(outcome, Posted), outcome
        assert await harness.chat.find(reply, since) == Found(outcome.message)

    async def test_absent_needs_a_complete_look(self, harness: ChatHarness) -> None:
        """Only a complete look into the channel says that a message is absent."""
        sighting = await self.look(harness, 1)

        if Ability.HISTORY in harness.lacks:
            assert isinstance(sighting, Unseen)
        else:
            assert sighting == Absent()

    async def test_a_hidden_history_leaves_the_doubt(self, harness: ChatHarness) -> None:
        """A channel whose history cannot be read says neither found nor absent, and why."""
        self.need(harness, Ability.HISTORY)
        harness.hide_history()

        sighting = await self.look(harness, 1)

        assert isinstance(sighting, Unseen), sighting
        assert sighting.why

    async def test_what_was_accepted_is_never_absent(self, harness: ChatHarness) -> None:
        """Neither a rate limit, nor a refused token, makes an accepted message absent."""
        self.need(harness, Ability.LIMITS)
        await self.posted(harness)
        harness.rate_limit(40)
        limited = await self.look(harness, 1)
        harness.revoke()
        revoked = await self.look(harness, 1)

        assert isinstance(limited, Found | Unseen), limited
        assert isinstance(revoked, Found | Unseen), revoked

    # --- refusals -----------------------------------------------------------------------------

    async def test_an_archived_channel_is_unwelcome(self, harness: ChatHarness) -> None:
        """A channel that refuses us says what to do, and takes messages again afterwards."""
        self.need(harness, Ability.REFUSALS)
        harness.archive()

        outcome = await harness.chat.send(self.post(harness))

        assert isinstance(outcome, Unwelcome), outcome
        assert outcome.code
        assert outcome.advice
        assert list(harness.accepted()) == []
        harness.unarchive()
        await self.posted(harness)

    async def test_an_unknown_channel_is_unwelcome(self, harness: ChatHarness) -> None:
        """A channel that does not exist is a mistake of one channel, with advice."""
        self.need(harness, Ability.REFUSALS)
        outcome = await harness.chat.send(replace(self.post(harness), channel=harness.unknown))

        assert isinstance(outcome, Unwelcome), outcome
        assert outcome.advice

    async def test_a_revoked_token_shuts_us_out(self, harness: ChatHarness) -> None:
        """A revoked token stops the whole platform and says what to do."""
        self.need(harness, Ability.REFUSALS)
        harness.revoke()

        outcome = await harness.chat.send(self.post(harness))

        assert isinstance(outcome, ShutOut), outcome
        assert outcome.code
        assert outcome.advice
        assert list(harness.accepted()) == []

    async def test_a_rate_limit_is_kept(self, harness: ChatHarness) -> None:
        """A rate limit posts nothing and names the platform's own delay."""
        self.need(harness, Ability.LIMITS)
        harness.rate_limit(40)

        outcome = await harness.chat.send(self.post(harness))

        assert isinstance(outcome, Postponed), outcome
        assert timedelta(seconds=40) <= outcome.retry_after <= timedelta(seconds=42)
        assert list(harness.accepted()) == []

    async def test_refused_content_is_malformed_and_plain_goes_through(
        self, harness: ChatHarness
    ) -> None:
        """A card that the platform refuses can be posted in its plain form."""
        self.need(harness, Ability.REFUSALS)
        harness.break_content()

        refused = await harness.chat.send(self.post(harness))
        plain = await harness.chat.send(replace(self.post(harness), plain=True))

        assert isinstance(refused, Malformed), refused
        assert isinstance(plain, Posted), plain
        assert list(harness.accepted()) == [key_of(1)]

    # --- hostile content ----------------------------------------------------------------------

    def assert_harmless(self, harness: ChatHarness, outcome: Outcome) -> None:
        assert isinstance(outcome, Posted), outcome
        assert list(harness.pings()) == []
        assert list(harness.over_limits()) == []
        assert not [url for url in harness.links() if "evil.example.net" in url]
        assert not [url for url in harness.links() if url.startswith("javascript:")]

    @pytest.mark.parametrize("name", HOSTILE)
    @pytest.mark.parametrize("plain", [False, True], ids=["full", "plain"])
    async def test_hostile_text_is_only_text(
        self, harness: ChatHarness, name: str, plain: bool
    ) -> None:
        """Nothing from a feed pings, hides a link, breaks a limit or stops its card."""
        card = everywhere(HOSTILE[name])
        outcome = await harness.chat.send(replace(self.post(harness, card=card), plain=plain))

        self.assert_harmless(harness, outcome)

    @pytest.mark.parametrize("name", HOSTILE_URLS)
    async def test_a_hostile_address_is_only_an_address(
        self, harness: ChatHarness, name: str
    ) -> None:
        """Whatever a link is, the card is posted and nothing but a link to the web is made."""
        url = HOSTILE_URLS[name]
        card = replace(CARD, url=url, lines=(_line("Also", url),))

        self.assert_harmless(harness, await harness.chat.send(self.post(harness, card=card)))

    async def test_mixed_hostile_text_is_only_text(self, harness: ChatHarness) -> None:
        """Hostile pieces side by side, cut anywhere, are still only text."""
        dice = random.Random(7)
        pieces = [*HOSTILE.values(), *HOSTILE_URLS.values()]
        for number in range(1, 26):
            text = "".join(dice.sample(pieces, 4))
            start = dice.randrange(0, 40)
            card = everywhere(text[start : start + dice.randrange(1, 4_000)])
            outcome = await harness.chat.send(self.post(harness, number, card))
            self.assert_harmless(harness, outcome)

    async def test_marks_out_of_place_do_no_harm(self, harness: ChatHarness) -> None:
        """Spans that overlap, are empty or lie outside their text cannot stop a card."""
        marks = (Span(0, 5), Span(3, 8), Span(4, 4), Span(90, 99), Span(5, 2))
        card = replace(CARD, summary=(Passage("<b> red & line", marks),))

        self.assert_harmless(harness, await harness.chat.send(self.post(harness, card=card)))

    async def test_edited_hostile_text_is_only_text(self, harness: ChatHarness) -> None:
        """An edit is as careful as a send."""
        self.need(harness, Ability.EDITS)
        message = await self.posted(harness)

        for text in HOSTILE.values():
            card = everywhere(text)
            self.assert_harmless(harness, await harness.chat.edit(message, card))

    # --- editing ------------------------------------------------------------------------------

    async def test_edit_is_idempotent(self, harness: ChatHarness) -> None:
        """Editing twice leaves one message with the new card, still found by its key."""
        self.need(harness, Ability.EDITS)
        message = await self.posted(harness)
        new = replace(CARD, title="Ministers agree on a ceasefire", status="3 sources")

        outcomes = [await harness.chat.edit(message, new) for _ in range(2)]

        assert outcomes == [Posted(message), Posted(message)]
        assert list(harness.accepted()) == [key_of(1)]
        assert new.title in harness.shown(key_of(1))
        assert CARD.title not in harness.shown(key_of(1))
        if Ability.HISTORY not in harness.lacks:
            assert await self.look(harness, 1) == Found(message)

    # --- inspecting ---------------------------------------------------------------------------

    async def test_inspect_posts_nothing(self, harness: ChatHarness) -> None:
        """A check of a good channel finds nothing bad and leaves no message."""
        findings = await harness.chat.inspect([harness.channel])

        assert findings
        assert [finding for finding in findings if finding.verdict is Verdict.BAD] == []
        assert list(harness.accepted()) == []

    @pytest.mark.parametrize("trouble", ["unknown", "archived", "revoked"])
    async def test_inspect_says_what_to_do(self, harness: ChatHarness, trouble: str) -> None:
        """A check of a channel that cannot be posted to says so, with advice."""
        self.need(harness, Ability.REFUSALS)
        if trouble == "archived":
            harness.archive()
        if trouble == "revoked":
            harness.revoke()
        channel = harness.unknown if trouble == "unknown" else harness.channel

        findings = await harness.chat.inspect([channel])
        bad = [finding for finding in findings if finding.verdict is Verdict.BAD]

        assert bad
        assert all(finding.advice for finding in bad)
        assert list(harness.accepted()) == []

    # --- secrets ------------------------------------------------------------------------------

    @pytest.mark.parametrize("trouble", ["none", "lost", "limited", "archived", "revoked"])
    async def test_nothing_says_a_secret(
        self,
        harness: ChatHarness,
        trouble: str,
        caplog: pytest.LogCaptureFixture,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """No outcome, finding, sighting, exception or log line holds a token."""
        self.cause(harness, trouble)
        caplog.set_level("DEBUG")
        parts = [
            repr(await harness.chat.send(self.post(harness))),
            repr(await self.look(harness, 1)),
            repr(await harness.chat.inspect([harness.channel, harness.unknown])),
            repr(harness.chat),
        ]
        out = capsys.readouterr()
        logged = [f"{r.getMessage()} {r.args} {r.exc_text or ''}" for r in caplog.records]

        said = _Said((*parts, out.out, out.err, caplog.text, *logged))

        assert said.holding(harness.secrets) == []

    def cause(self, harness: ChatHarness, trouble: str) -> None:
        """Make the platform misbehave in the named way, where it can."""
        if trouble == "lost" and Ability.LOSS not in harness.lacks:
            harness.drop_reply()
        if trouble == "limited" and Ability.LIMITS not in harness.lacks:
            harness.rate_limit(40)
        if trouble == "archived" and Ability.REFUSALS not in harness.lacks:
            harness.archive()
        if trouble == "revoked" and Ability.REFUSALS not in harness.lacks:
            harness.revoke()
