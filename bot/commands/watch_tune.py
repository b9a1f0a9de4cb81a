"""`/watch tune`: what to leave out of a rule, from the alerts that people called not relevant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from bot.commands.deciding import change_of, put
from bot.commands.desk import Command, Desk, Step
from bot.commands.drafts import new_draft, with_values
from bot.commands.lookups import RULE, rule_named
from bot.commands.opinions import precision, verdicts_on
from bot.commands.tuning import Judged, Proposal, judged_articles, proposals
from bot.commands.watch_done import done_card
from bot.commands.wording import counted
from bot.model import (
    Action,
    Asked,
    Button,
    Card,
    CardLine,
    CommandSpec,
    Draft,
    Opinion,
    Order,
    Origin,
    Reply,
    Request,
    Revised,
    Role,
    Rule,
)
from bot.text import one_line, shorten

SPEC = CommandSpec(
    group="watch",
    verb="tune",
    help="What to leave out of a rule, from the alerts that were called not relevant",
    options=(RULE,),
    example="rafah-red-line",
    role=Role.EDITOR,
)

FORM: Final = "watch.tune"
FEWEST: Final = 3
"""Fewer alerts than this that were called not relevant show no pattern."""
LONGEST_PHRASE: Final = 40
LONGEST_TITLE: Final = 70


async def carry_out(order: Order, desk: Desk) -> Card:
    """Propose exclusions, each with what it would have removed.

    Raises:
        OrderError: there is no such rule here.
    """
    compiled = rule_named(order.value("rule"), order, desk)
    verdicts = await verdicts_on(compiled.name, order, desk)
    unwanted = sum(1 for opinion in verdicts.values() if opinion is Opinion.IRRELEVANT)
    if unwanted < FEWEST:
        return _too_few(compiled.rule, unwanted)
    judged = await judged_articles(compiled, verdicts, desk)
    found = await proposals(compiled, judged, desk)
    return Card(
        title=f"What “{compiled.rule.title}” could leave out",
        status=f"precision {precision(verdicts)}",
        lines=tuple(_line(one, judged) for one in found) or (CardLine(text=_NOTHING),),
        notes=tuple(_notes(compiled.rule, judged, found)),
        buttons=await _buttons(compiled.rule, found, order, desk),
    )


_NOTHING: Final = "No word or phrase tells the alerts that were not relevant from the others."


def _too_few(rule: Rule, unwanted: int) -> Card:
    said = counted(unwanted, "alert was", "alerts were") if unwanted else "No alert was"
    return Card(
        title=f"Too few opinions on “{rule.title}”",
        notes=(
            f"{said} called not relevant in 90 days; it takes {FEWEST} to see a pattern.",
            "Press Not relevant on alerts that nobody needed, and ask again.",
        ),
    )


def _line(one: Proposal, judged: Judged) -> CardLine:
    """Say what a proposal would have removed, and show one such article."""
    example = judged.unwanted[min(one.unwanted)]
    effect = (
        f"would have removed {len(one.unwanted)} of {len(judged.unwanted)} not relevant "
        f"and {one.wanted} of {len(judged.wanted)} relevant"
    )
    title = shorten(one_line(example.title), LONGEST_TITLE)
    return CardLine(text=f"except {_shown(one)}: {effect}, such as “{title}”")


def _shown(one: Proposal) -> str:
    return f"“{shorten(one_line(one.phrase.written), LONGEST_PHRASE)}”"


def _notes(rule: Rule, judged: Judged, found: Sequence[Proposal]) -> Iterator[str]:
    if judged.gone:
        yield f"{counted(judged.gone, 'judged alert')} would not come any more, as the rule is now."
    if found and not judged.wanted:
        yield "Nobody has called an alert relevant yet, so look at the words yourself."
    if found and rule.origin is Origin.YAML:
        yield "The rule stands in config/rules.yaml. Write there, for the first of these:"
        yield f"except: {_yaml(found[0].unless)}"


def _yaml(text: str) -> str:
    """Write a text as YAML does between single quotes."""
    doubled = one_line(text).replace("'", "''")
    return f"'{doubled}'"


async def _buttons(
    rule: Rule, found: Sequence[Proposal], asked: Asked, desk: Desk
) -> tuple[Button, ...]:
    """Return a button for each proposal; a file stays the owner of its rules."""
    if rule.origin is Origin.YAML:
        return ()
    made: list[Button] = []
    for one in found:
        values = {"except": one.unless, "was": rule.unless, "when": rule.when}
        draft = with_values(new_draft(FORM, asked, desk, rule.name), values)
        await desk.register.keep_draft(draft)
        label = "Use it" if len(found) == 1 else f"Use {_shown(one)}"
        made.append(Button(action=Action.CONFIRM, label=label, target=draft.id, main=not made[:1]))
    return tuple(made)


async def use(draft: Draft, request: Request, desk: Desk) -> Reply:
    """Save the rule with the exclusion that was proposed.

    Raises:
        OrderError: the rule is gone.
        RuleError: it cannot be read any more.
    """
    before = rule_named(draft.subject, request, desk).rule
    is_as_it_was = (before.when, before.unless) == (draft.value("when"), draft.value("was"))
    if before.unless == draft.value("except"):
        return Revised(Card(title=f"“{before.title}” leaves this out already"))
    if not is_as_it_was or before.origin is Origin.YAML:
        return _changed_since(before, desk)
    after = replace(before, unless=draft.value("except"))
    change = change_of(request, desk, "watch tune", before=before, after=after)
    done = await put(change, desk)
    return Revised(done_card(done, request, desk)) if done else _changed_since(before, desk)


def _changed_since(rule: Rule, desk: Desk) -> Card:
    return Card(
        title=f"“{rule.title}” was changed in the meantime",
        notes=(f"Nothing was saved. Ask again: /{desk.menu.prefix}watch tune {rule.name}",),
    )


COMMAND = Command(SPEC, carry_out)
STEP = Step(FORM, Action.CONFIRM, Role.EDITOR, use)
