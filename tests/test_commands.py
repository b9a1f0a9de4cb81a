"""The commands as they are declared, and who may give them."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import bot.commands
from bot.commands import COMMANDS, MENU, Command, suggest
from bot.model import CommandSpec, OptionKind, Standing
from bot.ports import ChangeQuery
from bot.settings.files import CommandsSection
from tests.build import a_rule
from tests.commands_desk import a_desk, an_order, carry_out

LONGEST_PREFIX = "a" * 20
SPECS = [command.spec for command in COMMANDS]
NAME = re.compile(r"[-_'a-z0-9]{1,32}")
"""What Discord takes, in the letters that Slack takes too (chat-platforms.md, section 5)."""


def test_every_command_is_registered() -> None:
    """A file that declares a command stands in COMMANDS, under the name of the command."""
    modules = [
        importlib.import_module(f"bot.commands.{found.name}")
        for found in pkgutil.iter_modules(bot.commands.__path__)
    ]
    declared = {
        module.__name__.rsplit(".", 1)[1]: module.COMMAND
        for module in modules
        if isinstance(getattr(module, "COMMAND", None), Command)
    }

    assert {f"{one.spec.group}_{one.spec.verb}": one for one in COMMANDS} == declared


def test_no_two_declarations_collide() -> None:
    """A group and verb name one command, a command's options differ, a group has one default."""
    assert len({(spec.group, spec.verb) for spec in SPECS}) == len(SPECS)
    for spec in SPECS:
        assert len({option.name for option in spec.options}) == len(spec.options)
    for group in MENU.groups():
        assert sum(spec.default for spec in SPECS if spec.group == group) == 1


def test_there_is_room_on_both_platforms() -> None:
    """Slack takes 50 commands of an app, Discord 100 with 25 verbs and 8,000 characters each."""
    assert len(MENU.groups()) <= 50
    for group in MENU.groups():
        verbs = [spec for spec in SPECS if spec.group == group]
        said = [text for spec in verbs for text in texts_of(spec)]
        assert len(verbs) <= 25
        assert sum(map(len, [LONGEST_PREFIX, group, *said])) <= 8_000
        assert len(f"/{LONGEST_PREFIX}{group}") <= 32


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.group} {spec.verb}")
def test_a_declaration_is_within_the_limits(spec: CommandSpec) -> None:
    """Names have 32 small letters, help 100 characters, and what must be given stands first."""
    assert all(NAME.fullmatch(name) for name in (spec.group, spec.verb))
    assert all(NAME.fullmatch(option.name) for option in spec.options)
    assert all(0 < len(text) <= 100 for text in (spec.help, *(o.help for o in spec.options)))
    assert len(spec.options) <= 25
    required = [option.required for option in spec.options]
    assert required == sorted(required, reverse=True)


def texts_of(spec: CommandSpec) -> list[str]:
    """Return everything that Discord counts of a command."""
    options = [text for option in spec.options for text in (option.name, option.help)]
    return [spec.verb, spec.help, *options]


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.EXTERNAL, Standing.BOT])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.group} {spec.verb}")
async def test_who_does_not_belong_here_is_refused(spec: CommandSpec, standing: Standing) -> None:
    """Guests, people of other organisations and bots get no command, and hear who can help."""
    order = an_order(spec.group, f"{spec.verb} {spec.example}", standing=standing)

    card = await carry_out(order, a_desk())

    assert card.title == "You may not do that here"
    assert any("admin" in note for note in card.notes)
    assert [*card.lines, *card.items, *card.buttons] == []


async def test_a_refusal_keeps_no_secret() -> None:
    """Where a platform names a command by the address to answer at, that is not written down."""
    desk = a_desk()
    address = "https://hooks.slack.com/commands/T1/1/tellsEverything"
    order = an_order("watch", "pause tides", standing=Standing.GUEST, id=f"slack:{address}")

    await carry_out(order, desk)
    await carry_out(order, desk)

    [line] = await desk.register.changes(ChangeQuery(refused=True))
    assert line.refused
    assert "hooks.slack.com" not in line.id


async def test_who_does_not_belong_here_completes_nothing() -> None:
    """The names of rules are not for guests either."""
    desk = a_desk(rules=[a_rule("tides")])
    order = an_order("watch", verb="show", standing=Standing.GUEST)

    assert await suggest(order, OptionKind.RULE, "", desk) == ()


def test_a_rule_is_shown_where_its_channel_lies() -> None:
    """Nothing crosses from one workspace to another: not even a rule's name."""
    desk = a_desk(rules=[a_rule("tides")])

    assert list(desk.rules_here(an_order("watch"))) == ["tides"]
    assert desk.rules_here(an_order("watch", workspace="T2")) == {}
    assert desk.rules_here(an_order("watch", workspace="")) == {}


@pytest.mark.parametrize("prefix", ["", "acme-", LONGEST_PREFIX])
def test_a_prefix_is_taken_as_both_platforms_take_it(prefix: str) -> None:
    """Small letters, digits, hyphens and underscores may stand before a command's name."""
    assert CommandsSection(prefix=prefix).prefix == prefix


@pytest.mark.parametrize("prefix", ["Acme", "a b", "/", "a" * 21, "é"])
def test_another_prefix_is_refused(prefix: str) -> None:
    """What one of the platforms would refuse is refused before it gets there."""
    with pytest.raises(ValueError, match="prefix"):
        CommandsSection(prefix=prefix)
