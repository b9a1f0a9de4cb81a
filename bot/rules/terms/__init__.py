"""The kinds of terms, one a file, registered here."""

from __future__ import annotations

from bot.rules.kinds import Kind
from bot.rules.terms import exact, keyword, lang, name, pattern, place, prefix, source, tier

KINDS: tuple[Kind, ...] = (
    keyword.KIND,
    exact.KIND,
    prefix.KIND,
    name.KIND,
    place.KIND,
    place.INNER,
    source.KIND,
    tier.KIND,
    lang.KIND,
    pattern.KIND,
    pattern.FOLDED,
)
"""All kinds of terms. A new one is a new file here, a line there, and a YAML case."""

READS: dict[tuple[str, str], Kind] = {
    (lead, kind.tail): kind for kind in KINDS for lead in kind.leads
}
"""Which kind reads a term, by what stands before and after its value."""
