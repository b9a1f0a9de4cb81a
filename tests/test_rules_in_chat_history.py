"""Whatever people do to rules in chat: what is in force is what the audit trail says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Desk
from bot.model import Form, Mute, Rule, Thing
from bot.ports import ChangeQuery
from bot.store.registering import key_of
from tests.commands_desk import card_of
from tests.fakes import FakeClock
from tests.rules_in_chat import Person, labels, rule_desk

State = tuple[Rule | None, frozenset[Mute]]

NAMES = ("tolls", "grain")
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(
            [
                "add", "edit", "edit", "trial", "delete", "pause", "resume", "mute", "mute here",
                "unmute", "undo", "undo", "press", "press",
            ]
        ),
        st.integers(0, 4),
    ),
    max_size=25,
)  # fmt: skip


async def done(deed: str, name: str, number: int, person: Person) -> None:
    """Do something to a rule, if there is one to do it to."""
    match deed:
        case "add" if name not in person.desk.watch.rules:
            await person.adds(name, f"harbour{number}")
        case "edit" if name in person.desk.watch.rules:
            await person.edits(name, when=f"harbour{number}")
        case "trial" if name in person.desk.watch.rules:
            form = await person.opens(f"edit {name}")
            card = card_of(await person.fills(form, when=f"harbour{number}"))
            trial = await person.presses(card, "Save as trial")
            assert isinstance(trial, Form)
            await person.fills(trial)
        case "delete" if name in person.desk.watch.rules:
            await person.deletes(name)
        case "mute" | "mute here":
            await person.types(f"mute {name} {number + 1}h{deed.removeprefix('mute')}")
        case "pause" | "resume" | "unmute" | "undo":
            await person.types(f"{deed} {name}")


def in_force(name: str, desk: Desk) -> State:
    """What holds of a rule now."""
    held = frozenset(mute for mute in desk.watch.mutes.values() if mute.target == name)
    return desk.watch.rules.get(name), held


async def past_of(name: str, desk: Desk) -> list[State]:
    """What held of a rule after each change of it, told by the audit trail alone."""
    things: dict[tuple[str, str], Thing] = {}
    states: list[State] = [(None, frozenset())]
    for change in reversed(await desk.register.changes(ChangeQuery(limit=10_000))):
        if change.before:
            assert things.pop(key_of(change.before)) == change.before
        if change.after:
            things[key_of(change.after)] = change.after
        if change.subject == name:
            rules = [one for one in things.values() if isinstance(one, Rule) and one.name == name]
            mutes = [one for one in things.values() if isinstance(one, Mute) and one.target == name]
            states.append((rules[0] if rules else None, frozenset(mutes)))
    return states


async def pressed(person: Person, number: int) -> None:
    """Press Undo on one of the cards that were shown, the newest being number 0."""
    cards = [card_of(reply) for reply in person.seen if not isinstance(reply, Form)]
    shown = [card for card in reversed(cards) if "Undo" in labels(card)]
    if number < len(shown):
        await person.presses(shown[number], "Undo")


async def lived(deeds: Sequence[tuple[str, str, int]]) -> None:
    """Do one thing after another; what is taken back is the last change alone."""
    clock = FakeClock()
    desk = rule_desk(clock=clock)
    person = Person(desk)
    for name, deed, number in deeds:
        clock.advance(1)
        before = {each: await past_of(each, desk) for each in NAMES}
        if deed == "press":
            await pressed(person, number)
        else:
            await done(deed, name, number, person)
        for each in NAMES:
            assert in_force(each, desk) == (await past_of(each, desk))[-1]
            if deed in {"press", "undo"} and in_force(each, desk) != before[each][-1]:
                assert in_force(each, desk) == before[each][-2]
        kept = {rule.name: rule for rule in await desk.register.kept_rules()}
        assert kept == desk.watch.rules


@given(DEEDS)
def test_what_is_in_force_is_what_the_trail_says(deeds: Sequence[tuple[str, str, int]]) -> None:
    """Any sequence of changes leaves each rule as its history says, and undo goes one step back."""
    asyncio.run(lived(deeds))


async def test_undo_always_goes_one_step_back() -> None:
    """Each change of any kind is taken back whole, and taking that back brings it about again."""
    clock = FakeClock()
    desk = rule_desk(clock=clock)
    person = Person(desk)
    deeds = ["add", "edit", "pause", "mute", "resume", "unmute", "trial", "delete"]
    for number, deed in enumerate(deeds):
        clock.advance(1)
        before = in_force("tolls", desk)
        await done(deed, "tolls", number, person)
        after = in_force("tolls", desk)
        assert after != before
        for expected in (before, after):
            clock.advance(1)
            await person.types("undo tolls")
            assert in_force("tolls", desk) == expected
