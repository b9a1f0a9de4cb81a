"""What can be wrong between parts that are each right in themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.errors import SettingsError
from bot.model import ChannelRef
from bot.settings.files import PlaceItem, RedlineFile, RuleItem
from bot.settings.problems import Problems, nearest
from bot.settings.yaml_lines import Document, Path

# Words and nothing else: neither an operator nor quotes of the rule's own.
_BARE_WORDS = re.compile(r"\w+(?:[ -]\w+)+")


def unique(
    document: Document, named: Iterable[tuple[Path, str]], problems: Problems, *, what: str
) -> None:
    """Note each name that stands twice, whatever its case; `what` says what shares it."""
    first: dict[str, Path] = {}
    for path, name in named:
        before = first.setdefault(name.casefold(), path)
        if before != path:
            line = document.marks[before].line if before in document.marks else "?"
            said = f"is {name!r}, which another {what} has already, in line {line}"
            problems.add(document.problem(path, said, "Give each its own"))


def channels(
    document: Document,
    written: Iterable[tuple[Path, str]],
    platforms: Sequence[str],
    problems: Problems,
) -> Mapping[Path, ChannelRef]:
    """Return the channels that can be meant, and note those that cannot."""
    found: dict[Path, ChannelRef] = {}
    for path, text in written:
        try:
            found[path] = ref = ChannelRef.parse(text)
        except SettingsError as error:
            meant = " or ".join(f"{platform}:{text}" for platform in platforms)
            advice = f"Did you mean {meant}?" if meant and ":" not in text else error.advice
            problems.add(document.problem(path, f"{text!r} {error.problem}", advice))
            continue
        if platforms and ref.platform not in platforms:
            near = nearest(ref.platform, platforms)
            advice = f"Did you mean {near}:{ref.name}?" if near else _known(platforms)
            said = f"names a chat platform that is not known: {text!r}"
            problems.add(document.problem(path, said, advice))
    return found


def _known(platforms: Sequence[str]) -> str:
    return f"Known are: {', '.join(platforms)}"


def rule_channels(
    rules: Iterable[tuple[Path, RuleItem]], document: Document
) -> list[tuple[Path, str]]:
    """Return each channel that a rule names as it was written, with its path."""
    listed = []
    for path, rule in rules:
        alone = (*path, "to") in document.values and (*path, "to", 0) not in document.values
        for n, channel in enumerate(rule.to):
            listed.append(((*path, "to") if alone else (*path, "to", n), channel))
    return listed


def rule_texts(
    rules: Iterable[tuple[Path, RuleItem]], sets: Mapping[str, str]
) -> list[tuple[Path, str]]:
    """Return every text in the language of rules, with its path."""
    texts: list[tuple[Path, str]] = [(("sets", name), text) for name, text in sets.items()]
    for path, rule in rules:
        texts.append(((*path, "when"), rule.when))
        texts += [((*path, "except"), rule.unless)] if rule.unless else []
    return texts


def eaten_quotes(document: Document, texts: Iterable[tuple[Path, str]], problems: Problems) -> None:
    """Warn of a rule such as `when: "red line"`, whose quotes are YAML's and not the rule's."""
    for path, text in texts:
        if path in document.quoted and _BARE_WORDS.fullmatch(text):
            said = f"looks for {' and '.join(text.split())}, anywhere: YAML takes its quotes away"
            advice = f"""For the phrase write '"{text}"'; for the words write them without quotes"""
            problems.warn(document.problem(path, said, advice))


def intervals(document: Document, main: RedlineFile, problems: Problems) -> None:
    """Note an interval above its limit, and times of delivery that contradict each other."""
    if main.poll.min_interval > main.poll.max_interval:
        said = "is longer than poll.max_interval"
        problems.add(document.problem(("poll", "min_interval"), said, "Exchange them"))
    if main.delivery.lease <= main.delivery.send_timeout:
        said = (
            "is not longer than delivery.send_timeout: a sender would lose its channel in the act"
        )
        problems.add(document.problem(("delivery", "lease"), said, "The default, 90s, is right"))
    if main.delivery.settle < main.delivery.send_timeout:
        said = (
            "is shorter than delivery.send_timeout: a message would be looked for, and sent again, "
            "while it may still arrive"
        )
        problems.add(document.problem(("delivery", "settle"), said, "The default, 2m, is right"))


def circles(
    document: Document, places: Sequence[tuple[Path, PlaceItem]], problems: Problems
) -> None:
    """Note each place that lies, by way of others or at once, within itself."""
    outer = {place.name: place.within for _, place in places}
    for path, place in places:
        reached: set[str] = set()
        ahead = list(place.within)
        while ahead:
            name = ahead.pop()
            if name not in reached:
                reached.add(name)
                ahead.extend(outer.get(name, ()))
        if place.name in reached:
            said = f"{place.name!r} lies within itself"
            problems.add(document.problem((*path, "within"), said, "Break the circle"))
