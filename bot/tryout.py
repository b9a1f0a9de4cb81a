"""`redline try`: one rule on one article, before anybody is told of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bot.articles.language import guessed, settled
from bot.articles.read import FeedText, choose
from bot.articles.sentences import split
from bot.errors import ParseError
from bot.model import Article, ChannelRef, Reading, Rule, Source, TextFrom
from bot.pipeline import Reader
from bot.rules import Names, read_rule
from bot.rules.explain import Explanation, explain
from bot.settings.problems import nearest
from bot.text import canonical_url, clean_text, domain_of, one_line

NOWHERE = ChannelRef("console", "terminal")
TITLE_LENGTH = 200
"""A text file's first line is its title if it is no longer than this and an empty line follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tryout:
    """A rule on an article: its clauses with their proof, or how close they came."""

    rule: Rule
    article: Article
    explanation: Explanation

    @property
    def holds(self) -> bool:
        """Whether the rule holds for the article."""
        return self.explanation.held


def rule_called(written: str, rules: Sequence[Rule]) -> Rule:
    """Return the rule of that name, or make one of the text itself."""
    named = {rule.name: rule for rule in rules}
    return named.get(written) or Rule(name="tried", title="tried", when=written, to=(NOWHERE,))


def meant(written: str, rules: Sequence[Rule]) -> str | None:
    """Return the name that was probably meant where a lone word is like the name of a rule."""
    names = [rule.name for rule in rules]
    lone = "-" in written and written.replace("-", "").isalnum()
    return nearest(written, names) if lone and written not in names else None


def try_on(rule: Rule, names: Names, article: Article) -> Tryout:
    """Try a rule.

    Raises:
        RuleError: the rule cannot be read.
    """
    explanation = explain(read_rule(rule, names), article)
    return Tryout(rule=rule, article=article, explanation=explanation)


async def article_at(target: str, reader: Reader, now: datetime) -> Article:
    """Return the article in a file (text, HTML, or JSON with title and text) or at an address.

    Raises:
        ParseError: there is no such file, or nothing that can be read as an article.
    """
    if target.startswith(("http://", "https://")):
        page = await reader.page(target)
        if page.text is None:
            advice = "Save the page, and give the file in place of the address"
            raise ParseError(target, page.trouble or "has no article", advice=advice)
        return _article(choose(_nothing(page.text.title), page.text), target, now)
    path = Path(target)
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise ParseError(
            target, f"cannot be read: {error.strerror}", advice="Give a file or an address"
        ) from None
    return _article(await _reading(path, body, reader), target, now)


def json_of(trial: Tryout) -> str:
    """Write a trial as one JSON object, with the evidence as `redline replay --json` writes it.

    Evidence stands in the clean title and text, which are in it because a page has no other.
    """
    return json.dumps(
        {
            "title": trial.article.title,
            "text": trial.article.text,
            "sentences": [[start, end] for start, end in trial.article.sentences],
            "url": trial.article.link,
            "rule": trial.rule.when,
            "holds": trial.holds,
            "evidence": [asdict(found) for found in trial.explanation.evidence],
            "clauses": asdict(trial.explanation),
        },
        ensure_ascii=False,
    )


async def _reading(path: Path, body: bytes, reader: Reader) -> Reading:
    if path.suffix.lower() in {".html", ".htm"}:
        page = await reader.page_of(body, str(path), "text/html")
        return choose(_nothing(page.title), page)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParseError(str(path), "is not UTF-8 text") from None
    if path.suffix.lower() == ".json":
        return _from_json(text, str(path))
    title, gap, rest = text.partition("\n\n")
    if not gap or "\n" in title or len(title) > TITLE_LENGTH:
        title, rest = "", text
    return _plain(title, rest)


def _from_json(text: str, about: str) -> Reading:
    try:
        given = json.loads(text)
        return _plain(str(given["title"]), str(given["text"]))
    except (ValueError, KeyError, TypeError):
        raise ParseError(about, 'is not a JSON object with "title" and "text"') from None


def _plain(title: str, text: str) -> Reading:
    clean = clean_text(text)
    language = settled(None, guessed(clean))
    return Reading(
        title=one_line(title),
        text=clean,
        sentences=split(clean, language),
        text_from=TextFrom.PAGE,
        language=language,
    )


def _nothing(title: str) -> FeedText:
    """Return what a feed would have said where there is none."""
    return FeedText(title=title, text="", teaser=True)


def _article(reading: Reading, target: str, now: datetime) -> Article:
    return Article(
        id="tried",
        version=1,
        url=canonical_url(target),
        link=target,
        source=Source(feed_id="", name=domain_of(target) or target, domain=domain_of(target)),
        title=reading.title,
        text=reading.text,
        sentences=reading.sentences,
        published_at=now,
        fetched_at=now,
        text_from=reading.text_from,
        language=reading.language,
    )
