"""What nobody may do to rules in chat, however it is made up: nothing changes, nothing breaks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.commands import FORMS, Desk
from bot.commands.answers import LONGEST_MISTAKE
from bot.model import Access, Action, Card, Form, Grants, Role, Standing
from bot.ports import ChangeQuery
from tests.build import a_rule
from tests.commands_desk import card_of
from tests.fakes import FakeClock
from tests.rules_in_chat import Person, button_of, rule_desk

ACCESS = Access(grants=Grants(editors=frozenset({"slack:U1", "slack:U5"})))
DRAFT_ACTIONS = (Action.FORM, Action.SAVE, Action.TRIAL, Action.CONFIRM)
RULES = st.sampled_from(["rule.tolls", "rule.hidden", "rule.kept", "rule.", "feed.x", ".", ""])
VALUES = st.dictionaries(
    st.sampled_from(["title", "when", "except", "channels", "urgency", "channel", "extra"]),
    st.text(max_size=30) | st.sampled_from(["toll", "C1", "now", "@x", "((", "a NEAR/9999 b"]),
)
OUTSIDERS = st.fixed_dictionaries(
    {
        "user": st.sampled_from(["U1", "U2", "U5", ""]),
        "workspace": st.sampled_from(["T2", ""]),
        "channel": st.sampled_from(["C1", "C2", ""]),
        "standing": st.sampled_from(Standing),
    }
) | st.fixed_dictionaries(
    {
        "user": st.sampled_from(["U2", ""]),
        "workspace": st.just("T1"),
        "channel": st.sampled_from(["C1", "C2", ""]),
        "standing": st.sampled_from([Standing.MEMBER, Standing.GUEST, Standing.EXTERNAL]),
    }
)
"""People of other workspaces, and people of this one who are no editors."""


@dataclass
class Room:
    """Rules, mutes and open drafts of an editor, and the ids that somebody could copy."""

    desk: Desk
    drafts: list[str]
    changes: list[str]

    async def state(self) -> Any:
        """Everything that could be changed."""
        changes = await self.desk.register.changes(ChangeQuery(refused=False, limit=1000))
        return dict(self.desk.watch.rules), dict(self.desk.watch.mutes), list(changes)


async def furnished() -> Room:
    """A workspace in which an editor was at work."""
    desk = rule_desk(a_rule("kept"), access=ACCESS)
    editor = Person(desk)
    await editor.adds("Tolls", "toll")
    hidden = await editor.fills(await editor.opens("add private"), title="Hidden", when="cargo")
    await editor.presses(card_of(hidden), "Save")
    muted = await editor.types("mute tolls 8h")
    form = await editor.opens("edit tolls")
    tested = card_of(await editor.fills(form, when="fare"))
    asked = await editor.types("delete tolls")
    drafts = [form.draft, button_of(tested, "Save").target, button_of(asked, "Delete").target]
    return Room(desk, drafts, [button_of(muted, "Undo").target])


async def forged(who: dict[str, Any], data: st.DataObject) -> None:
    """Do something that looks real in every part but for who does it."""
    room = await furnished()
    before = await room.state()
    person = Person(room.desk, **who)
    known = st.sampled_from([*room.drafts, *room.changes]) | RULES | st.text(max_size=30)
    for _ in range(3):
        if data.draw(st.booleans()):
            await person.forges(data.draw(st.sampled_from(Action)), data.draw(known))
        else:
            form = data.draw(st.sampled_from([each.name for each in FORMS]) | st.text(max_size=9))
            await person.sends(form, data.draw(known), data.draw(VALUES))

    assert await room.state() == before


@given(OUTSIDERS, st.data())
def test_nobody_else_changes_a_rule(who: dict[str, Any], data: st.DataObject) -> None:
    """Presses and forms from outside, with copied and made-up ids, change nothing."""
    asyncio.run(forged(who, data))


async def continued(data: st.DataObject) -> None:
    """Go on, as another editor, with what somebody began."""
    room = await furnished()
    before = await room.state()
    other = Person(room.desk, user="U5")
    for draft in room.drafts:
        action = data.draw(
            st.sampled_from([Action.FORM, Action.SAVE, Action.TRIAL, Action.CONFIRM])
        )
        pressed = await other.forges(action, draft)
        sent = await other.sends("watch.edit", draft, data.draw(VALUES))
        assert card_of(pressed).title == card_of(sent).title == "This is no longer kept"

    assert await room.state() == before


@given(st.data())
def test_another_editor_does_not_go_on_with_a_draft(data: st.DataObject) -> None:
    """A draft is its maker's, whatever another one may do."""
    asyncio.run(continued(data))


async def test_an_expired_draft_does_nothing() -> None:
    """A day later its maker begins again."""
    room = await furnished()
    before = await room.state()
    assert isinstance(room.desk.clock, FakeClock)
    room.desk.clock.advance(24 * 3600)
    editor = Person(room.desk)
    for draft in room.drafts:
        for action in DRAFT_ACTIONS:
            assert card_of(await editor.forges(action, draft)).title == "This is no longer kept"

    assert await room.state() == before


async def filled_in(values: dict[str, str]) -> None:
    """Fill in the form of a new rule with anything."""
    person = Person(replace(rule_desk(), access=Access(everyone=Role.EDITOR)))
    reply = await person.fills(await person.opens("add"), **values)

    if isinstance(reply, Form):
        mistakes = [field.mistake for field in reply.fields if field.mistake]
        assert mistakes
        assert all(len(mistake) <= LONGEST_MISTAKE for mistake in mistakes)
        kept = {field.name: field.value for field in reply.fields}
        assert {name: kept[name] for name in values if name in kept} == {
            name: value for name, value in values.items() if name in kept
        }
    else:
        assert isinstance(reply, Card)
        assert reply.buttons


@given(VALUES)
def test_whatever_is_filled_in_is_answered(values: dict[str, str]) -> None:
    """A form comes back with what was written and what is wrong with it, or with a backtest."""
    asyncio.run(filled_in(values))
