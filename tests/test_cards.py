"""What a person sees of an alert, and when they ask why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts.decide import Case, decide
from bot.cards import MOST_WORDS_IN_WHY, Telling, alert_card, why_card
from bot.model import (
    Action,
    Alert,
    AlertState,
    Article,
    Card,
    DateFlag,
    Match,
    MessageRef,
    Passage,
    Reason,
    Request,
    Silenced,
)
from bot.ports import AlertRecord
from bot.store.memory import MemoryStore
from bot.stories.group import story_of
from tests.build import NOON, a_match, a_rule, an_article
from tests.commands_desk import a_desk, answer

ARTICLE = an_article("A blockade of Port Avel is a red line. So are mines.", title="A warning")
RULES = {"red-line": a_rule("red-line", title="The red line")}


def alert_of(article: Article, *matches: Match) -> Alert:
    """The alert about a new story."""
    case = Case(story=story_of(article, None, NOON), article=article, matches=matches)
    (alert,) = decide(case, RULES, {}, NOON)
    return alert


def card_of(article: Article, *matches: Match) -> Card:
    """The card of a new story."""
    telling = Telling(article=article, matches=matches, summary=(Passage(article.text),))
    return alert_card(alert_of(article, *matches), telling, RULES)


def test_a_card_says_what_where_and_why() -> None:
    """Title, link, source, domain and time come from the article; why names rule and words."""
    card = card_of(ARTICLE, a_match(ARTICLE, "red line", "mines"))

    assert (card.title, card.url) == ("A warning", "https://courier.example/a1")
    assert (card.source, card.domain) == ("The Courier", "courier.example")
    assert card.published_at == NOON
    assert card.why == ("The red line: red line, mines",)


def test_why_counts_what_it_leaves_out() -> None:
    """A rule with many matched words shows some and the number of the rest."""
    words = [f"w{number}" for number in range(MOST_WORDS_IN_WHY + 2)]
    article = an_article(" ".join(words) + ".")

    card = card_of(article, a_match(article, *words))

    assert card.why[0].endswith("w5 and 2 more")


def test_why_shows_one_form_of_what_a_term_found() -> None:
    """Singular and plural of one keyword, a name and its surname, are not listed twice."""
    article = an_article("A tanker met tankers. Marten knew. Ilse Marten did not.")
    match = a_match(article, "tanker", "tankers", "Marten", "Ilse Marten")
    terms = ("tanker", "tanker", "name", "name")
    found = tuple(replace(one, term=term) for one, term in zip(match.evidence, terms, strict=True))

    card = card_of(article, replace(match, evidence=found))

    assert card.why == ("The red line: tanker, Ilse Marten",)


def test_a_rule_that_was_renamed_is_shown_by_name() -> None:
    """A card whose rule is gone still says which rule it was."""
    telling = Telling(article=ARTICLE, matches=(a_match(ARTICLE, "red line"),), summary=())

    card = alert_card(alert_of(ARTICLE, a_match(ARTICLE, "red line")), telling, {})

    assert card.why == ("red-line: red line",)


def test_a_card_has_four_buttons_that_name_the_alert() -> None:
    """Each button carries the alert's key, and nothing to be trusted."""
    alert = alert_of(ARTICLE, a_match(ARTICLE, "red line"))
    card = card_of(ARTICLE, a_match(ARTICLE, "red line"))

    assert [(button.label, button.action) for button in card.buttons] == [
        ("Relevant", Action.RELEVANT),
        ("Not relevant", Action.IRRELEVANT),
        ("Why", Action.WHY),
        ("Mute…", Action.MUTE),
    ]
    assert {button.target for button in card.buttons} == {alert.id}


def test_an_unsafe_link_never_reaches_a_card() -> None:
    """A card of an article with a javascript: link has no link at all."""
    article = replace(ARTICLE, link="javascript:alert(1)", url="")

    assert card_of(article, a_match(article, "red line")).url is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"trouble": "Only the teaser could be read."}, "Only the teaser"),
        ({"date_flag": DateFlag.MISSING}, "no date"),
        ({"date_flag": DateFlag.FUTURE}, "future"),
    ],
)
def test_a_card_says_how_well_it_was_read(changed: dict[str, DateFlag], words: str) -> None:
    """A teaser, a missing date and a date of the future are told to the reader."""
    article = an_article("A red line.", **changed)

    (note,) = card_of(article, a_match(article, "red line")).notes

    assert words in note


def test_an_update_is_called_one() -> None:
    """The card of a follow-up says that it is an update."""
    alert = replace(alert_of(ARTICLE, a_match(ARTICLE, "red line")), reason=Reason.MATERIAL_UPDATE)

    assert alert_card(alert, Telling(article=ARTICLE, matches=(), summary=()), RULES).status == (
        "updated"
    )


class Shelf(MemoryStore):
    """An archive of one alert and one article."""

    def __init__(self, record: AlertRecord, stored: Article | None) -> None:
        super().__init__()
        self.record = record
        self.stored = stored

    async def alert(self, alert_id: str) -> AlertRecord | None:
        return self.record if alert_id == self.record.alert.id else None

    async def article(self, article_id: str) -> Article | None:
        return self.stored


def shelf(stored: Article | None = ARTICLE, *, workspace: str = "T1") -> Shelf:
    """An archive with one posted alert."""
    matches = (a_match(ARTICLE, "red line", "warning"),)
    record = AlertRecord(
        alert=alert_of(ARTICLE, *matches),
        state=AlertState.POSTED,
        card=None,
        matches=matches,
        message=MessageRef(workspace=workspace, channel_id="C1", message_id="1"),
    )
    return Shelf(record, stored)


def press(archive: Shelf, target: str | None = None) -> Request:
    """Somebody in workspace T1 presses Why."""
    return Request(
        workspace="T1",
        channel_id="C1",
        user_id="U1",
        action=Action.WHY,
        target=target or archive.record.alert.id,
    )


async def test_why_shows_each_term_with_its_sentence() -> None:
    """The answer to Why names each rule, and below it the terms and the sentences."""
    archive = shelf()

    card = await answer(press(archive), a_desk(archive))

    assert [(line.text, line.heading) for line in card.lines] == [
        ("red-line", True),
        ("red line: “A blockade of Port Avel is a red line.”", False),
        ("warning: “A warning” (title)", False),
    ]
    assert card.status == Reason.NEW_STORY.value


@pytest.mark.parametrize("stored", [None, an_article("It was rewritten.", title="Another")])
async def test_why_falls_back_to_the_matched_words(stored: Article | None) -> None:
    """Where the article has changed since, the matched words stand alone."""
    archive = shelf(stored)

    card = await answer(press(archive), a_desk(archive))

    assert card.lines[1].text == "red line: “red line”"


def test_a_sentence_that_proves_two_terms_is_quoted_once() -> None:
    """Terms that one sentence satisfied share its line."""
    match = a_match(ARTICLE, "blockade", "red line", "mines")

    lines = why_card(alert_of(ARTICLE, match), [match], ARTICLE).lines

    assert [line.text for line in lines[1:]] == [
        "blockade, red line: “A blockade of Port Avel is a red line.”",
        "mines: “So are mines.”",
    ]


def test_a_sentence_in_quotation_marks_gets_no_second_pair() -> None:
    """What somebody said is quoted as it stands."""
    article = an_article("“A blockade is a red line,” Marten said.")
    match = a_match(article, "red line")

    lines = why_card(alert_of(article, match), [match], article).lines

    assert lines[1].text == "red line: “A blockade is a red line,” Marten said."


async def test_why_of_an_unknown_alert_is_answered_kindly() -> None:
    """A press on a card that is no longer remembered says so."""
    archive = shelf()

    card = await answer(press(archive, "somethingelse"), a_desk(archive))

    assert card.title == "This alert is no longer remembered"


async def test_nothing_crosses_from_one_workspace_to_another() -> None:
    """An id that belongs to another workspace is answered as if it did not exist."""
    archive = shelf(workspace="T2")

    card = await answer(press(archive), a_desk(archive))

    assert card.title == "This alert is no longer remembered"


def test_why_names_the_rules_that_were_kept_quiet() -> None:
    """Who asks why hears of the rules that fired too and were silenced, and of the reason."""
    match = a_match(ARTICLE, "red line")
    muted = Silenced(rule="blockade", reason=Reason.MUTED, mute_id="m1")

    card = why_card(replace(alert_of(ARTICLE, match), silenced=(muted,)), [match], ARTICLE)

    assert card.notes == ("blockade fired too: muted in chat.",)
