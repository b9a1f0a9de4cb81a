"""Half an emoji, as what is typed can end with: replaced before it would be stored."""

from __future__ import annotations

from typing import Any

import pytest

from bot import commands
from bot.model import Argument, Card, Form, Submission
from bot.text import storable
from handlers.discord.forms import filled
from handlers.slack.forms import sent_form
from handlers.slack.payloads import text
from tests.rules_in_chat import Person, rule_desk

HALF = "red line \ud83d"
WHOLE = "red line \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("raw", "kept"), [(HALF, WHOLE), ("a\ude00b", "a\ufffdb"), ("😀 ä", "😀 ä"), ("", "")]
)
def test_only_halves_are_replaced(raw: str, kept: str) -> None:
    """What can be stored stays as it is, and what was replaced can be stored."""
    assert storable(raw) == kept
    storable(raw).encode()


async def test_a_rule_with_half_an_emoji_is_tested_and_kept() -> None:
    """A form is answered as every other, and nobody reads of databases."""
    desk = rule_desk()
    person = Person(desk)
    form = await person.opens("add")
    given = {"title": HALF, "when": '"red line"', "except": HALF, "channels": "C1"}
    sent = Submission(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        standing=person.standing,
        platform="slack",
        form=form.name,
        draft=form.draft,
        values=arguments({**given, "urgency": "now"}),
    )

    reply = await commands.submit(sent, desk)

    assert isinstance(reply, Card | Form)
    assert "cannot answer" not in reply.title
    kept = await desk.register.draft(form.draft)
    assert kept is not None
    assert kept.value("title") == WHOLE


def test_what_slack_hands_on_can_be_stored() -> None:
    """Commands and forms of Slack reach the inbox without halves."""
    view = {
        "callback_id": "redline:form:watch.edit",
        "state": {"values": {"title": {"redline:field": {"value": HALF}}}},
    }

    assert text({"text": HALF}, "text") == WHOLE
    assert sent_form(view).values == arguments({"title": WHOLE})


def test_what_discord_hands_on_can_be_stored() -> None:
    """Forms of Discord reach the inbox without halves."""
    form = filled(
        {
            "custom_id": "redline:form:watch.edit:d1",
            "components": [
                {"type": 18, "component": {"type": 4, "custom_id": "title", "value": HALF}}
            ],
        }
    )

    assert form is not None
    assert form.values == arguments({"title": WHOLE})


def arguments(values: dict[str, Any]) -> tuple[Argument, ...]:
    """Values as forms hand them on."""
    return tuple(Argument(name=name, value=value) for name, value in values.items())
