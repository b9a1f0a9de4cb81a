"""What a person can set about Discord."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordOptions:
    """The section `discord` of the settings.

    Both addresses belong together: where one is moved (a proxy, a test), so is the other.
    """

    token: Secret | None = field(
        default=None,
        metadata={"env": "DISCORD_TOKEN", "help": "The token of your Discord bot."},
    )
    api_url: str = field(
        default="https://discord.com/api/v10",
        metadata={
            "env": "REDLINE_DISCORD_API_URL",
            "help": "Where Discord's REST interface is, with its version.",
        },
    )
    gateway_url: str | None = field(
        default=None,
        metadata={
            "env": "REDLINE_DISCORD_GATEWAY_URL",
            "help": "Where Discord's gateway is, if not at its usual place.",
            "schemes": ("ws", "wss"),
        },
    )
