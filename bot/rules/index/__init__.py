"""The index: which of very many rules an article is worth a look for.

It proposes and never decides. What a rule needs (`needs`) is looked up by keys (`keys`, `table`) in
flat numbers (`draft`, `segment`); `live` keeps edits in force while the large part is built anew;
`shelf` keeps the rules themselves.
"""

from bot.rules.index.draft import Gatherer
from bot.rules.index.live import FOLD_FROM, Folding, Index
from bot.rules.index.needs import Clauses, needs_of

__all__ = ["FOLD_FROM", "Clauses", "Folding", "Gatherer", "Index", "needs_of"]
