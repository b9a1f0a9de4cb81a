"""What a channel knows of a story, put together from the decisions that were remembered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import StoreError
from bot.model import Alert, AlertState, ChannelRef, Match
from bot.ports import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One decision about a story, with the sentences that had matched by then."""

    alert: Alert
    state: AlertState
    sentences: tuple[str, ...]


def unknown_article(match: Match) -> StoreError:
    """Return the error of a match with an article version that nobody remembered."""
    about = f"rule {match.rule}"
    problem = f"matches article {match.article_id} version {match.version}, which is not remembered"
    return StoreError(about, problem, advice="Remember the article in the same record")


def told(tellings: Iterable[Telling]) -> tuple[Told, ...]:
    """Return, by channel, what was decided about one story, in the order of the first decisions."""
    by_channel: dict[ChannelRef, list[Telling]] = {}
    for telling in sorted(tellings, key=_age):
        by_channel.setdefault(telling.alert.channel, []).append(telling)
    return tuple(_told(channel, decided) for channel, decided in by_channel.items())


def _age(telling: Telling) -> tuple[object, ...]:
    return telling.alert.decided_at, telling.alert.id


def _told(channel: ChannelRef, decided: Sequence[Telling]) -> Told:
    loud = [telling for telling in decided if telling.state is not AlertState.QUIET]
    return Told(
        channel=channel,
        alert_id=(loud or decided)[0].alert.id,
        rules=_unique(rule for telling in decided for rule in telling.alert.known_rules),
        sentences=_unique(text for telling in decided for text in telling.sentences),
    )


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
