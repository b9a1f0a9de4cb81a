"""Rules as the YAML of rules.yaml: what is written here loads back to the same rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent
from typing import Any

import yaml

from bot.model import Rule, Urgency

_NO_WRAP = 1_000_000
"""A rule stays on its line, whatever its length: where a line is broken says nothing."""


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, as in the files that people write."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - yaml's signature
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    """Write a text of several lines as a block that keeps them."""
    style = "|" if "\n" in text else None
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


def _written(rule: Rule) -> str:
    text = yaml.dump(
        [dict(_keys(rule))], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NO_WRAP
    )
    note = f"  # On trial until {rule.trial.until:%Y-%m-%d}; paused here.\n" if rule.trial else ""
    return note + indent(text, "  ")


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
