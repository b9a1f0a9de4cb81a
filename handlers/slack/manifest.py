"""The app manifest that a customer pastes into Slack to make their own Redline app.

An app that a customer makes for their own workspace keeps the full rate limits on reading history,
which an app that is distributed outside the Marketplace does not:
https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import json

SCOPES: dict[str, str] = {
    "chat:write": "post, edit and answer in channels that Redline was invited to",
    "chat:write.public": "post in public channels without an invitation",
    "channels:read": "find public channels by their names",
    "groups:read": "find private channels that Redline was invited to by their names",
    "channels:history": "look whether a message in doubt reached a public channel",
    "groups:history": "look whether a message in doubt reached a private channel",
}

# https://docs.slack.dev/reference/app-manifest
NAME_LENGTH = 35
BOT_NAME_LENGTH = 80


def manifest(name: str = "Redline") -> str:
    """Return the manifest as JSON to paste at https://api.slack.com/apps?new_app=1.

    Args:
        name: what people see as the app's name; at most 35 characters are kept.
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
                "bot_user": {"display_name": shown[:BOT_NAME_LENGTH], "always_online": True},
            },
            "oauth_config": {"scopes": {"bot": list(SCOPES)}},
            "settings": {
                "interactivity": {"is_enabled": True},
                "org_deploy_enabled": False,
                "socket_mode_enabled": True,
                "token_rotation_enabled": False,
            },
        },
        indent=2,
    )
