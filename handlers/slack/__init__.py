"""Slack as a platform."""

from __future__ import annotations

from bot.ports import Platform
from handlers.slack.chat import SlackChat
from handlers.slack.options import SlackOptions


def _lacks(options: SlackOptions) -> str:
    return options.lacks


SLACK = Platform(name="slack", options=SlackOptions, lacks=_lacks, connect=SlackChat)
