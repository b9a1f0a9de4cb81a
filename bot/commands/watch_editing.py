"""A rule while it is edited: what was filled in, by whom, and what the rule is meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.commands.desk import Desk
from bot.commands.drafts import with_values
from bot.commands.lookups import rule_named
from bot.commands.watch_form import Wish, basis_of, form_of, read_wish
from bot.commands.watch_past import past_of
from bot.commands.watch_words import differences, moment, urgency_words
from bot.model import Action, Asked, Button, Card, CardLine, Draft, Form, Rule
from bot.text import one_line, shorten

LONGEST_THEIRS = 200
"""Characters of what somebody else made of a text, as a field of the form shows it."""


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft and who goes on with it; `current` is the rule in force, None for a new one."""

    draft: Draft
    asked: Asked
    current: Rule | None

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody else changed the rule since the form was filled from it."""
        return self.current is not None and self.draft.value("basis") != basis_of(self.current)

    def rebased(self) -> Editing:
        """Return the same, as if it had begun from the rule as it is now."""
        if self.current is None:
            return self
        draft = with_values(self.draft, {"basis": basis_of(self.current)})
        return replace(self, draft=draft)

    def wish(self, desk: Desk) -> Wish:
        """Read what was filled in."""
        return read_wish(self.draft, self.current, self.asked, desk)


def editing_of(draft: Draft, asked: Asked, desk: Desk) -> Editing:
    """Return how a draft stands.

    Raises:
        OrderError: the rule that it edits was deleted, or is not the asker's to know.
    """
    current = rule_named(draft.subject, asked, desk).rule if draft.subject else None
    return Editing(draft, asked, current)


async def overtaken_form(editing: Editing, desk: Desk) -> Form | None:
    """Return the form again with both texts: the person's in the fields, the other's below them.

    None where they ended up with the same. The next time it counts as seen.
    """
    assert editing.current
    wish = editing.wish(desk)
    again = editing.rebased()
    await desk.register.keep_draft(again.draft)
    wanted = wish.rule.rule if wish.rule else None
    theirs = {
        name: f"Changed by somebody else meanwhile. It now says: {said}"
        for name, said in _values(editing.current).items()
        if wanted is None or _values(wanted)[name] != said
    }
    return form_of(again.draft, {**theirs, **wish.mistakes}) if theirs else None


async def overtaken_card(editing: Editing, wanted: Rule, desk: Desk) -> Card:
    """Return what is said where somebody else changed the rule before Save was pressed."""
    assert editing.current
    again = editing.rebased()
    await desk.register.keep_draft(again.draft)
    last = next(iter(await past_of(editing.current, editing.asked, desk)), None)
    by = (CardLine(text=f"{moment(last.at)}, by", users=(last.user_id,)),) if last else ()
    theirs = CardLine(text="What it says now, and what you wrote:", heading=True)
    return Card(
        title=f"“{editing.current.title}” was changed by somebody else meanwhile",
        lines=(*by, theirs, *differences(editing.current, wanted, editing.asked)),
        notes=("Nothing was saved. Save mine puts yours in its place; Edit opens it once more.",),
        buttons=(
            Button(action=Action.SAVE, label="Save mine", target=again.draft.id, danger=True),
            Button(action=Action.FORM, label="Edit", target=again.draft.id),
        ),
    )


def mistaken_card(draft: Draft, mistakes: Mapping[str, str]) -> Card:
    """Return what is said where a rule that was in order is so no longer."""
    return Card(
        title="It cannot be saved as it is",
        lines=tuple(CardLine(text=one_line(each)) for each in mistakes.values()),
        buttons=(Button(action=Action.FORM, label="Edit", target=draft.id, main=True),),
    )


def _values(rule: Rule) -> dict[str, str]:
    """Return what a form shows of a rule, in words."""
    texts = {
        "title": rule.title,
        "when": rule.when,
        "except": rule.unless or "nothing",
        "channels": ", ".join(map(str, rule.to)),
        "urgency": urgency_words(rule.urgency),
    }
    return {name: shorten(one_line(text), LONGEST_THEIRS) for name, text in texts.items()}
