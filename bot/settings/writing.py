"""Rules as the YAML of rules.yaml: what is written here loads back to the same rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import indent
from typing import Any

import yaml

from bot.model import Feed, Mute, Rule, Thing, Urgency
from bot.settings.values import duration_text

_NO_WRAP = 1_000_000
"""A rule stays on its line, whatever its length: where a line is broken says nothing."""


_RARE_ENDS = frozenset("\r\x85\u2028\u2029")


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, as in the files that people write."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - yaml's signature
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Write a text of several lines as a block that keeps them; rarer ends of lines escaped.

    YAML 1.1 takes NEL and two more for the end of a line (https://yaml.org/spec/1.1/#id871136).
    """
    plain = "|" if "\n" in text else None
    style = '"' if _RARE_ENDS & set(text) else plain
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def rules_yaml(rules: Sequence[Rule]) -> str:
    """Return the text of a rules.yaml with these rules, in their order.

    A file knows neither workspaces nor trials. A rule on trial is written as paused, so that it
    stays as quiet as it is, and says so above it.
    """
    if not rules:
        return "rules: []\n"
    return "rules:\n" + "\n".join(_written(rule) for rule in rules)


def thing_yaml(thing: Thing) -> str:
    """Return what people decided on as YAML to read: a rule as in rules.yaml, a feed, a mute."""
    match thing:
        case Rule():
            return _dumped(dict(_keys(thing)) | _trial(thing))
        case Feed():
            return _dumped(dict(_feed_keys(thing)))
        case Mute():
            return _dumped(dict(_mute_keys(thing)))


def _dumped(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NO_WRAP)
    return text


def _written(rule: Rule) -> str:
    text = _dumped([dict(_keys(rule))])
    note = f"  # On trial until {rule.trial.until:%Y-%m-%d}; paused here.\n" if rule.trial else ""
    # A no-break space is a line's whole text to YAML, and nothing at all to textwrap.
    return note + indent(text, "  ", lambda line: line != "\n")


def _keys(rule: Rule) -> Iterator[tuple[str, Any]]:
    """Yield what differs from the defaults, in the order in which people write it."""
    yield "name", rule.name
    if rule.title != rule.name:
        yield "title", rule.title
    yield "when", rule.when
    if rule.unless:
        yield "except", rule.unless
    yield "to", [str(channel) for channel in rule.to]
    if rule.urgency is not Urgency.NOW:
        yield "urgency", rule.urgency.value
    if rule.private:
        yield "private", True
    if rule.paused or rule.trial:
        yield "paused", True


def _trial(rule: Rule) -> dict[str, Any]:
    """Return how a rule is tried; it is paused only where its author said so."""
    trial = rule.trial
    if trial is None:
        return {}
    tried = {"until": _time(trial.until), "report_to": str(trial.report_to)}
    channel = {"channel": str(trial.channel)} if trial.channel else {}
    return {"paused": rule.paused, "trial": tried | channel}


def _feed_keys(feed: Feed) -> Iterator[tuple[str, Any]]:
    """Yield what feeds.yaml says of a feed where it differs from the defaults."""
    yield "url", feed.url
    yield "id", feed.id
    yield "title", feed.title
    yield "tier", feed.tier.value
    yield "fulltext", feed.fulltext.value
    if feed.interval:
        yield "interval", duration_text(feed.interval)
    if feed.language:
        yield "language", feed.language
    if feed.paused:
        yield "paused", True


def _mute_keys(mute: Mute) -> Iterator[tuple[str, Any]]:
    yield ("mute" if mute.until else "pause"), mute.scope.value
    yield "target", mute.target
    if mute.label != mute.target:
        yield "label", mute.label
    if mute.until:
        yield "until", _time(mute.until)
        yield "up_to", mute.urgency.value
    if mute.channel:
        yield "channel", str(mute.channel)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
