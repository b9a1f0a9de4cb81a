"""From the folder and the environment to Settings, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from types import MappingProxyType

from bot.model import Access, Channel, ChannelRef, Feed, Person, Place, Rule
from bot.ports import DeliveryPolicy, Platform
from bot.rules import Names
from bot.settings import crossing, files, granting, nearly, nouns, sections
from bot.settings.folder import checked, items, read_folder, texts
from bot.settings.problems import InvalidSettingsError, Problems
from bot.settings.reading import read_rules
from bot.settings.types import PlatformOptions, Settings
from bot.settings.yaml_lines import Document, Path


def load(
    folder: FilePath, environment: Mapping[str, str], platforms: Sequence[Platform]
) -> Settings:
    """Read the settings of a folder, the environment over them.

    Args:
        folder: the folder that holds the files of `config/`; a file may be left out.
        environment: the variables, as `bot.settings.environment` returns them.
        platforms: the chat platforms that there are; each may have a section in redline.yaml.

    Raises:
        InvalidSettingsError: something is wrong; it tells of everything that is, at once.
    """
    problems = Problems()
    secrets = sections.secret_paths(platforms)
    documents = read_folder(folder, problems, secrets)
    loading = _Loading(documents, tuple(p.name for p in platforms), problems)
    main, chats = loading.main(platforms, environment, secrets)
    problems.warn(*sections.mistaken(platforms, environment))
    people, places = loading.people(), loading.places()
    settings = replace(
        nouns.settings(folder, main, chats),
        channels=loading.channels(main),
        notices=loading.notices(main),
        access=loading.access(main),
        feeds=loading.feeds(),
        people=people,
        places=places,
    )
    rules, sets = loading.rules(Names(people=people, places=places))
    if listed := tuple(problems):
        raise InvalidSettingsError(folder, listed)
    return replace(settings, rules=rules, sets=sets, warnings=problems.warnings)


@dataclass(frozen=True, slots=True)
class _Loading:
    """One reading of the settings: the files as they were written, and what was found wrong."""

    documents: Mapping[str, Document]
    platforms: Sequence[str]
    problems: Problems

    def main(
        self,
        platforms: Sequence[Platform],
        environment: Mapping[str, str],
        secrets: Mapping[Path, str],
    ) -> tuple[files.RedlineFile, PlatformOptions]:
        document = self.documents["redline.yaml"]
        model = sections.redline_model(platforms)
        main = checked(document, model, self.problems, secrets)
        crossing.intervals(document, main, self.problems)
        crossing.networks(document, main, self.problems)
        chats = {
            platform.name: sections.options(
                platform, getattr(main, platform.name), environment, self.problems
            )
            for platform in platforms
        }
        return main, PlatformOptions(chats)

    def channels(self, main: files.RedlineFile) -> Mapping[ChannelRef, Channel]:
        document = self.documents["redline.yaml"]
        written: list[tuple[Path, str]] = [(("channels", text), text) for text in main.channels]
        refs = crossing.channels(document, written, self.platforms, self.problems)
        pace = DeliveryPolicy(pace=main.delivery.pace)
        wished = {
            ref: nouns.channel(ref, main.channels[str(path[1])], pace) for path, ref in refs.items()
        }
        return MappingProxyType(wished)

    def notices(self, main: files.RedlineFile) -> tuple[ChannelRef, ...]:
        document = self.documents["redline.yaml"]
        written = crossing.listed(document, ("notices",), main.notices)
        refs = crossing.channels(document, written, self.platforms, self.problems)
        return tuple(dict.fromkeys(refs.values()))

    def access(self, main: files.RedlineFile) -> Access:
        document = self.documents["redline.yaml"]
        return granting.access(document, main.access, self.platforms, self.problems)

    def feeds(self) -> tuple[Feed, ...]:
        document = self.documents["feeds.yaml"]
        checked(document, files.FeedsFile, self.problems)
        found = items(document, "feeds", files.FeedItem)
        crossing.feeds(document, found, self.problems)
        return tuple(nouns.feed(item) for _, item in found)

    def people(self) -> tuple[Person, ...]:
        document = self.documents["people.yaml"]
        checked(document, files.PeopleFile, self.problems)
        found = items(document, "people", files.PersonItem)
        names = [((*path, "name"), item.name) for path, item in found]
        crossing.unique(document, names, self.problems, what="person")
        return tuple(nouns.person(item) for _, item in found)

    def places(self) -> tuple[Place, ...]:
        document = self.documents["places.yaml"]
        checked(document, files.PlacesFile, self.problems)
        found = items(document, "places", files.PlaceItem)
        names = [((*path, "name"), item.name) for path, item in found]
        crossing.unique(document, names, self.problems, what="place")
        crossing.circles(document, found, self.problems)
        nearly.in_places(document, found, self.problems)
        return tuple(nouns.place(item) for _, item in found)

    def rules(self, names: Names) -> tuple[tuple[Rule, ...], Mapping[str, str]]:
        document = self.documents["rules.yaml"]
        checked(document, files.RulesFile, self.problems)
        sets = texts(document, "sets")
        found = items(document, "rules", files.RuleItem)
        called = [((*path, "name"), item.name) for path, item in found]
        crossing.unique(document, called, self.problems, what="rule")
        texts_of_rules = crossing.rule_texts(found, sets)
        crossing.eaten_quotes(document, texts_of_rules, self.problems)
        nearly.in_rules(document, texts_of_rules, names, self.problems)
        rules = self._told(document, found)
        read_rules(document, rules, replace(names, sets=sets), self.problems)
        return tuple(rule for _, rule in rules), MappingProxyType(dict(sets))

    def _told(
        self, document: Document, found: Sequence[tuple[Path, files.RuleItem]]
    ) -> list[tuple[Path, Rule]]:
        """Return the rules with the channels that they tell."""
        written = crossing.rule_channels(found, document)
        refs = crossing.channels(document, written, self.platforms, self.problems)
        told: dict[Path, list[ChannelRef]] = {path: [] for path, _ in found}
        for at, ref in refs.items():
            told[at[:2]].append(ref)
        return [(path, nouns.rule(item, told[path])) for path, item in found]
