"""The rules in force, by slot and by name, in as little room as a million of them need."""

from __future__ import annotations

from array import array
from typing import Final

import numpy as np

from bot.model import Rule
from bot.rules.index.keys import Keys
from bot.rules.index.table import Numbers
from bot.rules.plain import PlainReader
from bot.rules.read import read_text
from bot.rules.rule import CompiledRule, Names

_CACHE_SIZE: Final = 10_000
"""So many rules that were looked at lately stay read: 20 MB or so."""
_BETWEEN: Final = "\0"


class Shelf:
    """Keeps rules. A rule is given a slot; slots only grow.

    What was put in as text (`pack`) is kept as text and read when it is wanted; what was put in as
    a tree (`put`) is kept as a tree.
    """

    def __init__(self, names: Names | None = None) -> None:
        """Begin empty; `names` are what texts refer to."""
        self._names = names or Names()
        self._reader = PlainReader(self._names)
        self._rules: list[bytes | Rule | CompiledRule | None] = []
        self._slots: dict[str, int] = {}
        self._hashes = array("q")
        self._packed_names: Keys = np.zeros(0, np.uint64)
        self._packed_slots: Numbers = np.zeros(0, np.int32)
        self._cache: dict[int, CompiledRule] = {}

    def __len__(self) -> int:
        """Return how many slots were given."""
        return len(self._rules)

    def put(self, compiled: CompiledRule) -> int:
        """Keep a rule that was read, under its name, and return its slot."""
        self._rules.append(compiled)
        slot = len(self._rules) - 1
        self._slots[compiled.name] = slot
        return slot

    def pack(self, rule: Rule) -> int:
        """Keep a rule as its text and return its slot; `index_names` makes it known by name.

        Nothing is put in with `put` before that.
        """
        text = _BETWEEN.join((rule.name, rule.when, rule.unless))
        plain = text.count(_BETWEEN) == 2
        self._rules.append(text.encode(errors="surrogatepass") if plain else rule)
        self._hashes.append(hash(rule.name))
        return len(self._rules) - 1

    def index_names(self) -> list[int]:
        """Make all packed rules known by name; return the slots of those that a later one replaces.

        A name is one number here: a dict of a million names takes 180 MB.
        """
        keys = np.array(self._hashes, np.int64).view(np.uint64)
        self._hashes = array("q")
        order = np.argsort(keys, kind="stable")
        self._packed_names = keys[order]
        self._packed_slots = order.astype(np.int32)
        again = np.flatnonzero(self._packed_names[1:] == self._packed_names[:-1])
        return [int(order[n]) for n in again if self._is_replaced(int(order[n]))]

    def _is_replaced(self, slot: int) -> bool:
        found = self.slot(self.name(slot))
        return found is not None and found > slot

    def slot(self, name: str) -> int | None:
        """Return the slot of the rule of that name, None where there is none."""
        if name in self._slots:
            return self._slots[name]
        key = np.array([hash(name)], np.int64).view(np.uint64)[0]
        first = np.searchsorted(self._packed_names, key)
        last = np.searchsorted(self._packed_names, key, side="right")
        for slot in reversed(self._packed_slots[first:last].tolist()):
            if self._rules[slot] is not None and self.name(slot) == name:
                return int(slot)
        return None

    def remove(self, slot: int) -> None:
        """Forget a rule."""
        name = self.name(slot)
        if self._slots.get(name) == slot:
            del self._slots[name]
        self._rules[slot] = None
        self._cache.pop(slot, None)

    def name(self, slot: int) -> str:
        """Return the name of a rule."""
        kept = self._rules[slot]
        assert kept is not None, slot
        return _unpacked(kept)[0] if isinstance(kept, bytes) else kept.name

    def rule(self, slot: int) -> CompiledRule:
        """Return a rule, reading it anew if it was not looked at lately."""
        kept = self._rules[slot]
        assert kept is not None, slot
        if isinstance(kept, CompiledRule):
            return kept
        known = self._cache.get(slot)
        if known is None:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            known = self._cache[slot] = self._read(kept)
        return known

    def _read(self, kept: bytes | Rule) -> CompiledRule:
        rule = kept if isinstance(kept, Rule) else _rule_of(kept)
        return self._reader.tree(rule) or CompiledRule(
            rule,
            read_text(rule.when, self._names),
            read_text(rule.unless, self._names) if rule.unless.strip() else None,
        )


def _rule_of(kept: bytes) -> Rule:
    name, when, unless = _unpacked(kept)
    return Rule(name=name, title=name, when=when, unless=unless, to=())


def _unpacked(kept: bytes) -> list[str]:
    return kept.decode(errors="surrogatepass").split(_BETWEEN)
