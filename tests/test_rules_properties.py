"""What must hold of the language for all rules and all texts."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import RuleError
from bot.model import Field
from bot.rules.fold import folded_words
from bot.rules.match import match_article
from bot.rules.normal import normalise
from bot.rules.phrase import phrases_of
from bot.rules.rule import (
    And,
    AtLeast,
    Count,
    Near,
    Node,
    Not,
    Or,
    Scope,
    Scoped,
    Term,
    With,
    children,
)
from bot.rules.syntax import parse, write
from tests.rules_desk import a_rule, an_article

VALUES = st.text(st.sampled_from('ab Zé"\\()/*+-:=@,.“”0OR红'), min_size=1, max_size=8)
LEADS = st.sampled_from(["", "=", "name", "name.strict", "place", "source", "tier", "lang"])
TAILS = st.sampled_from(["", "", "*", "+"])
TERMS = st.one_of(
    st.builds(Term, LEADS, VALUES, TAILS),
    st.builds(Term, st.just("@"), st.from_regex(r"[a-z][\w-]{0,5}", fullmatch=True)),
    st.builds(Term, st.just("/"), st.from_regex(r"[a-z.?]{1,6}", fullmatch=True)),
)
NUMBERS = st.integers(0, 99)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Not, nodes),
        st.builds(Near, nodes, nodes, NUMBERS, st.booleans()),
        st.builds(With, nodes, nodes),
        st.builds(AtLeast, NUMBERS, several),
        st.builds(Count, nodes, NUMBERS),
        st.builds(Scoped, st.sampled_from(Scope), nodes),
    )


TREES: st.SearchStrategy[Node] = st.recursive(TERMS, _grown, max_leaves=8)


@given(TREES)
def test_what_is_written_reads_back_the_same(tree: Node) -> None:
    """The canonical text of any rule is read as that rule."""
    assert parse(write(tree)) == tree


@given(TREES)
def test_spans_point_at_the_text_of_a_clause(tree: Node) -> None:
    """The caret of an error stands under the clause it is about."""
    text = write(tree)

    waiting = [parse(text)]
    while waiting:
        node = waiting.pop()
        waiting.extend(children(node))
        assert 0 <= node.span.start < node.span.end <= len(text)
        if isinstance(node, Term):
            assert parse(text[node.span.start : node.span.end]) == node


_PIECES = (
    'AND OR NOT - ( ) " “ NEAR/3 NEAR WITH , name: place: title: /a+/ / @x count( = * + grain Joe '
    "\\ \x00 é 红线 tier: lang:en source: … U.S. 9 >=2 >= OF"
)
PIECES = st.sampled_from(_PIECES.split(" "))
RULE_TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=12).map(" ".join))


def _refusal(text: str) -> RuleError | None:
    try:
        a_rule(text)
    except RuleError as error:
        return error
    return None


@settings(deadline=None)
@given(RULE_TEXTS)
def test_no_text_breaks_the_reading(text: str) -> None:
    """Whatever somebody writes as a rule is read or refused with a place in it."""
    error = _refusal(text)

    if error is not None:
        assert 0 <= error.start <= error.end <= len(error.source)
        assert error.problem
        assert error.caret()


_WORDS = (
    "red Red lines red-line redline U.S. US us Schröder Schroeder O’Gorman minister’s “line” "
    "32,000 Straße 红线 رَفَح WHO who crisis cease-fire ceasefire line. line, — e\u0301t\u00e9 "
    "I\u0307stanbul _x_ israelis policies"
)
WORDS = st.sampled_from(_WORDS.split(" "))
TEXTS = st.lists(WORDS, max_size=14).map(" ".join)
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.lists(PHRASES, min_size=1, max_size=3))
def test_evidence_is_the_articles_own_words(title: str, text: str, phrases: list[str]) -> None:
    """Evidence gives the place and the very characters of a word that folds to what was sought."""
    article = an_article(text, title)
    terms = [phrase for phrase in phrases if phrases_of(phrase)]
    rules = [a_rule(write(Term("", phrase))) for phrase in terms if phrase.lower() != "a"]

    for match in match_article(rules, article):
        for evidence in match.evidence:
            source = title if evidence.field is Field.TITLE else text
            assert source[evidence.start : evidence.end] == evidence.text
            sought = parse(evidence.term)
            assert isinstance(sought, Term)
            alone = normalise(an_article(evidence.text))
            assert any(phrase in alone.folded for phrase in phrases_of(sought.value))


@settings(deadline=None)
@given(TEXTS)
def test_every_position_leads_back_to_its_word(text: str) -> None:
    """Each word of the folded text, second readings included, stands for words of the article."""
    normal = normalise(an_article(text))

    words = [word for word in normal.folded.split(" ") if word not in {"", ";", "|"}]
    assert len(words) == len(normal.firsts) == len(normal.lasts) == len(normal.offsets) - 1
    for word, first, last, offset in zip(
        words, normal.firsts, normal.lasts, normal.offsets, strict=False
    ):
        assert normal.folded.startswith(f" {word} ", offset)
        hit = normal.hit(first, last)
        _, alone = folded_words(text[hit.start : hit.end])
        forms = {form for one in alone for form in (one.word, one.other)}
        assert word in forms or word == "".join(one.word for one in alone)


LETTERS = "abcdefg"
SIMPLE = st.sampled_from([f"{letter}x" for letter in LETTERS])
SIMPLE_TERMS = st.builds(Term, st.just(""), SIMPLE)
SIMPLE_TREES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        SIMPLE_TERMS,
        st.builds(Near, SIMPLE_TERMS, SIMPLE_TERMS, st.integers(0, 4), st.booleans()),
        st.builds(With, SIMPLE_TERMS, SIMPLE_TERMS),
        st.builds(Count, SIMPLE_TERMS, st.integers(1, 3)),
    ),
    lambda nodes: st.one_of(
        st.builds(And, st.lists(nodes, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(nodes, min_size=2, max_size=3).map(tuple)),
        st.builds(Not, nodes),
        st.builds(AtLeast, st.integers(1, 2), st.lists(nodes, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def _plainly(node: Node, words: list[str]) -> bool:
    """A second, deliberately simple evaluator, over words and full stops."""
    match node:
        case Term():
            return node.value in words
        case Count(part=Term() as term):
            return words.count(term.value) >= node.number
        case Near(left=Term() as left, right=Term() as right):
            return _plainly_near([w for w in words if w != "."], left.value, right.value, node)
        case With(left=Term() as left, right=Term() as right):
            sentences = " ".join(words).split(".")
            return any(_both(sentence.split(), left.value, right.value) for sentence in sentences)
    held = [_plainly(part, words) for part in children(node)]
    wanted = {And: len(held), Or: 1, AtLeast: getattr(node, "number", 0)}
    return held == [False] if isinstance(node, Not) else held.count(True) >= wanted[type(node)]


def _plainly_near(words: list[str], left: str, right: str, node: Near) -> bool:
    for i, one in enumerate(words):
        for j, other in enumerate(words):
            in_order = i < j or (not node.ordered and j < i)
            if (one, other) == (left, right) and in_order and abs(i - j) - 1 <= node.words:
                return True
    return False


def _both(words: list[str], left: str, right: str) -> bool:
    return words.count(left) > (left == right) and right in words


@settings(deadline=None, max_examples=300)
@given(SIMPLE_TREES, st.lists(st.one_of(SIMPLE, SIMPLE, SIMPLE, st.just(".")), max_size=16))
def test_rules_hold_as_a_simple_evaluator_says(tree: Node, words: list[str]) -> None:
    """Booleans, nearness, sentences and counts mean what they say."""
    text = " ".join(word.capitalize() if n % 2 else word for n, word in enumerate(words))
    text = re.sub(r" \.", ".", text)
    refusal = _refusal(write(tree))
    if refusal is not None:
        assert re.search("can never|only says|everything", refusal.problem)
        return
    compiled = a_rule(write(tree))
    article = an_article(text)
    if len(article.sentences) != len([s for s in " ".join(words).split(".") if s.strip()]):
        return

    assert bool(match_article([compiled], article)) is _plainly(tree, words)
