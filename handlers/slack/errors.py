"""What became of a request to Slack: its error codes as outcomes, in one table.

Codes and their meanings: https://docs.slack.dev/reference/methods/chat.postMessage#errors
A code that is not in the table is in doubt: looking into the channel costs a request, guessing
costs an alert.
"""

from __future__ import annotations

import enum
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.model import InDoubt, Malformed, Postponed, ShutOut, Unwelcome

RATE_LIMITED = "ratelimited"
NO_CODE = "an error that is no code"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
CHANNEL_NOT_FOUND = "channel_not_found"
MISSING_SCOPE = "missing_scope"
UNREACHABLE_PAUSE = timedelta(seconds=15)
MIGRATION_PAUSE = timedelta(minutes=5)
# Slack always sends Retry-After with a 429; this is for a proxy that does not.
DEFAULT_RETRY_AFTER = timedelta(seconds=30)


Refusal = Postponed | InDoubt | Unwelcome | ShutOut | Malformed
"""Every outcome but success."""


class Kind(enum.Enum):
    """How a refusal is to be taken."""

    POSTPONED = "nothing was posted; later it may be"
    IN_DOUBT = "it may have been posted"
    UNWELCOME = "the channel refuses us until a person changes something"
    SHUT_OUT = "the workspace refuses us as a whole"
    MALFORMED = "the content is refused"


def _table(**codes: str) -> dict[str, Kind]:
    return {code: Kind[kind] for kind, listed in codes.items() for code in listed.split()}


KINDS: Mapping[str, Kind] = _table(
    POSTPONED="""
        ratelimited rate_limited message_limit_exceeded request_timeout team_added_to_org
        invalid_cursor
    """,
    # Slack says of fatal_error and internal_error that some aspect may have succeeded.
    IN_DOUBT="""
        fatal_error internal_error service_unavailable
        duplicate_channel_not_found duplicate_message_not_found
    """,
    UNWELCOME="""
        channel_not_found is_archived not_in_channel channel_is_archived user_not_found
        restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
        ekm_access_denied user_is_restricted
        user_disabled cannot_dm_bot messages_tab_disabled access_denied
        slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
        slack_connect_lists_sharing_blocked
    """,
    SHUT_OUT="""
        token_revoked token_expired account_inactive invalid_auth not_authed missing_scope
        team_access_not_granted not_allowed_token_type no_permission org_login_required
        two_factor_setup_required accesslimited team_not_found enterprise_is_restricted
        app_access_restricted deprecated_endpoint method_deprecated as_user_not_supported
    """,
    MALFORMED="""
        msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format no_text
        too_many_attachments too_many_contact_cards metadata_too_large invalid_metadata_format
        invalid_metadata_schema metadata_must_be_sent_from_app markdown_text_conflict
        invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data
        invalid_post_type missing_post_type invalid_json json_not_object
        invalid_thread_ts thread_not_found cannot_reply_to_message restricted_action_thread_locked
        restricted_action_non_threadable_channel
        message_not_found cant_update_message edit_window_closed
    """,
)

ADVICE: Mapping[str, str] = {
    "channel_not_found": "Check the name, and invite Redline where the channel is private: "
    "/invite @redline",
    "is_archived": "Unarchive the channel, or send its rules to another one",
    "not_in_channel": "Invite Redline: /invite @redline in the channel",
    "restricted_action": "Ask a workspace admin to let Redline post in this channel",
    "missing_scope": "Paste the manifest of `redline manifest slack` into the app and reinstall it",
    "account_inactive": "The app was removed from the workspace; install it again",
    "token_revoked": "Install the app again and set SLACK_BOT_TOKEN to the new token",
    "token_expired": "Turn token rotation off, and set SLACK_BOT_TOKEN to the new token",
    "invalid_auth": "Set SLACK_BOT_TOKEN to the bot token of the app; it begins with xoxb-",
    "not_authed": "Set SLACK_BOT_TOKEN to the bot token of the app; it begins with xoxb-",
    "not_allowed_token_type": "Use the bot token, which begins with xoxb-",
    "user_not_found": "Check the id of the person; it is in their profile under Copy member ID",
}
_ADVICE_BY_KIND: Mapping[Kind, str] = {
    Kind.UNWELCOME: "Ask an admin of the channel what keeps Redline from posting there",
    Kind.SHUT_OUT: "Ask an admin of the workspace whether the app may still be used",
}


def advice_for(code: str) -> str:
    """Say what a person can do about a refusal."""
    family = "restricted_action" if code.startswith("restricted_action") else code
    return ADVICE.get(family) or _ADVICE_BY_KIND.get(KINDS.get(code, Kind.IN_DOUBT), "")


def outcome_of_code(code: str, retry_after: timedelta = DEFAULT_RETRY_AFTER) -> Refusal:
    """Return what an error code of Slack means for the message that was to be posted."""
    match KINDS.get(code, Kind.IN_DOUBT):
        case Kind.POSTPONED:
            return _postponed(code, retry_after)
        case Kind.UNWELCOME:
            return Unwelcome(code, advice_for(code))
        case Kind.SHUT_OUT:
            return ShutOut(code, advice_for(code))
        case Kind.MALFORMED:
            return Malformed(code)
        case _:
            return InDoubt(f"Slack answered {code}")


def _postponed(code: str, retry_after: timedelta) -> Postponed:
    pause = MIGRATION_PAUSE if code == "team_added_to_org" else retry_after
    # Slack counts by method and workspace, so a limit on posting is about all channels.
    return Postponed(f"Slack answered {code}", pause, whole_platform=code != "request_timeout")


def outcome_of_error(error: Exception) -> Refusal:
    """Return what an exception of the client means for the message that was to be posted."""
    if isinstance(error, SlackApiError):
        return _outcome_of_answer(error)
    if _never_connected(error):
        return Postponed("Slack cannot be reached", UNREACHABLE_PAUSE, whole_platform=True)
    return InDoubt(f"the request to Slack ended with {type(error).__name__}")


def _outcome_of_answer(error: SlackApiError) -> Refusal:
    status = status_of(error)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return outcome_of_code(RATE_LIMITED, retry_after(error))
    code = code_of(error)
    if status == HTTPStatus.OK and code:
        return outcome_of_code(code)
    return InDoubt(f"Slack answered HTTP {status}")


def keeps_back(error: Exception) -> bool:
    """Whether Slack answered a question, and not with what was asked for.

    Where it is busy, in trouble or out of reach instead, the answer comes later.
    """
    if isinstance(error, SlackApiError):
        passes = KINDS.get(code_of(error)) in {Kind.POSTPONED, Kind.IN_DOUBT}
        return status_of(error) < HTTPStatus.TOO_MANY_REQUESTS and not passes
    return isinstance(error, LookupError)


def status_of(error: SlackApiError) -> int:
    """Return the HTTP status; the client hands out two kinds of responses that name it apart."""
    response: Any = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def code_of(error: SlackApiError) -> str:
    """Return Slack's error code, or nothing where the answer was not Slack's JSON.

    Codes are remembered and shown; what does not look like one may be anything, a token included.
    """
    data = getattr(error.response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    return code if not code or _CODE.fullmatch(code) else NO_CODE


def reason_of(error: Exception) -> str:
    """Return why Slack did not do something, for a log: its code, or what kind of error it was."""
    code = code_of(error) if isinstance(error, SlackApiError) else ""
    return code or type(error).__name__


def retry_after(error: SlackApiError) -> timedelta:
    """Return how long Slack asks us to wait: whole seconds, at least one."""
    asked = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return timedelta(seconds=max(1, int(asked))) if asked.isdigit() else DEFAULT_RETRY_AFTER


def _never_connected(error: Exception) -> bool:
    """Whether the connection was never made, so that no byte of the request has left.

    aiohttp's ClientConnectorError covers DNS, refused connections and TLS. It is told by its
    `os_error`, which a connection that broke later lacks, because aiohttp's own types have one
    door in this project and it is not here.
    """
    return isinstance(error, OSError) and hasattr(error, "os_error")


# Tokens, tickets of sockets, and the addresses that take answers from whoever knows them.
_SECRETS = re.compile(
    r"\bx(?:ox[a-z]|app)-[\w-]+|(?<=ticket=)[^&\s'\"]+|(?<=app_id=)[^&\s'\"]+"
    r"|(?<=/commands/)[^\s'\"]+|(?<=/actions/)[^\s'\"]+"
)


class Redact(logging.Filter):
    """Keep tokens and the tickets of socket addresses out of what the libraries log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace secrets in the record and drop its traceback, which may repeat them."""
        record.msg = _SECRETS.sub("***", record.getMessage())
        record.args = ()
        record.exc_info = None
        record.exc_text = None
        return True


def library_logger() -> logging.Logger:
    """Return the logger to hand to Slack's libraries."""
    logger = logging.getLogger("redline.slack")
    if not any(isinstance(given, Redact) for given in logger.filters):
        logger.addFilter(Redact())
    return logger
