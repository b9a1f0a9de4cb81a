"""What a person sees: an alert or an explanation as a Card. Pure, and blind to platforms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.model import (
    Action,
    Alert,
    Article,
    Button,
    Card,
    CardLine,
    DateFlag,
    Evidence,
    Feedback,
    Field,
    Match,
    Mute,
    MuteScope,
    Opinion,
    Passage,
    Reason,
    Rule,
    Silenced,
    Span,
)
from bot.text import safe_link

MOST_WORDS_IN_WHY = 6
"""How many different matched words one rule shows in the line that says why."""

ALERT_BUTTONS: Final[Mapping[Action, str]] = {
    Action.RELEVANT: "Relevant",
    Action.IRRELEVANT: "Not relevant",
    Action.WHY: "Why",
    Action.MUTE: "Mute…",
}
"""What can be done with an alert: at most four, as a row on a small screen holds them."""

_QUOTATION_MARKS = ("“", "„", "«", "»", '"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """All that an alert's card tells."""

    article: Article
    matches: tuple[Match, ...]
    summary: tuple[Passage, ...]


def alert_card(alert: Alert, telling: Telling, rules: Mapping[str, Rule]) -> Card:
    """Lay out the card of an alert.

    `rules` give the titles of the rules that the alert names; a rule that is gone is shown by name.
    """
    article = telling.article
    return Card(
        title=article.title,
        url=safe_link(article.link) or safe_link(article.url),
        source=article.source.name,
        domain=article.source.domain,
        published_at=article.published_at,
        urgency=alert.urgency,
        status=_status(alert),
        summary=telling.summary,
        why=tuple(_why_line(name, telling.matches, rules) for name in alert.rules),
        notes=tuple(_notes(article)),
        buttons=tuple(
            Button(action=action, label=label, target=alert.id)
            for action, label in ALERT_BUTTONS.items()
        ),
    )


def marked_card(
    card: Card, feedback: Sequence[Feedback], mutes: Sequence[Mute], now: datetime
) -> Card:
    """Lay out the card of an alert with all that people did with it.

    Args:
        card: the card as it was posted; marks that it has already are replaced.
        feedback: the opinions on the alert, the oldest first.
        mutes: those that silence the alert's rules, story or source in its channel; what has ended
            is left out.
        now: what time it is.
    """
    held = _longest(mute for mute in mutes if mute.until is not None and mute.holds(now))
    several = len(card.why) > 1
    silence = (CardLine(text=_silence(mute, named=several), users=(mute.user_id,)) for mute in held)
    return replace(card, marks=(*_opinions(feedback), *silence))


def why_card(alert: Alert, matches: Sequence[Match], article: Article | None) -> Card:
    """Lay out the answer to "Why?": below each rule that fired the sentences that prove it.

    `article` gives the sentences where it still is the version that was matched; else the matched
    words stand alone.
    """
    lines = [
        line
        for name in alert.rules
        for line in (
            CardLine(text=name, heading=True),
            *(CardLine(text=proof) for proof in _proofs(_evidence_of(name, matches), article)),
        )
    ]
    quiet = tuple(f"{one.rule} fired too: {one.reason.value}." for one in _kept_quiet(alert))
    return Card(title="Why this alert", status=alert.reason.value, lines=tuple(lines), notes=quiet)


def _kept_quiet(alert: Alert) -> Iterable[Silenced]:
    """Return the rules that were silenced while others spoke."""
    return [one for one in alert.silenced if one.rule not in alert.rules]


def gone_card() -> Card:
    """Lay out the answer to a press on a card that is no longer remembered."""
    return Card(
        title="This alert is no longer remembered",
        notes=("The card stays as it is; the buttons of newer alerts work.",),
    )


def until_words(until: datetime) -> str:
    """Say when something ends: `until 12 Mar 14:00 UTC`."""
    return f"until {until.day} {until:%b %H:%M} UTC"


def _opinions(feedback: Sequence[Feedback]) -> Iterator[CardLine]:
    """Yield a line for each opinion that somebody has, with everybody who has it."""
    for opinion in Opinion:
        users = tuple(given.user_id for given in feedback if given.opinion is opinion)
        if users:
            yield CardLine(text=f"{opinion.value.capitalize()}:", users=users)


def _longest(mutes: Iterable[Mute]) -> Collection[Mute]:
    """Return, of the mutes that silence the same in the same place, the one that lasts longest."""
    longest: dict[tuple[MuteScope, str, bool], Mute] = {}
    for mute in mutes:
        key = mute.scope, mute.target, mute.channel is None
        known = longest.setdefault(key, mute)
        if mute.until and known.until and mute.until > known.until:
            longest[key] = mute
    return longest.values()


def _silence(mute: Mute, *, named: bool) -> str:
    """Say what is muted, where and how long; of several rules, which."""
    what = mute.scope.value.capitalize()
    which = f" “{mute.label}”" if named and mute.scope is MuteScope.RULE else ""
    where = "here" if mute.channel else "everywhere"
    until = f" {until_words(mute.until)}" if mute.until else ""
    return f"{what}{which} muted {where}{until} by"


def _status(alert: Alert) -> str:
    return "updated" if alert.reason is Reason.MATERIAL_UPDATE else ""


def _why_line(name: str, matches: Sequence[Match], rules: Mapping[str, Rule]) -> str:
    title = rules[name].title if name in rules else name
    words = list(_distinct(_evidence_of(name, matches)))
    shown = ", ".join(words[:MOST_WORDS_IN_WHY])
    more = f" and {len(words) - MOST_WORDS_IN_WHY} more" if len(words) > MOST_WORDS_IN_WHY else ""
    return f"{title}: {shown}{more}" if shown else title


def _evidence_of(name: str, matches: Iterable[Match]) -> list[Evidence]:
    return [found for match in matches if match.rule == name for found in match.evidence]


def _distinct(evidence: Iterable[Evidence]) -> Collection[str]:
    """Return what each term found, in reading order: one form of it, and no words twice.

    Of several forms it is the fullest, so that a name is shown rather than the surname alone, and
    of equally full ones the first.
    """
    fullest: dict[str, str] = {}
    for found in sorted(evidence, key=lambda e: (e.field is not Field.TITLE, e.start)):
        known = fullest.setdefault(found.term, found.text)
        if len(found.text.split()) > len(known.split()):
            fullest[found.term] = found.text
    shown: dict[str, str] = {}
    for text in fullest.values():
        shown.setdefault(text.casefold(), text)
    return shown.values()


def _notes(article: Article) -> Iterable[str]:
    if article.trouble:
        yield article.trouble
    if article.date_flag is DateFlag.MISSING:
        yield "The publisher gave no date; this is when it was first seen."
    if article.date_flag is DateFlag.FUTURE:
        yield "The publisher's date lies in the future; this is when it was first seen."


def _proofs(evidence: Sequence[Evidence], article: Article | None) -> Iterable[str]:
    """Yield one line a sentence: the terms that it satisfied first, and the sentence or words."""
    first_of_term = {found.term: found for found in reversed(evidence)}
    terms: dict[str, list[str]] = {}
    for term, found in reversed(first_of_term.items()):
        terms.setdefault(_sentence(found, article), []).append(term)
    for sentence, satisfied in terms.items():
        yield f"{', '.join(satisfied)}: {sentence}"


def _sentence(found: Evidence, article: Article | None) -> str:
    whole = {Field.TITLE: article.title, Field.TEXT: article.text} if article else {}
    text = whole.get(found.field, "")
    if article is None or text[found.start : found.end] != found.text:
        return _quoted(found.text)
    if found.field is Field.TITLE or found.sentence is None:
        return f"{_quoted(text)} (title)"
    span: Span = article.sentences[found.sentence]
    return _quoted(text[span.start : span.end])


def _quoted(words: str) -> str:
    """Return the words in quotation marks, which a sentence that begins with one has already."""
    return words if words.startswith(_QUOTATION_MARKS) else f"“{words}”"
