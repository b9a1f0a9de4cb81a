"""Settings: what the files and the environment say, or everything that is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import Channel, ChannelRef, Secret
from bot.ports import Platform
from bot.settings import InvalidSettingsError, Settings, load


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackLike:
    token: Secret | None = field(
        default=None, metadata={"env": "SLACKISH_TOKEN", "help": "The token."}
    )
    api_url: str = field(
        default="https://slack.example/api/",
        metadata={"env": "REDLINE_SLACK_API_URL", "help": "Where it is."},
    )
    unfurl: bool = field(default=False, metadata={"help": "Whether links unfold."})


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordLike:
    token: Secret = field(default=Secret(""), metadata={"env": "DISCORDISH_TOKEN"})
    guilds: tuple[str, ...] = field(default=(), metadata={"env": "DISCORDISH_GUILDS"})
    wait: timedelta = field(default=timedelta(seconds=5), metadata={"help": "How long."})


def _unused(*_: Any) -> Any:
    raise AssertionError("settings only describe platforms, they never connect")


PLATFORMS = (
    Platform(name="slack", options=SlackLike, ready=_unused, connect=_unused),
    Platform(name="discord", options=DiscordLike, ready=_unused, connect=_unused),
)


@dataclass
class Folder:
    """A settings folder in the making: `write` a file, then `load` it."""

    path: Path

    def write(self, name: str, text: str) -> Folder:
        (self.path / name).write_text(text, encoding="utf-8")
        return self

    def load(self, **environment: str) -> Settings:
        return load(self.path, environment, PLATFORMS)

    def refusal(self, **environment: str) -> InvalidSettingsError:
        with pytest.raises(InvalidSettingsError) as caught:
            self.load(**environment)
        return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty settings folder."""
    return Folder(tmp_path)


def test_a_rule_and_a_feed_are_enough(folder: Folder) -> None:
    """Everything but what is watched and where has a default."""
    folder.write("feeds.yaml", "feeds:\n- url: https://www.example.org/news/feed.xml\n")
    folder.write("rules.yaml", "rules:\n- {name: a, when: sanctions, to: slack:#a}\n")

    settings = folder.load()

    assert [feed.id for feed in settings.feeds] == ["example-org-news-feed"]
    assert [rule.to for rule in settings.rules] == [(ChannelRef("slack", "#a"),)]


def test_a_channel_has_its_own_clock(folder: Folder) -> None:
    """A channel's pace, digest times and time zone are those it asks for."""
    folder.write(
        "redline.yaml",
        "channels:\n  slack:#a:\n    pace: 2s\n    digest_at: [08:00, 18:30]\n"
        "    timezone: Europe/Brussels\ndelivery:\n  pace: 3s\n",
    )

    settings = folder.load()

    here, there = ChannelRef("slack", "#a"), ChannelRef("slack", "#b")
    assert settings.channel(here) == Channel(
        ref=here,
        pace=timedelta(seconds=2),
        digest_at=(time(8), time(18, 30)),
        timezone="Europe/Brussels",
    )
    assert settings.channel(there) == Channel(ref=there, pace=timedelta(seconds=3))


def test_all_mistakes_of_all_files_are_told_at_once(folder: Folder) -> None:
    """A person mends everything in one go."""
    folder.write("redline.yaml", "pol:\n  per_host: 3\n")
    folder.write("rules.yaml", "rules:\n- name: a\n  when: x\n  to: slakc:#a\n  urgncy: now\n")

    error = folder.refusal()

    assert [(p.file, p.line, p.key) for p in error.problems] == [
        ("redline.yaml", 1, "pol"),
        ("rules.yaml", 4, "rules[1].to"),
        ("rules.yaml", 5, "rules[1].urgncy"),
    ]
    assert "Did you mean poll?" in str(error)
    assert "Did you mean urgency?" in str(error)


def test_secrets_come_from_the_environment(folder: Folder) -> None:
    """A token in the environment reaches its platform, and no other place."""
    folder.write("redline.yaml", "slack:\n  unfurl: yes\n")

    settings = folder.load(SLACKISH_TOKEN="not-a-real-one")

    assert settings.platforms.of("slack", SlackLike) == SlackLike(
        token=Secret("not-a-real-one"), unfurl=True
    )
    assert "not-a-real-one" not in repr(settings)
