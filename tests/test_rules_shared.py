"""The rules, measured on the team's data folder; the tests skip where it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.rules.match import match_article
from tests.rules_desk import a_rule, an_article

TABLE = Path(__file__).parent / "cases" / "rules" / "shared" / "rafah.yaml"
CASES = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["cases"]


def test_half_of_the_forty_rules_must_not_fire() -> None:
    """The table asks as often for silence as for an alert."""
    assert [case["fires"] for case in CASES].count(True) == 20
    assert len(CASES) == 40


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["rule"])[:60])
def test_a_rule_fires_on_the_article_exactly_where_it_should(
    shared: Path, case: dict[str, object]
) -> None:
    """Each of forty rules gets its verdict for the article this product was first asked for."""
    text = (shared / "data" / "articles" / "rafah-red-line.txt").read_text(encoding="utf-8")

    matches = match_article([a_rule(str(case["rule"]))], an_article(text))

    assert bool(matches) is case["fires"]
