"""What people type for the address of a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OrderError
from bot.feeds.addresses import by_convention, over_http, read_address, well_known
from bot.text import safe_link

CASE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "feeds" / "discover" / "addresses.yaml").read_text("utf-8")
)


@pytest.mark.parametrize(("typed", "meant"), CASE["read"].items())
def test_what_people_type_is_understood(typed: str, meant: str) -> None:
    """A scheme may be missing, and what other programs add is taken off."""
    assert read_address(typed) == meant


@pytest.mark.parametrize(("typed", "why"), CASE["refused"].items())
def test_what_is_no_address_is_refused_in_words(typed: str, why: str) -> None:
    """The refusal says what is wrong and what to do; a password is not repeated."""
    with pytest.raises(OrderError) as refused:
        read_address(typed)

    assert why in refused.value.problem
    assert refused.value.advice
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("page", "feed"), CASE["certain"].items())
def test_some_publishers_have_one_rule_for_all_feeds(page: str, feed: str) -> None:
    """Where the rule is certain, the feed of a page is known without looking."""
    assert by_convention(page) == feed


@pytest.mark.parametrize("page", CASE["uncertain"])
def test_without_a_rule_the_page_is_asked(page: str) -> None:
    """No rule is made up for pages that only look alike."""
    assert by_convention(page) is None


def test_usual_places_begin_below_the_page() -> None:
    """Below a section its own feed comes first, then the front page, then the site's."""
    tried = well_known("https://gazette.example/news/")

    assert tried[:3] == (
        "https://gazette.example/news/feed",
        "https://gazette.example/",
        "https://gazette.example/feed",
    )
    assert well_known("https://gazette.example")[0] == "https://gazette.example/feed"


def test_only_https_has_another_way() -> None:
    """A site without https is tried again without it, once."""
    assert over_http("https://old.example/") == "http://old.example/"
    assert over_http("http://old.example/") is None


@given(st.text(max_size=80) | st.from_regex(r"(https?://)?[\w.:@/\[\]|<>#-]{1,60}", fullmatch=True))
def test_whatever_is_typed_is_a_safe_address_or_refused(typed: str) -> None:
    """Nothing that a person types becomes an address of another kind, or keeps a password."""
    try:
        address = read_address(typed)
    except OrderError:
        return

    assert address.startswith(("http://", "https://"))
    assert "@" not in address.partition("://")[2].partition("/")[0]
    assert safe_link(address) == address
    assert by_convention(address) is None or str(by_convention(address)).startswith("https://")
