"""The settings of the Slack adapter."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model import Secret

API_URL = "https://slack.com/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackOptions:
    """How to reach Slack, and as whom.

    With `app_token` Slack is heard over Socket Mode, which needs no open port. With
    `signing_secret` and `http_port` instead, Slack calls us over signed HTTP.
    """

    api_url: str = field(
        default=API_URL,
        metadata={
            "env": "REDLINE_SLACK_API_URL",
            "help": "The address of Slack's Web API; change it for a government cloud or a proxy.",
        },
    )
    bot_token: Secret | None = field(
        default=None,
        metadata={
            "env": "SLACK_BOT_TOKEN",
            "help": "The bot token of the Slack app; it begins with xoxb-.",
            "begins": ("xoxb-", "xoxe.xoxb-"),
        },
    )
    app_token: Secret | None = field(
        default=None,
        metadata={
            "env": "SLACK_APP_TOKEN",
            "help": "The app-level token for Socket Mode; it begins with xapp-.",
            "begins": ("xapp-",),
        },
    )
    signing_secret: Secret | None = field(
        default=None,
        metadata={
            "env": "SLACK_SIGNING_SECRET",
            "help": "The signing secret of the Slack app, for signed HTTP in place of Socket Mode.",
        },
    )
    http_host: str = field(
        default="127.0.0.1",
        metadata={"help": "The address on which signed HTTP listens; put TLS in front of it."},
    )
    http_port: int | None = field(
        default=None,
        metadata={"help": "The port on which signed HTTP listens at /slack/events."},
    )

    @property
    def by_http(self) -> bool:
        """Whether Slack calls us over signed HTTP."""
        return bool(self.signing_secret and self.http_port is not None and not self.app_token)

    @property
    def lacks(self) -> str:
        """Say what is still to be set: it takes a bot token, and one way to hear Slack."""
        unset = [] if self.bot_token else ["SLACK_BOT_TOKEN"]
        if not (self.app_token or self.signing_secret):
            unset.append("SLACK_APP_TOKEN")
        if unset:
            return f"Set {' and '.join(unset)} in the environment or in .env"
        if not (self.app_token or self.by_http):
            return "Set slack.http_port in redline.yaml, or SLACK_APP_TOKEN for Socket Mode"
        return ""
