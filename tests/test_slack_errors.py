"""Every refusal of Slack has one meaning."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import fields
from datetime import timedelta

import pytest
from aiohttp import ClientConnectorError, ClientOSError, ServerDisconnectedError
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from bot.model import InDoubt, Malformed, Postponed, Secret, ShutOut, Unwelcome
from handlers.slack import SLACK
from handlers.slack.errors import (
    ADVICE,
    DEFAULT_RETRY_AFTER,
    KINDS,
    Kind,
    Redact,
    advice_for,
    library_logger,
    outcome_of_code,
    outcome_of_error,
)
from handlers.slack.manifest import SCOPES, manifest
from handlers.slack.options import API_URL, SlackOptions
from tests.contracts.commands import MENU
from tests.emulators.slack_schema import manifest_problems

# What reliability.md asks of the codes it names.
PARK = "channel_not_found is_archived not_in_channel restricted_action ekm_access_denied"
PARK_TOO = "restricted_action_read_only_channel restricted_action_thread_only_channel"
STOP = "token_revoked account_inactive invalid_auth not_authed missing_scope"
SPOILT = "msg_too_long invalid_blocks no_text metadata_too_large msg_blocks_too_long"
DOUBT = "duplicate_message_not_found duplicate_channel_not_found fatal_error internal_error"
LATER = "ratelimited rate_limited message_limit_exceeded"
EXPECTED = {
    **dict.fromkeys(f"{PARK} {PARK_TOO} user_is_restricted".split(), Unwelcome),
    **dict.fromkeys(f"{STOP} team_access_not_granted".split(), ShutOut),
    **dict.fromkeys(SPOILT.split(), Malformed),
    **dict.fromkeys(DOUBT.split(), InDoubt),
    **dict.fromkeys(LATER.split(), Postponed),
}


class Answer:
    """An answer of Slack as the client hands it out."""

    def __init__(self, status: int, data: object, **headers: str) -> None:
        self.status_code = status
        self.data = data
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def refusal(status: int, data: object, **headers: str) -> SlackApiError:
    """Return the exception that the client raises for an answer."""
    # The library leaves its exception untyped.
    return SlackApiError("refused", Answer(status, data, **headers))  # type: ignore[no-untyped-call]


@given(code=st.text())
def test_an_unknown_code_is_in_doubt(code: str) -> None:
    """What Slack has not told us about may have been posted."""
    assert isinstance(outcome_of_code(code), InDoubt) or KINDS[code] is not Kind.IN_DOUBT


@pytest.mark.parametrize(
    "code", [c for c, k in KINDS.items() if k in {Kind.UNWELCOME, Kind.SHUT_OUT}]
)
def test_whoever_is_told_learns_what_to_do(code: str) -> None:
    """A channel that is parked, or a workspace that is stopped, comes with advice."""
    outcome = outcome_of_code(code)

    assert isinstance(outcome, Unwelcome | ShutOut)
    assert outcome.code == code
    assert len(outcome.advice) > 20


def test_every_advice_belongs_to_a_code() -> None:
    """No advice is left over for a code that the table does not know."""
    assert set(ADVICE) <= set(KINDS)


def test_all_restrictions_share_one_advice() -> None:
    """However a channel is restricted, an admin lifts it."""
    assert advice_for("restricted_action_read_only_channel") == advice_for("restricted_action")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("40", 40), ("0", 1), ("", None), ("soon", None), ("-5", None), ("1.5", None)],
)
def test_the_wait_is_slacks_own(header: str, seconds: int | None) -> None:
    """Retry-After is whole seconds and at least one; without it there is a default."""
    outcome = outcome_of_error(refusal(429, {"error": "ratelimited"}, Retry_After=header))
    expected = DEFAULT_RETRY_AFTER if seconds is None else timedelta(seconds=seconds)

    assert isinstance(outcome, Postponed)
    assert outcome.retry_after == expected


@pytest.mark.parametrize("data", [{}, "", None, "<html>", b"bytes", {"ok": False}])
@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_an_answer_without_a_code_is_in_doubt(status: int, data: object) -> None:
    """A status alone does not say whether the message was posted."""
    assert isinstance(outcome_of_error(refusal(status, data)), InDoubt)


@pytest.mark.parametrize("code", ["xoxb-1-2-secret", "bad token: xoxb-1", "A" * 3000, "a" * 65])
def test_what_is_no_code_is_not_repeated(code: str) -> None:
    """An error that does not look like a code may be a token; what we say of it is our own."""
    assert outcome_of_error(refusal(200, {"error": code})) == InDoubt(
        "Slack answered an error that is no code"
    )


def test_a_code_beside_a_server_error_is_in_doubt() -> None:
    """A code is believed in an answer of 200 only."""
    assert isinstance(outcome_of_error(refusal(500, {"error": "channel_not_found"})), InDoubt)


def test_a_rate_limit_without_a_body_is_a_rate_limit() -> None:
    """A 429 of a proxy refuses as certainly as Slack's own."""
    assert isinstance(outcome_of_error(refusal(429, "", Retry_After="9")), Postponed)


KEY = ConnectionKey("slack.com", 443, True, True, None, None, None, None)


@pytest.mark.parametrize(
    "error",
    [
        ServerDisconnectedError(),
        ClientOSError(104, "reset by peer"),
        ConnectionResetError(),
        BrokenPipeError(),
        TimeoutError(),
        asyncio.IncompleteReadError(b"", 1),
        json.JSONDecodeError("bad", "", 0),
        AttributeError("get"),
    ],
    ids=repr,
)
def test_a_connection_that_broke_leaves_a_doubt(error: Exception) -> None:
    """Once a byte may have left, the message may have arrived."""
    assert isinstance(outcome_of_error(error), InDoubt)


def test_a_connection_that_was_never_made_leaves_none() -> None:
    """A refused connection, or a name without an address, cannot have posted anything."""
    outcome = outcome_of_error(ClientConnectorError(KEY, OSError(111, "refused")))

    assert isinstance(outcome, Postponed)
    assert outcome.whole_platform


def test_an_outcome_does_not_repeat_the_exception() -> None:
    """What an exception says may hold an address with a secret in it, so only its kind is told."""
    outcome = outcome_of_error(RuntimeError("https://proxy.example/?token=xoxb-1-2-3"))

    assert outcome == InDoubt("the request to Slack ended with RuntimeError")


# --- logs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("token xoxb-12-34-abCD refused", "token *** refused"),
        ("xapp-1-A1-2-ff and xoxe-9", "*** and ***"),
        ("wss://x.example/link/?ticket=1234-ab&app_id=55", "ticket=***&app_id=***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_the_libraries_logs_are_redacted(
    said: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Tokens and tickets are replaced before any handler sees the record."""
    library_logger().warning("it said %s", said)

    assert shown in caplog.text
    assert [record.args for record in caplog.records] == [()]


def test_tracebacks_are_not_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    """A traceback may repeat an address, so the libraries' are dropped."""
    library_logger().error("failed", exc_info=ValueError("xoxb-1-2-3"))

    assert "failed" in caplog.text
    assert "xoxb" not in caplog.text


def test_the_filter_is_hung_up_once() -> None:
    """However often the logger is asked for, it redacts once."""
    library_logger()
    library_logger()

    filters = logging.getLogger("redline.slack").filters
    assert sum(isinstance(given, Redact) for given in filters) == 1


# --- manifest and options ---------------------------------------------------------------------


def test_the_manifest_is_what_slack_takes() -> None:
    """The manifest keeps to Slack's own type of it."""
    assert manifest_problems(json.loads(manifest())) == []
    assert manifest_problems(json.loads(manifest(menu=MENU))) == []


def test_the_manifest_asks_for_what_is_used_and_no_more() -> None:
    """Socket Mode, buttons and the App Home are on; no command is declared unasked."""
    made = json.loads(manifest())

    assert made["oauth_config"]["scopes"] == {"bot": list(SCOPES)}
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["settings"]["interactivity"] == {"is_enabled": True}
    assert made["settings"]["event_subscriptions"] == {"bot_events": ["app_home_opened"]}
    assert made["features"]["app_home"]["home_tab_enabled"] is True
    assert "slash_commands" not in made["features"]


def test_the_manifest_declares_one_command_for_each_group() -> None:
    """Slack gets each group with its prefix, what its verbs do, and how they are written."""
    made = json.loads(manifest(menu=MENU))

    assert made["features"]["slash_commands"] == [
        {
            "command": "/acme-news",
            "description": "Search everything that was read; "
            "Say why a rule matched an article, or why not",
            "usage_hint": "search query | why [rule] article",
            "should_escape": False,
        },
        {
            "command": "/acme-redline",
            "description": "Say how Redline is doing",
            "usage_hint": "status",
            "should_escape": False,
        },
        {
            "command": "/acme-watch",
            "description": "Write a rule",
            "usage_hint": "add",
            "should_escape": False,
        },
    ]


@pytest.mark.parametrize(
    ("name", "shown"), [("Watch", "Watch"), ("  ", "Redline"), ("x" * 50, "x" * 35)]
)
def test_the_app_can_be_named(name: str, shown: str) -> None:
    """A name is kept within Slack's 35 characters, and an empty one is ours."""
    made = json.loads(manifest(name))

    assert made["display_information"]["name"] == shown
    assert made["features"]["bot_user"]["display_name"] == shown
    assert len(made["display_information"]["description"]) <= 140


def test_options_show_no_secret() -> None:
    """Options can be printed."""
    options = SlackOptions(bot_token=Secret("xoxb-1-2-3"), app_token=Secret("xapp-9"))

    assert "xoxb-1-2-3" not in repr(options)
    assert "xapp-9" not in str(options)
    assert options.api_url == API_URL


TOKEN, OTHER = Secret("xoxb-1"), Secret("other")


@pytest.mark.parametrize(
    ("options", "ready", "by_http"),
    [
        (SlackOptions(), False, False),
        (SlackOptions(bot_token=TOKEN), False, False),
        (SlackOptions(app_token=OTHER), False, False),
        (SlackOptions(bot_token=TOKEN, app_token=OTHER), True, False),
        (SlackOptions(bot_token=TOKEN, signing_secret=OTHER), False, False),
        (SlackOptions(bot_token=TOKEN, signing_secret=OTHER, http_port=0), True, True),
        (
            SlackOptions(bot_token=TOKEN, app_token=OTHER, signing_secret=OTHER, http_port=1),
            True,
            False,
        ),
    ],
)
def test_options_suffice_with_a_token_and_a_way_in(
    options: SlackOptions, ready: bool, by_http: bool
) -> None:
    """A bot token and one way for Slack to reach us are enough; Socket Mode comes first."""
    assert (SLACK.ready(options), options.by_http) == (ready, by_http)


@pytest.mark.parametrize(
    ("options", "lacks"),
    [
        (SlackOptions(), "Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN in the environment or in .env"),
        (SlackOptions(bot_token=TOKEN), "Set SLACK_APP_TOKEN in the environment or in .env"),
        (SlackOptions(app_token=OTHER), "Set SLACK_BOT_TOKEN in the environment or in .env"),
        (SlackOptions(signing_secret=OTHER), "Set SLACK_BOT_TOKEN in the environment or in .env"),
        (
            SlackOptions(bot_token=TOKEN, signing_secret=OTHER),
            "Set slack.http_port in redline.yaml, or SLACK_APP_TOKEN for Socket Mode",
        ),
    ],
)
def test_what_options_lack_is_named(options: SlackOptions, lacks: str) -> None:
    """Whoever has set some of what Slack takes is told what else it takes."""
    assert SLACK.lacks(options) == lacks


def test_every_option_is_explained() -> None:
    """Each setting has a sentence of help, and each secret a variable of the environment."""
    for option in fields(SlackOptions):
        assert option.metadata["help"].endswith("."), option.name
        assert "Secret" not in str(option.type) or option.metadata["env"], option.name
    variables = [option.metadata.get("env") for option in fields(SlackOptions)]
    assert {"REDLINE_SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"} <= set(variables)
