"""`redline rules lint`: what an archive says of the rules."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.archive import lines_of, read_archive
from bot.errors import ParseError
from bot.lint import Lint, Shadow, TermUse, json_of, lint
from bot.model import ChannelRef, Rule, Urgency
from bot.rules.read import read_rule
from bot.rules.rule import Names
from bot.terminal import show_lint

ARCHIVE = Path(__file__).parent / "cases" / "lint" / "archive.jsonl"
DESK, PRESS = ChannelRef("slack", "#desk"), ChannelRef("slack", "#press")


def rule(name: str, when: str, *to: ChannelRef, urgency: Urgency = Urgency.NOW) -> Rule:
    """A rule for the desk, unless it names other channels."""
    return Rule(name=name, title=name, when=when, to=to or (DESK,), urgency=urgency)


def _refuse(error: ParseError) -> None:
    raise error


def linted(*rules: Rule) -> Lint:
    """What the archive of four articles says of the rules."""
    names = Names(sets={"boats": "ships OR ferries"})
    archive = read_archive(lines_of(ARCHIVE), _refuse)
    return lint([read_rule(one, names) for one in rules], (given.article for given in archive))


def test_each_rule_is_told_with_its_terms() -> None:
    """A term has its places and its articles; what must be absent is marked."""
    report = linted(rule("r", "ships AND harbour AND NOT metro"))

    (use,) = report.rules
    assert report.articles == 4
    assert use.articles == 2
    assert use.terms == (
        TermUse(term="ships", occurrences=7, articles=4, excludes=False),
        TermUse(term="harbour", occurrences=5, articles=3, excludes=False),
        TermUse(term="metro", occurrences=1, articles=1, excludes=True),
    )


def test_what_except_names_is_excluded_too() -> None:
    """The terms of `except` count among those that must be absent."""
    given = Rule(name="r", title="r", when="NOT NOT ships", unless="metro", to=(DESK,))

    (use,) = linted(given).rules

    assert [(term.term, term.excludes) for term in use.terms] == [("ships", False), ("metro", True)]


def test_the_terms_of_a_set_are_told_one_by_one() -> None:
    """A set stands for its terms, which may occur or not."""
    (use,) = linted(rule("r", "@boats")).rules

    assert [(term.term, term.articles) for term in use.terms] == [("ships", 4), ("ferries", 1)]


def test_silent_rules_and_unheard_terms_are_named() -> None:
    """A rule that found nothing, and the term that never occurred, are what to look at."""
    report = linted(rule("loud", "ships OR zeppelin"), rule("mute", "zeppelin"))

    assert report.silent == ("mute",)
    assert [use.unheard for use in report.rules] == [("zeppelin",), ("zeppelin",)]


def test_a_rule_whose_articles_another_finds_is_needless() -> None:
    """Every article of the narrow rule was found by the wide one for the same channel."""
    report = linted(rule("narrow", "harbour"), rule("wide", "ships"))

    assert report.shadows == (Shadow(rule="narrow", by="wide", articles=3, twins=False),)


def test_of_two_rules_that_find_the_same_the_later_is_named() -> None:
    """Twins are reported once."""
    report = linted(rule("one", "harbour"), rule("other", "harbours"))

    assert report.shadows == (Shadow(rule="other", by="one", articles=3, twins=True),)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (rule("narrow", "harbour", DESK, PRESS), rule("wide", "ships")),
        (rule("narrow", "harbour", urgency=Urgency.CRITICAL), rule("wide", "ships")),
        (rule("narrow", '"Port Avel"'), rule("wide", "ships")),
        (rule("narrow", "harbour"), rule("wide", "ships AND NOT metro")),
    ],
    ids=["another channel", "more urgent", "too few articles", "one article more"],
)
def test_a_rule_that_adds_something_is_not_needless(narrow: Rule, wide: Rule) -> None:
    """A rule stays that tells somebody else, or sooner, or of one article more, or hardly spoke."""
    assert linted(narrow, wide).shadows == ()


def test_a_wider_rule_for_more_channels_casts_a_shadow() -> None:
    """Who tells more channels tells those of the narrow rule too; twins then go one way only."""
    report = linted(rule("wide", "harbour", DESK, PRESS), rule("narrow", "harbours"))
    turned = linted(rule("narrow", "harbours"), rule("wide", "harbour", DESK, PRESS))

    assert [shadow.rule for shadow in report.shadows] == ["narrow"]
    assert [shadow.rule for shadow in turned.shadows] == ["narrow"]


def test_the_report_is_one_json_object() -> None:
    """`--json` holds all of it, the silent rules by name."""
    told = json.loads(json_of(linted(rule("mute", "zeppelin"))))

    assert (told["articles"], told["silent"], told["shadows"]) == (4, ["mute"], [])
    assert told["rules"][0]["terms"][0]["term"] == "zeppelin"


def test_the_report_is_shown_to_people() -> None:
    """The table has a line a term, and below it stands what somebody should look at."""
    written = io.StringIO()
    report = linted(
        rule("narrow", "harbour"),
        rule("wide", "ships AND NOT zeppelin"),
        rule("mute", "zeppelin"),
        rule("again", "harbours"),
    )

    show_lint(report, Console(file=written, width=100))

    shown = " ".join(written.getvalue().split())
    assert "NOT zeppelin 0 0" in shown
    assert "mute found nothing." in shown
    assert "wide: never found zeppelin." in shown
    assert "narrow adds nothing: wide finds its 3 articles." in shown
    assert "again finds the same 3 articles as narrow." in shown
