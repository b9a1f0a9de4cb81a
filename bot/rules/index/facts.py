"""Terms that stand in no text, as something to look up: source, tier, language.

`fact_of` says which fact a term asks for, `facts_of` which facts an article has. A term holds only
where its fact is among them.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.model import Article
from bot.rules.kinds import Seeker
from bot.rules.terms.lang import Lang
from bot.rules.terms.source import Source, known_names
from bot.rules.terms.tier import TierIs


def fact_of(seeker: Seeker) -> str | None:
    """Return the fact that a term asks for, None where it is of another kind."""
    match seeker:
        case Source():
            return f"\0source {seeker.wanted}"
        case TierIs():
            return f"\0tier {seeker.tier}"
        case Lang():
            return f"\0lang {seeker.tag}"
        case _:
            return None


def facts_of(article: Article) -> Iterator[str]:
    """Yield the facts of an article: its publisher under all names, its tier, its language."""
    for name in known_names(article.source):
        yield f"\0source {name}"
    domain = article.source.domain.casefold()
    while domain:
        _, _, domain = domain.partition(".")
        yield f"\0source {domain}"
    yield f"\0tier {article.source.tier}"
    subtags = (article.language or "").casefold().replace("_", "-").split("-")
    for length in range(1, len(subtags) + 1):
        yield f"\0lang {'-'.join(subtags[:length])}"
