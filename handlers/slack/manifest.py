"""The app manifest that a customer pastes into Slack to make their own Redline app.

An app that a customer makes for their own workspace keeps the full rate limits on reading history,
which an app that is distributed outside the Marketplace does not:
https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import json
from typing import Any

from bot.model import CommandSpec, Menu
from bot.text import shorten

SCOPES: dict[str, str] = {
    "chat:write": "post, edit and answer in channels that Redline was invited to",
    "chat:write.public": "post in public channels without an invitation",
    "channels:read": "find public channels by their names",
    "groups:read": "find private channels that Redline was invited to by their names",
    "channels:history": "look whether a message in doubt reached a public channel",
    "groups:history": "look whether a message in doubt reached a private channel",
    "commands": "take slash commands",
    "users:read": "tell members from guests and from people of other companies",
    "files:write": "show pictures, and send long lists as files to whoever asked for them",
    "files:read": "read the files that people put into forms, and wait until a picture is ready",
    "usergroups:read": "know who is in the usergroups that access: names",
}

EVENTS = ("app_home_opened",)
"""What Slack tells of; whatever else it tells is acknowledged and left."""

# https://docs.slack.dev/reference/app-manifest
NAME_LENGTH = 35
BOT_NAME_LENGTH = 80
USAGE_HINT_LENGTH = 1_000
# Ours: Slack shows one line of it while a person types.
DESCRIPTION_LENGTH = 200

Json = dict[str, Any]
NO_COMMANDS = Menu()


def manifest(name: str = "Redline", menu: Menu = NO_COMMANDS) -> str:
    """Return the manifest as JSON to paste at https://api.slack.com/apps?new_app=1.

    Args:
        name: what people see as the app's name; at most 35 characters are kept.
        menu: the commands, which Slack knows from the manifest alone.
    """
    shown = name.strip()[:NAME_LENGTH] or "Redline"
    return json.dumps(
        {
            "display_information": {
                "name": shown,
                "description": "Policy news, the moment it touches what your team watches.",
                "background_color": "#8b1a1a",
            },
            "features": {
                "app_home": {
                    "home_tab_enabled": True,
                    # Files and answers that find no other place are sent to people directly.
                    "messages_tab_enabled": True,
                    "messages_tab_read_only_enabled": True,
                },
                "bot_user": {"display_name": shown[:BOT_NAME_LENGTH], "always_online": True},
                **_slash_commands(menu),
            },
            "oauth_config": {"scopes": {"bot": list(SCOPES)}},
            "settings": {
                "event_subscriptions": {"bot_events": list(EVENTS)},
                "interactivity": {"is_enabled": True},
                "org_deploy_enabled": False,
                "socket_mode_enabled": True,
                "token_rotation_enabled": False,
            },
        },
        indent=2,
    )


def _slash_commands(menu: Menu) -> Json:
    """Declare one command for each group: Slack knows no commands within commands.

    What people type is not to be escaped, because they type addresses and words to look for; an
    escaped address would come as a link, and a word with # or @ as an id.
    """
    commands = [
        {
            "command": f"/{menu.prefix}{group}",
            "description": shorten("; ".join(c.help for c in of_group), DESCRIPTION_LENGTH),
            "usage_hint": shorten(" | ".join(map(_usage, of_group)), USAGE_HINT_LENGTH),
            "should_escape": False,
        }
        for group in menu.groups()
        if (of_group := [command for command in menu.commands if command.group == group])
    ]
    return {"slash_commands": commands} if commands else {}


def _usage(command: CommandSpec) -> str:
    """Write a command as usage lines are written: what may be left out stands in brackets."""
    options = (o.name if o.required else f"[{o.name}]" for o in command.options)
    return " ".join([command.verb, *options])
