"""The cards of the pictures: the demo's own articles on their way through the real stages.

Extraction, rules, summary, decision and layout are the product's; only the time and the newspaper's
address are given, so that pictures made twice are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.alerts.digest import digest
from bot.app import judge_of
from bot.articles.extract import read_page
from bot.articles.identity import Edition, article_of
from bot.articles.read import choose, read_entry
from bot.cards import Telling, alert_card, why_card
from bot.demo import Piece, demo_settings, page_of, pieces
from bot.judge import Judge, Judgement, Past
from bot.model import Alert, Article, Card, Channel, Entry, Source, Urgency, matched_sentences
from bot.ports import Owed, Told
from handlers import PLATFORMS

SITE = "https://harbour-courier.example"
BEGAN = datetime(2026, 3, 3, 10, 42, tzinfo=UTC)
PAYWALL = (
    "<html><body><main><article><h1>{title}</h1><p>{lead}</p><p>To continue reading, subscribe to "
    "The Harbour Courier.</p></article></main></body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A card as it was decided, and when.

    A `reply` follows up the first alert, a `private` card is the answer to somebody's button.
    """

    name: str
    card: Card
    alert: Alert
    at: datetime
    reply: bool = False
    private: bool = False

    @property
    def key(self) -> str:
        """The id under which the card was posted."""
        return self.alert.id


def scenes() -> dict[str, Scene]:
    """Return every kind of card that people see, by name."""
    judge = judge_of(demo_settings(f"{SITE}/feed.xml", PLATFORMS))
    told = {f"{piece.slug}/{piece.version}": piece for piece in pieces()}
    alert = _judged(judge, told["marten-red-line-port-avel/1"], 0)
    update = _judged(judge, told["marten-red-line-port-avel/2"], 47, after=alert)
    tanker = _judged(judge, told["tanker-sanctions-agreed/1"], 9)
    critical = _judged(judge, told["inspectors-access-orven/1"], 21)
    teaser = _judged(judge, told["tanker-sanctions-agreed/1"], 9, paywall=True)
    why = why_card(alert.alerts[0], alert.matches, alert.article)
    made = [
        _scene("alert", judge, alert),
        replace(_scene("follow-up", judge, update), reply=True),
        _scene("sanctions", judge, tanker),
        _scene("critical", judge, critical),
        _scene("teaser", judge, teaser),
        replace(_scene("why", judge, alert), card=why, private=True),
        _digest(judge, [alert, tanker, critical]),
    ]
    return {scene.name: scene for scene in made}


def _judged(
    judge: Judge,
    piece: Piece,
    minutes: int,
    *,
    after: Judgement | None = None,
    paywall: bool = False,
) -> Judgement:
    now = BEGAN + timedelta(minutes=minutes)
    article = _article(piece, now, paywall=paywall)
    return judge.judge(article, _past(after) if after else Past(), now)


def _past(before: Judgement) -> Past:
    said = matched_sentences(before.article, before.matches)
    told = [
        Told(channel=alert.channel, alert_id=alert.id, rules=alert.rules, sentences=said)
        for alert in before.alerts
    ]
    return Past(story=before.story, told=told)


def _article(piece: Piece, now: datetime, *, paywall: bool) -> Article:
    link = f"{SITE}/news/{piece.slug}"
    lead = piece.paragraphs[0]
    entry = Entry(guid=link, link=link, title=piece.title, summary=lead, published_at=now)
    page = PAYWALL.format(title=piece.title, lead=lead[:60]) if paywall else page_of(piece)
    reading = choose(read_entry(entry), read_page(page.encode(), link, "text/html"))
    source = Source(feed_id="courier", name="The Harbour Courier", domain=SITE.partition("//")[2])
    edition = Edition(article_id=piece.slug, version=piece.version, fetched_at=now)
    return article_of(reading, entry, source, edition)


def _scene(name: str, judge: Judge, judgement: Judgement) -> Scene:
    (alert,) = judgement.alerts
    card = _card(judge, judgement, alert)
    return Scene(name=name, card=card, alert=alert, at=alert.decided_at)


def _card(judge: Judge, judgement: Judgement, alert: Alert) -> Card:
    telling = Telling(
        article=judgement.article, matches=judgement.matches, summary=judgement.summary
    )
    return alert_card(alert, telling, judge.rules)


def _digest(judge: Judge, judgements: Sequence[Judgement]) -> Scene:
    waiting = [
        Owed(alert=replace(alert, urgency=Urgency.DIGEST), card=_card(judge, judgement, alert))
        for judgement in judgements
        for alert in judgement.alerts
    ]
    channel = Channel(ref=waiting[0].alert.channel)
    gathered = digest(channel, waiting, BEGAN + timedelta(hours=1))
    assert gathered.card is not None  # a digest is always told
    at = gathered.alert.decided_at
    return Scene(name="digest", card=gathered.card, alert=gathered.alert, at=at)
