"""What is generated from the types: `python -m tests.generated` writes it, a test compares it."""

from __future__ import annotations

from pathlib import Path

import handlers
from bot.commands import MENU
from bot.commands import reference as commands
from bot.ports import Platform
from bot.settings.reference import reference
from bot.settings.schema import schema

HOUSE = Path(__file__).parents[1]
SCHEMA = HOUSE / "config" / "schema.json"
DOCS = HOUSE / "docs" / "settings.md"
COMMANDS = HOUSE / "docs" / "commands.md"
_BEGIN = "<!-- Generated from bot.settings; python -m tests.generated renews it. -->\n"
_BEGIN_COMMANDS = "<!-- Generated from bot.commands; python -m tests.generated renews it. -->\n"
_END = "<!-- End of what is generated. -->\n"


def platforms() -> tuple[Platform, ...]:
    """Return the platforms that are registered."""
    return tuple(getattr(handlers, "PLATFORMS", ()))


def current() -> dict[Path, str]:
    """Return each generated file with the text that it should have."""
    return {
        SCHEMA: schema(platforms()),
        DOCS: _renewed(DOCS, _BEGIN, reference(platforms())),
        COMMANDS: _renewed(COMMANDS, _BEGIN_COMMANDS, commands.reference(MENU)),
    }


def _renewed(page: Path, begin: str, tables: str) -> str:
    before, rest = page.read_text(encoding="utf-8").split(begin)
    _old, after = rest.split(_END)
    return f"{before}{begin}\n{tables}\n{_END}{after}"


if __name__ == "__main__":
    for path, text in current().items():
        path.write_text(text, encoding="utf-8")
