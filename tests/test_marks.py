"""What people did with an alert, on its card: opinions on it, and mutes of its like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.cards import marked_card
from bot.model import Card, CardLine, Feedback, Mute, MuteScope, Opinion
from tests.build import DESK, NOON

CARD = Card(title="Blockade of Port Avel begins", why=("The red line: red line",))
HOUR = timedelta(hours=1)


def an_opinion(user: str, opinion: Opinion = Opinion.RELEVANT) -> Feedback:
    """What somebody thinks of the alert."""
    return Feedback(alert_id="a", workspace="T1", user_id=user, opinion=opinion, at=NOON)


def a_mute(**changed: Any) -> Mute:
    """Somebody muted the rule on the desk for an hour."""
    mute = Mute(
        id="m1",
        scope=MuteScope.RULE,
        target="red-line",
        label="The red line",
        workspace="T1",
        user_id="U1",
        at=NOON,
        until=NOON + HOUR,
        channel=DESK,
    )
    return replace(mute, **changed)


def marks_of(*mutes: Mute, card: Card = CARD) -> list[str]:
    """What the card says of the mutes at noon."""
    return [line.text for line in marked_card(card, (), mutes, NOON).marks]


def test_a_card_names_everybody_who_has_an_opinion() -> None:
    """Those who find it relevant stand in one line, those who do not in another."""
    feedback = [an_opinion("U1"), an_opinion("U2", Opinion.IRRELEVANT), an_opinion("U3")]

    assert marked_card(CARD, feedback, (), NOON).marks == (
        CardLine(text="Relevant:", users=("U1", "U3")),
        CardLine(text="Not relevant:", users=("U2",)),
    )


def test_a_card_without_opinions_and_mutes_is_as_it_was_posted() -> None:
    """There is no line for what nobody did."""
    assert marked_card(CARD, (), (), NOON) == CARD


def test_a_mute_is_told_with_its_end_and_who_set_it() -> None:
    """Nothing is silenced silently."""
    mute = a_mute(until=datetime(2026, 3, 12, 14, 0, tzinfo=UTC))

    assert marked_card(CARD, (), [mute], NOON).marks == (
        CardLine(text="Rule muted here until 12 Mar 14:00 UTC by", users=("U1",)),
    )


def test_a_mute_says_what_it_silences_and_where() -> None:
    """A story here, a source everywhere."""
    story = a_mute(scope=MuteScope.STORY)
    source = a_mute(scope=MuteScope.SOURCE, channel=None)

    assert marks_of(story, source) == [
        "Story muted here until 2 Mar 13:00 UTC by",
        "Source muted everywhere until 2 Mar 13:00 UTC by",
    ]


def test_of_several_rules_the_muted_one_is_named() -> None:
    """Where two rules fired it must be seen which of them is silent."""
    card = replace(CARD, why=("The red line: red line", "Blockades: blockade"))

    assert marks_of(a_mute(), card=card) == [
        "Rule “The red line” muted here until 2 Mar 13:00 UTC by"
    ]


def test_what_has_ended_is_not_told() -> None:
    """A mute ends at its time, to the second."""
    assert marks_of(a_mute(until=NOON)) == []


def test_a_pause_is_no_mute() -> None:
    """What has no end is told where rules are listed, not on every card."""
    assert marks_of(a_mute(until=None)) == []


def test_of_two_mutes_of_one_thing_the_longer_counts() -> None:
    """The line tells when the alerts come again."""
    longer = a_mute(id="m2", until=NOON + 3 * HOUR, user_id="U2")

    for mutes in ([a_mute(), longer], [longer, a_mute()]):
        assert marks_of(*mutes) == ["Rule muted here until 2 Mar 15:00 UTC by"]


OPINIONS = st.lists(
    st.builds(an_opinion, st.sampled_from("ABCDEF"), st.sampled_from(Opinion)),
    unique_by=lambda one: one.user_id,
)


@given(feedback=OPINIONS)
def test_every_opinion_stands_on_the_card_once(feedback: list[Feedback]) -> None:
    """Whoever pressed is named once, in the line of their opinion, and marking twice is as once."""
    card = marked_card(CARD, feedback, (), NOON)

    told = [(line.text, user) for line in card.marks for user in line.users]
    pressed = [(f"{one.opinion.value.capitalize()}:", one.user_id) for one in feedback]
    assert sorted(told) == sorted(pressed)
    assert marked_card(card, feedback, (), NOON) == card
