"""Watch rules: the language, the kinds of terms, and the matching.

Who uses rules needs `Names` (what they may refer to), `read_rule`, and a `Matcher` of the rules
that were read. `parse` and `write` are for who shows or edits a rule's text.
"""

from bot.rules.match import Matcher, match_article
from bot.rules.read import read_rule, read_rules
from bot.rules.rule import CompiledRule, Names
from bot.rules.syntax import parse, write

__all__ = [
    "CompiledRule",
    "Matcher",
    "Names",
    "match_article",
    "parse",
    "read_rule",
    "read_rules",
    "write",
]
