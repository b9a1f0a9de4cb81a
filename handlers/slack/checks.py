"""What `redline check` says of Slack: tokens, scopes and channels, without posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model import ChannelRef, Finding, Malformed, ShutOut, Unwelcome, Verdict
from handlers.slack.channels import Directory, is_person
from handlers.slack.errors import (
    advice_for,
    code_of,
    keeps_back,
    outcome_of_error,
    reason_of,
)
from handlers.slack.groups import usergroups_in
from handlers.slack.manifest import SCOPES
from handlers.slack.options import SlackOptions
from handlers.slack.payloads import asked_for

_ABOUT = "slack"
_INDISPENSABLE = "chat:write"
_WITHOUT_GROUPS = {name: why for name, why in SCOPES.items() if name != "usergroups:read"}
_SOCKET_MODE_ADVICE = (
    "Set SLACK_APP_TOKEN to an app-level token with the scope connections:write; "
    "it begins with xapp-"
)


class Inspection:
    """One look at everything that posting needs."""

    def __init__(
        self,
        options: SlackOptions,
        client: AsyncWebClient,
        directory: Directory,
        groups: frozenset[str] = frozenset(),
    ) -> None:
        """Make an inspection of the workspace that `client` is a member of.

        `groups` are people and usergroups that the settings name, each as `platform:id`.
        """
        self._options = options
        self._client = client
        self._directory = directory
        self._groups = usergroups_in(groups)
        self._bot = "redline"

    async def findings(self, channels: Sequence[ChannelRef]) -> list[Finding]:
        """Return what was found: first the tokens, then each channel."""
        try:
            identity = await self._client.auth_test()
        except Exception as error:  # noqa: BLE001 - the finding says what was raised
            return [_bad(_ABOUT, error)]
        self._bot = str(identity.get("user") or self._bot)
        return [
            _good(_ABOUT, f"connected to {identity.get('team')} as @{self._bot}"),
            *_scopes(identity, SCOPES if self._groups else _WITHOUT_GROUPS),
            await self._way_in(),
            *[await self._usergroup(group) for group in self._groups],
            *[await self._channel(channel) for channel in channels],
        ]

    async def _way_in(self) -> Finding:
        """Say how presses of buttons reach us."""
        options = self._options
        if options.by_http:
            return _good(
                _ABOUT,
                f"hears of presses by signed HTTP on {options.http_host}:{options.http_port}",
            )
        if options.app_token is None:
            return Finding(
                about=f"{_ABOUT} app token",
                verdict=Verdict.BAD,
                said="is missing, so that Slack cannot tell Redline of presses",
                advice=_SOCKET_MODE_ADVICE,
            )
        try:
            await self._client.apps_connections_open(app_token=options.app_token.reveal())
        except Exception as error:  # noqa: BLE001 - the finding says what was raised
            return _bad(f"{_ABOUT} app token", error, _SOCKET_MODE_ADVICE)
        return _good(_ABOUT, "hears of presses by Socket Mode")

    async def _usergroup(self, group: str) -> Finding:
        """Say whether Slack tells who is in a usergroup that the settings name."""
        about = f"{_ABOUT}:{group}"
        try:
            answer = await self._client.usergroups_users_list(usergroup=group)
            members = asked_for(answer, "users")
        except SlackApiError as error:
            return Finding(
                about=about,
                verdict=Verdict.BAD,
                said=f"is no usergroup that Redline may read: Slack answered {code_of(error)}",
                advice="Check its id under access: in redline.yaml, and the scope usergroups:read",
            )
        except Exception as error:  # noqa: BLE001 - the finding says what was raised
            return _bad(about, error)
        return _good(about, f"is a usergroup with {len(members)} people")

    async def _channel(self, channel: ChannelRef) -> Finding:
        about = str(channel)
        if is_person(channel.name):
            return _warning(about, "is a person, whom Redline can only write to", "")
        try:
            channel_id = await self._directory.find(channel.name)
            if channel_id is None:
                return self._missing(channel)
            answer = await self._client.conversations_info(channel=channel_id)
            known = asked_for(answer, "channel")
        except Exception as error:  # noqa: BLE001 - the finding says what was raised
            return _untold(about, error) if _tells_nothing(error) else _bad(about, error)
        return self._known(about, known)

    def _missing(self, channel: ChannelRef) -> Finding:
        nearest = self._directory.nearest(channel.name)
        hint = f"Did you mean {nearest}? " if nearest else ""
        return Finding(
            about=str(channel),
            verdict=Verdict.BAD,
            said="does not exist, or is private without Redline in it",
            advice=f"{hint}{self._invitation(channel.name)}",
        )

    def _known(self, about: str, channel: dict[str, Any]) -> Finding:
        if channel.get("is_archived"):
            return Finding(
                about=about,
                verdict=Verdict.BAD,
                said="is archived",
                advice=advice_for("is_archived"),
            )
        if not channel.get("is_member"):
            return _warning(
                about,
                "can be posted to, but Redline is not in it and cannot look for messages in doubt",
                self._invitation(str(channel.get("name") or about)),
            )
        return _good(about, "can be posted to")

    def _invitation(self, name: str) -> str:
        return f"Invite it: /invite @{self._bot} in #{name.removeprefix('#')}"


def _scopes(identity: Any, wanted: Mapping[str, str]) -> list[Finding]:
    """Say which scopes of the manifest the token lacks; Slack names what it has in a header."""
    header = identity.headers.get("x-oauth-scopes")
    if header is None:
        return [_warning(_ABOUT, "does not say which permissions the token has", "")]
    granted = {scope.strip() for scope in header.split(",")}
    return [
        Finding(
            about=f"{_ABOUT} scope {scope}",
            verdict=Verdict.BAD if scope == _INDISPENSABLE else Verdict.WARNING,
            said=f"is missing; it is needed to {purpose}",
            advice=advice_for("missing_scope"),
        )
        for scope, purpose in wanted.items()
        if scope not in granted
    ]


def _good(about: str, said: str) -> Finding:
    return Finding(about=about, verdict=Verdict.GOOD, said=said)


def _warning(about: str, said: str, advice: str) -> Finding:
    return Finding(about=about, verdict=Verdict.WARNING, said=said, advice=advice)


def _tells_nothing(error: Exception) -> bool:
    """Whether Slack keeps back what it knows of a channel, which may take messages all the same."""
    return keeps_back(error) and not isinstance(outcome_of_error(error), Unwelcome)


def _untold(about: str, error: Exception) -> Finding:
    said = f"is not told of: Slack answered {reason_of(error)}. Alerts are posted to it as written"
    code = code_of(error) if isinstance(error, SlackApiError) else ""
    return _warning(about, said, advice_for(code))


def _bad(about: str, error: Exception, advice: str = "") -> Finding:
    outcome = outcome_of_error(error)
    if isinstance(outcome, Unwelcome | ShutOut):
        said, mend = f"Slack answered {outcome.code}", outcome.advice
    else:
        why = f"Slack answered {outcome.why}" if isinstance(outcome, Malformed) else outcome.why
        said, mend = why, "Try again in a minute"
    return Finding(about=about, verdict=Verdict.BAD, said=said, advice=advice or mend)
