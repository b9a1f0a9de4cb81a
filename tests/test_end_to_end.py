"""The main job: a real article becomes one alert in Slack and one in Discord."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.model import MessageRef
from tests.emulators.discord_reader import read_message
from tests.house import House, house_of, until

OWN = Path(__file__).parent / "cases" / "end_to_end" / "port-avel.txt"


@dataclass(frozen=True)
class Subject:
    """An article, a rule that holds for it, and the words that the card must show."""

    path: Path
    title: str
    rule: str
    sentence: str


SAMPLE = Subject(
    path=OWN,
    title="Officials press for escorts as freighters wait",
    rule='place:"Port Avel" AND ("red line" OR name:"Joe Biden")',
    sentence="they would be crossing the so-called “red line” that Prime Minister Ilse Marten",
)


@pytest.fixture
def rafah(shared: Path) -> Subject:
    """The article that Redline was first asked for."""
    return Subject(
        path=shared / "data" / "articles" / "rafah-red-line.txt",
        title="Officials press for an alternative to a Rafah operation",
        rule='place:Rafah AND ("red line" OR name:"Joe Biden")',
        sentence="Israel would be crossing the so-called “red line” that President Joe Biden",
    )


AROUND = ("The Courier", "World", "Sport", "metro", "Terms of use", "red line desk")
"""What stands on the page around the article, as links of its header, its side and its footer."""


async def prove(folder: Path, subject: Subject) -> None:
    """Publish the article as an outlet would, and look into both channels."""
    paragraphs = subject.path.read_text(encoding="utf-8").strip().split("\n")
    # Each of the first paragraphs is one sentence, and the matched one is not among them: only the
    # page has it.
    teaser = " ".join(paragraphs[:2])
    assert teaser.count(". ") == 1
    assert subject.sentence not in teaser
    async with house_of(folder, subject.rule) as house:
        async with house.running():
            await house.polled(2)
            house.newsroom.publish("news", *paragraphs, title=subject.title, teaser=teaser)
            house.publish()
            await until(lambda: bool(house.slack.workspace.accepted) and bool(house.discord.keys()))
            await house.polled(2)
            look(house, subject)
        async with house.running():
            await house.polled(2)
        look(house, subject)
        assert len(house.web.requests("/news/news")) == 1
        assert house.slack.problems == []
        assert house.discord.rest.refused == []


def look(house: House, subject: Subject) -> None:
    """Both channels hold exactly one card, with the sentence, its words bold, and the rule."""
    (in_slack,) = house.slack.workspace.messages("#desk")
    (in_discord,) = house.discord.world.accepted
    assert in_discord.channel_id == house.discord.desk.id
    ref = MessageRef(
        workspace="",
        channel_id=str(in_discord.channel_id),
        message_id=str(in_discord.message_id),
    )
    slack_card, discord_card = in_slack.seen(), read_message(house.discord.message(ref))
    for words, bold, links in (
        (slack_card.words, slack_card.bold, slack_card.links),
        (discord_card.text, discord_card.bold, discord_card.links),
    ):
        assert subject.title in words
        assert subject.sentence in words
        assert "red line" in bold
        assert "The red line" in words
        addresses = [part for link in links for part in link if part.startswith("http")]
        assert addresses == [house.web.url("/news/news")]
        quoted = words.replace("The Courier · ", "", 1)
        assert not [part for part in AROUND if part in quoted]


async def test_a_sample_article_becomes_one_card_in_each_channel(tmp_path: Path) -> None:
    """One card in Slack and one in Discord; the second poll and a restart post nothing."""
    await prove(tmp_path, SAMPLE)


@pytest.mark.shared
async def test_the_first_article_becomes_one_card_in_each_channel(
    tmp_path: Path, rafah: Subject
) -> None:
    """The article this product was made for is told once, with the red-line sentence."""
    await prove(tmp_path, rafah)
