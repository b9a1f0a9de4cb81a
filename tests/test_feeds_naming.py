"""The ids of feeds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.naming import LONGEST_ID, free_id, id_of_address

ADDRESS = "https://www.harbour.example/notices/rss.xml"


def test_an_address_gives_its_feed_a_telling_id() -> None:
    """What stands in every address says nothing, unless there is nothing else."""
    assert id_of_address(ADDRESS) == "harbour-example-notices"
    assert id_of_address("https://www.com/") == "www-com"


def test_an_id_that_is_taken_gets_a_number() -> None:
    """Two feeds never share the id on which their memory hangs."""
    first = id_of_address(ADDRESS)

    assert free_id(ADDRESS, ()) == first
    assert free_id(ADDRESS, {first}) == f"{first}-2"
    assert free_id(ADDRESS, {first, f"{first}-2"}) == f"{first}-3"


@given(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=90), st.integers(0, 9))
def test_every_id_is_free_and_short(path: str, taken: int) -> None:
    """However long an address is, its id has 64 characters at most and nobody else's name."""
    url = f"https://harbour.example/{path}"
    names: set[str] = set()
    for _ in range(taken):
        names.add(free_id(url, names))

    name = free_id(url, names)

    assert len(names) == taken
    assert name not in names
    assert len(name) <= LONGEST_ID
