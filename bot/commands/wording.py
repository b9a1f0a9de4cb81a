"""How commands are written: their usage, as help, mistakes and docs show it. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.model import CommandSpec, Menu, Option

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def group_name(group: str, menu: Menu) -> str:
    """Return a group as people type it: `/news`."""
    return f"/{menu.prefix}{group}"


def usage(spec: CommandSpec, menu: Menu) -> str:
    """Return a command as people type it: `/watch show RULE`; what may be left out in brackets."""
    verb = f"[{spec.verb}]" if spec.default and spec.options else spec.verb
    return " ".join([group_name(spec.group, menu), verb, *map(_placeholder, spec.options)])


def example(spec: CommandSpec, menu: Menu) -> str:
    """Return a command as somebody could type it."""
    parts = (group_name(spec.group, menu), spec.verb, spec.example)
    return " ".join(filter(None, parts))


def _placeholder(option: Option) -> str:
    name = option.name.upper()
    return name if option.required else f"[{name}]"


def lasting(span: timedelta) -> str:
    """Return a span of time in its largest whole unit: `4 min`; `0 s` for none."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 article`, `2 articles`, `1,200 stories`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
