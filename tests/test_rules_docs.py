"""The page that teaches the language: what it shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.model import Tier
from bot.rules.syntax import parse
from tests.rules_desk import a_rule, an_article, matched

PAGE = (Path(__file__).parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^\d+\. .+\n +`(.+)`\n +- finds: (.+)\n +- not: (.+)$", PAGE, flags=re.MULTILINE
)


def test_the_page_has_ten_examples() -> None:
    """A newcomer learns the language from ten rules that a policy team would write."""
    assert len(EXAMPLES) == 10


@pytest.mark.parametrize(("rule", "finds", "leaves"), EXAMPLES, ids=lambda text: text[:30])
def test_an_example_finds_what_it_says(rule: str, finds: str, leaves: str) -> None:
    """Each example holds for the text below it, and not for the other."""
    title = finds if rule.startswith("title:") else ""
    other = leaves if rule.startswith("title:") else ""

    assert matched(rule, an_article(finds, title, tier=Tier.WIRE))
    assert not matched(rule, an_article(leaves, other, tier=Tier.WIRE))


def test_every_form_in_the_tables_can_be_read() -> None:
    """No form on the page is one that the language refuses."""
    cells = re.findall(r"^\| (`.+?`) \|", PAGE.replace("\\|", "¦"), flags=re.MULTILINE)
    forms = [form for cell in cells for form in re.findall(r"`([^`]+)`", cell) if form != "( )"]

    assert len(forms) > 20
    for form in forms:
        parse(form.replace("¦", "|"))


def test_the_rule_of_the_page_s_head_can_be_read() -> None:
    """The first rule a reader sees is a rule."""
    when = re.search(r"when: (.+)", PAGE)
    unless = re.search(r"except: (.+)", PAGE)

    assert when is not None
    assert unless is not None
    a_rule(when.group(1), unless.group(1))
