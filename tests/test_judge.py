"""From an article to the decisions about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.judge import Judge, Past
from bot.model import Article, Match, Reason, Rule, matched_sentences
from bot.ports import Told
from tests.build import DESK, NOON, WIRE, a_match, a_rule, an_article

FIRST = "Ships wait at Port Avel. A blockade is a red line, Marten said."
UPDATED = f"{FIRST} Mines would cross the red line too, Varga told parliament on Tuesday."


@dataclass(frozen=True)
class Finds:
    """A matcher that finds the given words for the given rules."""

    words: tuple[tuple[str, str], ...]

    def match(self, article: Article) -> tuple[Match, ...]:
        return tuple(
            a_match(article, words, rule=rule)
            for rule, words in self.words
            if words in article.text
        )


def judge(*words: tuple[str, str], rules: tuple[Rule, ...] = ()) -> Judge:
    """A judge whose rules are those that are found."""
    given = rules or tuple(a_rule(name) for name in dict.fromkeys(name for name, _ in words))
    return Judge(Finds(words), {rule.name: rule for rule in given})


def told_of(article: Article, *matches: Match) -> Past:
    """The past in which the desk was told of these matches."""
    first = judge().judge(article, Past(), NOON)
    sentences = matched_sentences(article, matches)
    told = Told(channel=DESK, alert_id="first", rules=("red-line",), sentences=sentences)
    return Past(story=first.story, told=(told,))


def test_an_article_that_matches_is_told_with_its_sentence() -> None:
    """A match leads to one alert and a summary that begins with the sentence that matched."""
    article = an_article(FIRST)

    judged = judge(("red-line", "red line")).judge(article, Past(), NOON)

    assert [alert.reason for alert in judged.alerts] == [Reason.NEW_STORY]
    assert judged.summary[0].text == "A blockade is a red line, Marten said."
    mark = judged.summary[0].marks[0]
    assert judged.summary[0].text[mark.start : mark.end] == "red line"


def test_an_article_that_matches_nothing_is_a_quiet_story() -> None:
    """Without a match there is a story and nobody is told."""
    judged = judge().judge(an_article(FIRST), Past(), NOON)

    assert (judged.alerts, judged.story.id) == ((), "a1")


def test_a_follow_up_shows_what_is_new() -> None:
    """The card of an update begins with the new sentence, not the one the channel has read."""
    first, second = an_article(FIRST), an_article(UPDATED, version=2)
    past = told_of(first, a_match(first, "red line"))
    found = judge(("red-line", "red line"), ("red-line", "Mines would cross the red line"))

    judged = found.judge(second, past, NOON + timedelta(hours=1))

    assert [alert.reason for alert in judged.alerts] == [Reason.MATERIAL_UPDATE]
    assert judged.alerts[0].reply_to == "first"
    assert [passage.text[:17] for passage in judged.summary] == ["Mines would cross"]


def test_a_mended_typo_is_silent() -> None:
    """An edit that leaves the matched sentence as good as it was is decided, and not told."""
    first = an_article(FIRST)
    second = an_article(FIRST.replace("Marten said", "Ms Marten said"), version=2)
    past = told_of(first, a_match(first, "red line"))

    judged = judge(("red-line", "red line")).judge(second, past, NOON)

    assert [alert.reason for alert in judged.alerts] == [Reason.NOTHING_NEW]


def test_what_another_channel_asked_for_is_no_news_to_this_one() -> None:
    """A sentence that is new to a rule of one channel does not wake another channel."""
    first, second = an_article(FIRST), an_article(UPDATED, version=2)
    past = told_of(first, a_match(first, "red line"))
    rules = (a_rule("red-line", DESK), a_rule("mines", WIRE))
    found = judge(("red-line", "red line"), ("mines", "Mines"), rules=rules)

    judged = found.judge(second, past, NOON)

    assert {alert.channel: alert.reason for alert in judged.alerts} == {
        DESK: Reason.NOTHING_NEW,
        WIRE: Reason.NEW_STORY,
    }


def test_a_match_of_a_rule_that_is_gone_tells_nobody() -> None:
    """A rule that was deleted while the article was read has no channel to tell."""
    judged = Judge(Finds((("gone", "red line"),)), {}).judge(an_article(FIRST), Past(), NOON)

    assert judged.alerts == ()
