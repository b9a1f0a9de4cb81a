"""What people are about to do: kept for them alone, for a day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.commands import Desk
from bot.commands.desk import Step
from bot.commands.drafts import arguments, new_draft, own_draft
from bot.commands.press_step import take_step
from bot.errors import OrderError
from bot.model import Access, Action, Asked, Card, Draft, Request, Role, Standing
from tests.commands_desk import a_desk
from tests.fakes import FakeClock

SOMEBODY = Asked(workspace="T1", channel_id="C1", user_id="U1", standing=Standing.MEMBER)


async def told(draft: Draft, _request: Request, _desk: Desk) -> Card:
    """Tell what was taken."""
    return Card(title=f"Took {draft.form} of {draft.subject}: {draft.value('colour')}")


STEPS = {
    (step.of, step.action): step
    for step in (
        Step("paint", Action.SAVE, Role.EDITOR, told),
        Step("rule", Action.CONFIRM, Role.ADMIN, told),
    )
}


async def kept(desk: Desk) -> Draft:
    """A draft of somebody, kept."""
    made = replace(new_draft("paint", SOMEBODY, desk, "wall"), values=arguments({"colour": "red"}))
    await desk.register.keep_draft(made)
    return made


async def pressed(desk: Desk, target: str, action: Action = Action.SAVE, **who: Any) -> str:
    """The title of what a press is answered with."""
    given = {
        "workspace": "T1", "channel_id": "C1", "user_id": "U1", "standing": Standing.MEMBER
    }  # fmt: skip
    request = Request(**(given | who), action=action, target=target)
    reply = await take_step(request, desk, STEPS)
    assert isinstance(reply, Card)
    return reply.title


def editors() -> Desk:
    """A desk where everybody is an editor."""
    return replace(a_desk(clock=FakeClock()), access=Access(everyone=Role.EDITOR))


async def test_a_button_does_what_its_draft_says() -> None:
    """What was filled in is there when the button is pressed."""
    desk = editors()

    assert await pressed(desk, (await kept(desk)).id) == "Took paint of wall: red"


async def test_a_button_may_name_a_thing() -> None:
    """`rule.rafah` stands for the rule itself; it needs no draft."""
    desk = editors()

    said = await pressed(desk, "rule.rafah", Action.CONFIRM, standing=Standing.ADMIN)

    assert said == "Took rule of rafah: "


@pytest.mark.parametrize(
    "who", [{"user_id": "U2"}, {"workspace": "T2"}, {"workspace": ""}, {"user_id": ""}]
)
async def test_a_draft_is_its_makers(who: dict[str, str]) -> None:
    """Nobody goes on with what another began, and nobody of another workspace does."""
    desk = editors()
    draft = await kept(desk)

    with pytest.raises(OrderError, match="no longer kept"):
        await pressed(desk, draft.id, Action.SAVE, **who)


@pytest.mark.parametrize("target", ["", "unknown", "wall.paint", "."])
async def test_what_is_not_there_is_answered_alike(target: str) -> None:
    """A made-up target is told nothing else than one that has expired."""
    with pytest.raises(OrderError, match="no longer kept"):
        await pressed(editors(), target)


async def test_a_button_of_another_form_does_nothing() -> None:
    """A draft knows only its own buttons."""
    desk = editors()
    draft = await kept(desk)

    with pytest.raises(OrderError, match="no longer kept"):
        await pressed(desk, draft.id, Action.CONFIRM)


@pytest.mark.parametrize(("hours", "there"), [(23, True), (24, False)])
async def test_a_draft_is_kept_for_a_day(hours: int, there: bool) -> None:
    """After a day it is gone, whether or not the store has thrown it away."""
    desk, clock = editors(), FakeClock()
    desk = replace(desk, clock=clock)
    draft = await kept(desk)
    clock.advance(hours * 3600)

    if there:
        assert await own_draft(draft.id, SOMEBODY, desk, "paint") == draft
    else:
        with pytest.raises(OrderError, match="no longer kept"):
            await own_draft(draft.id, SOMEBODY, desk, "paint")


async def test_a_step_has_its_own_role() -> None:
    """What takes an admin is refused to an editor, though the button is one that editors press."""
    said = await pressed(editors(), "rule.rafah", Action.CONFIRM)

    assert said == "You may not do that here"
