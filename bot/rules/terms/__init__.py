"""The kinds of terms, one a file, registered here."""

from __future__ import annotations

from bot.rules.kinds import Kind
from bot.rules.terms import exact, keyword, prefix

KINDS: tuple[Kind, ...] = (keyword.KIND, exact.KIND, prefix.KIND)
"""All kinds of terms. A new one is a new file here, a line there, and a YAML case."""

READS: dict[tuple[str, str], Kind] = {
    (lead, kind.tail): kind for kind in KINDS for lead in kind.leads
}
"""Which kind reads a term, by what stands before and after its value."""
