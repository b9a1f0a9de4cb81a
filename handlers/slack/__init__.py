"""Slack as a platform."""

from __future__ import annotations

from bot.ports import Platform
from handlers.slack.chat import SlackChat
from handlers.slack.options import SlackOptions


def _ready(options: SlackOptions) -> bool:
    return options.ready


SLACK = Platform(name="slack", options=SlackOptions, ready=_ready, connect=SlackChat)
