"""The chat platforms. This is the one registration: a third platform is a folder and a line."""

from __future__ import annotations

from bot.ports import Platform
from handlers.console import CONSOLE
from handlers.discord import DISCORD
from handlers.slack import SLACK

PLATFORMS: tuple[Platform, ...] = (SLACK, DISCORD, CONSOLE)
