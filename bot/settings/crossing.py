"""What can be wrong between parts that are each right in themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address

from bot.errors import SettingsError
from bot.model import ChannelRef
from bot.settings.files import FeedItem, PlaceItem, RedlineFile, RuleItem
from bot.settings.nouns import feed_id
from bot.settings.problems import Problems, nearest
from bot.settings.yaml_lines import Document, Path
from bot.text import canonical_url, one_line

# Where Amazon, Google, Azure and others tell a machine its own credentials
# (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
_METADATA = (ip_address("169.254.169.254"), ip_address("fd00:ec2::254"))
# Words and nothing else: neither an operator nor quotes of the rule's own.
_BARE_WORDS = re.compile(r"\w+(?:[ -]\w+)+")


def unique(
    document: Document, named: Iterable[tuple[Path, str]], problems: Problems, *, what: str
) -> None:
    """Note each name that stands twice, whatever its case and spaces; `what` says what shares it.

    Addresses are the same where they lead to the same. What is empty is told of elsewhere.
    """
    first: dict[str, Path] = {}
    for path, name in named:
        before = first.setdefault(_folded(name), path) if name else path
        if before != path:
            said = f"is {name!r}, which another {what} has already{_in_line(document, before)}"
            problems.add(document.problem(path, said, "Give each its own"))


def _folded(name: str) -> str:
    return canonical_url(name) if "://" in name else one_line(name).casefold()


def _in_line(document: Document, path: Path) -> str:
    place = document.place(path)
    return f", in line {place.line}" if place else ""


def feeds(document: Document, found: Sequence[tuple[Path, FeedItem]], problems: Problems) -> None:
    """Note each feed whose address or id another has; an id that the address gives is no other."""
    urls = [((*path, "url"), item.url) for path, item in found]
    unique(document, urls, problems, what="feed")
    addresses = {canonical_url(item.url): item for _, item in reversed(found)}
    names = [
        ((*path, "id"), feed_id(item))
        for path, item in found
        if item.id or (item.url and addresses[canonical_url(item.url)] is item)
    ]
    unique(document, names, problems, what="feed")


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
        if trouble := _trouble(text, ref, platforms):
            problems.add(document.problem(path, *trouble))
    return found


def _trouble(text: str, ref: ChannelRef, platforms: Sequence[str]) -> tuple[str, str] | None:
    """Return why a channel can be on no platform, and what to do about it."""
    if text[0] in "“”‘’„":
        return f"{text!r} is no channel", "Curly quotes are no quotes to YAML: take them out"
    if platforms and ref.platform not in platforms:
        near = nearest(ref.platform, platforms)
        advice = (
            f"Did you mean {near}:{ref.name}?" if near else f"Known are: {', '.join(platforms)}"
        )
        return f"names a chat platform that is not known: {text!r}", advice
    if "," in ref.name:
        # No name of a channel has a comma in Slack or Discord.
        return f"{text!r} is no channel", f"Several channels are written as a list: [{text}]"
    return None


def rule_channels(
    rules: Iterable[tuple[Path, RuleItem]], document: Document
) -> list[tuple[Path, str]]:
    """Return each channel that a rule names as it was written, with its path."""
    return [one for path, rule in rules for one in listed(document, (*path, "to"), rule.to)]


def listed(document: Document, path: Path, texts: Iterable[str]) -> list[tuple[Path, str]]:
    """Return each text of a list with its path, which is that of the key where one stands alone."""
    alone = path in document.values and (*path, 0) not in document.values
    return [(path if alone else (*path, n), text) for n, text in enumerate(texts)]


def rule_texts(
    rules: Iterable[tuple[Path, RuleItem]], sets: Mapping[str, str]
) -> list[tuple[Path, str]]:
    """Return every text in the language of rules, with its path."""
    texts: list[tuple[Path, str | None]] = [(("sets", name), text) for name, text in sets.items()]
    for path, rule in rules:
        texts += [((*path, "when"), rule.when), ((*path, "except"), rule.unless)]
    return [(path, text) for path, text in texts if text]


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


def networks(document: Document, main: RedlineFile, problems: Problems) -> None:
    """Warn of a network that opens the addresses at which clouds hand out their credentials."""
    for number, network in enumerate(main.poll.allow_private_networks):
        opened = [str(address) for address in _METADATA if address in network]
        if opened:
            said = f"opens {' and '.join(opened)}, where clouds hand out credentials, to every feed"
            path = ("poll", "allow_private_networks", number)
            problems.warn(document.problem(path, said, "Name only the networks of your own feeds"))


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
