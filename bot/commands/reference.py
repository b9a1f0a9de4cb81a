"""The tables of docs/commands.md, from the declarations: they cannot lie."""

from __future__ import annotations

from collections.abc import Iterator

from bot.commands.wording import example, group_name, usage
from bot.model import CommandSpec, Menu


def reference(menu: Menu) -> str:
    """Return every command with its options, as Markdown."""
    return "\n".join(_section(group, menu) for group in menu.groups())


def _section(group: str, menu: Menu) -> str:
    head = "| command | what it does | for example |\n|---|---|---|\n"
    specs = [spec for spec in menu.commands if spec.group == group]
    rows = "".join(_row(spec, menu) for spec in specs)
    options = "".join(line for spec in specs for line in _options(spec))
    return f"### {group_name(group, menu)}\n\n{head}{rows}" + (f"\n{options}" if options else "")


def _row(spec: CommandSpec, menu: Menu) -> str:
    cells = (f"`{usage(spec, menu)}`", spec.help, f"`{example(spec, menu)}`")
    return f"| {' | '.join(cells)} |\n"


def _options(spec: CommandSpec) -> Iterator[str]:
    for option in spec.options:
        yield f"- `{spec.verb} {option.name.upper()}`: {option.help}\n"
