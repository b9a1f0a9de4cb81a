"""`/redline help`: what there is to ask, from the declarations alone."""

from __future__ import annotations

from bot.commands.answers import menu_lines, mistake_card
from bot.commands.desk import Command, Desk
from bot.commands.typed import Mistake, nearest, unquoted
from bot.commands.wording import example, usage
from bot.model import Card, CardLine, CommandSpec, Menu, Option, Order

SPEC = CommandSpec(
    group="redline",
    verb="help",
    help="What you can ask, and how it is written",
    options=(Option(name="command", help="A command, such as watch test or news"),),
    example="watch test",
    default=True,
)


async def carry_out(order: Order, desk: Desk) -> Card:
    """Show all commands, those of a group, or one."""
    words = unquoted(order.value("command")).casefold().split()
    asked = [word.removeprefix("/").removeprefix(desk.menu.prefix) for word in words]
    if not asked:
        return _all(desk.menu)
    found = _called(asked, desk.menu)
    if not found:
        return mistake_card(_unknown(asked, desk.menu), desk.menu)
    if len(found) == 1:
        return _one(found[0], desk.menu)
    return Card(title=f"/{desk.menu.prefix}{asked[0]}", lines=menu_lines(found, desk.menu))


def _all(menu: Menu) -> Card:
    return Card(
        title="What you can ask Redline",
        lines=menu_lines(menu.commands, menu),
        notes=(
            "Only you see the answers.",
            f"What each does: /{menu.prefix}redline help watch, or: watch add, or: import",
        ),
    )


def _called(asked: list[str], menu: Menu) -> tuple[CommandSpec, ...]:
    """Return the commands that are meant by `news`, `news search` or `search`."""
    if len(asked) == 1:
        group = tuple(spec for spec in menu.commands if spec.group == asked[0])
        return group or tuple(spec for spec in menu.commands if spec.verb == asked[0])
    return tuple(spec for spec in menu.commands if [spec.group, spec.verb] == asked[:2])


def _unknown(asked: list[str], menu: Menu) -> Mistake:
    meant = nearest(asked[-1], [spec.verb for spec in menu.commands])
    return Mistake(f"There is no command “{' '.join(asked)}”", menu.commands, meant)


def _one(spec: CommandSpec, menu: Menu) -> Card:
    options = [CardLine(text=f"{option.name.upper()}: {option.help}") for option in spec.options]
    return Card(
        title=usage(spec, menu),
        lines=(CardLine(text=spec.help), *options),
        notes=(f"For example: {example(spec, menu)}",) if spec.example else (),
    )


COMMAND = Command(SPEC, carry_out)
