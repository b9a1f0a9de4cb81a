"""The values of settings: what people may write, what is refused, and that no text is bent."""

from __future__ import annotations

from datetime import time, timedelta
from ipaddress import ip_network
from typing import Annotated, Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.settings.addresses import Contact, Network, WebAddress, endpoint
from bot.settings.files import FeedItem
from bot.settings.nouns import feed_id
from bot.settings.problems import Problem, Problems, nearest, suggestion
from bot.settings.schema import file_models
from bot.settings.values import (
    DatabaseFile,
    Duration,
    Name,
    TimeOfDay,
    TimeZone,
    at_least,
    duration_text,
    shown,
)
from bot.settings.wording import say
from bot.settings.yaml_lines import Document, read, written


def _read(kind: Any, text: str) -> Any:
    return TypeAdapter(kind).validate_python(text)


def _refusal(kind: Any, text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        _read(kind, text)
    what, advice = say(caught.value)
    return f"{what}. {advice}"


# --- Durations and times ----------------------------------------------------------------------


@given(st.integers(min_value=0, max_value=10_000_000).map(lambda n: timedelta(seconds=n)))
def test_a_duration_is_written_as_it_is_read(duration: timedelta) -> None:
    """Whatever duration is shown can be written back, and means the same."""
    assert _read(Duration, duration_text(duration)) == duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("6h", 21600),
        ("1d", 86400),
        ("1h30m", 5400),
        ("1 h 30 m", 5400),
        ("2H", 7200),
        ("0s", 0),
    ],
)
def test_durations_have_units(text: str, seconds: int) -> None:
    """Seconds, minutes, hours and days, alone or together."""
    assert _read(Duration, text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["90", "s", "-5m", "5 min", "1.5h", "PT5M", "5m!", "99999999999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A number without a unit, and any other way to write a time, gets an example."""
    told = _refusal(Duration, text)

    assert "90s, 5m, 6h, 1d" in told or "too long" in told


@given(st.text(max_size=30))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """No text makes the reading of a duration fail in another way."""
    try:
        found = _read(Duration, text)
    except ValidationError:
        found = timedelta()
    assert found >= timedelta()


def test_a_least_duration_is_named() -> None:
    """Who writes too short a time is told the shortest."""
    kind = Annotated[Duration, at_least(timedelta(minutes=1))]

    assert _read(kind, "60s") == timedelta(minutes=1)
    assert _refusal(kind, "59s") == "is too short: 59s. It must be 1m or more"


@given(hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_every_minute_of_the_day_can_be_written(hour: int, minute: int) -> None:
    """With a leading zero or without, with a colon or a dot."""
    assert _read(TimeOfDay, f"{hour}:{minute:02}") == time(hour, minute)
    assert _read(TimeOfDay, f"{hour:02}.{minute:02}") == time(hour, minute)


@pytest.mark.parametrize("text", ["24:00", "8", "8am", "08:60", "08:30:00", "-1:00", ""])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    """Other ways to write a time get an example."""
    told = _refusal(TimeOfDay, text)

    assert "08:00" in told or "is empty" in told


@pytest.mark.parametrize(
    ("text", "near"),
    [("Europe/Brussel", "Europe/Brussels"), ("europe/berlin", "Europe/Berlin"), ("utc", "UTC")],
)
def test_a_time_zone_is_suggested(text: str, near: str) -> None:
    """A typo in a time zone leads to the zone."""
    assert near in _refusal(TimeZone, text)


# --- Names and addresses ----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a", "red-line", "un.news_2", "007", "mañana", "制裁", "a" * 64])
def test_names_may_be_in_any_script(text: str) -> None:
    """A name is letters of any script, digits, hyphens, dots and underscores."""
    assert _read(Name, text) == text


@pytest.mark.parametrize("text", ["", " ", "red line", "-a", "a/b", "a" * 65, "@a", "a\nb", "a:b"])
def test_names_hold_nothing_that_chat_would_split(text: str) -> None:
    """What commands could not take as one word is refused."""
    told = _refusal(Name, text)

    assert "without spaces" in told or "is empty" in told


@pytest.mark.parametrize(
    "text",
    [
        "https://vale.example/feed?a=1",
        "http://vale.example:8080/",
        "https://[2001:db8::1]/feed",
        "https://новости.example/лента",
        "HTTPS://vale.example",
    ],
)
def test_addresses_of_the_web_are_taken_as_they_are(text: str) -> None:
    """Ports, IPv6, other scripts and capitals are all right in an address."""
    assert _read(WebAddress, f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "vale.example/feed",
        "ftp://vale.example/",
        "javascript:alert(1)",
        "https://",
        "https:///feed",
        "https://vale.example:99999/",
        "https://[::1/feed",
        "https://a b/feed",
        "feed://vale.example/",
        "ws://vale.example/",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(text: str) -> None:
    """Other schemes, and what has no host, get the forms that are right."""
    assert "https://" in _refusal(WebAddress, text)


@pytest.mark.parametrize("kind", [WebAddress, endpoint("https")])
def test_a_password_in_an_address_is_refused_and_not_shown(kind: Any) -> None:
    """Credentials do not stand in files; the refusal does not repeat them."""
    told = _refusal(kind, "https://ana:made-up@vale.example/")

    assert "made-up" not in told


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """No text makes the reading of an address fail in another way."""
    try:
        found = _read(WebAddress, text)
    except ValidationError:
        found = "https://refused"
    assert found.lower().startswith(("http://", "https://"))


def test_an_endpoint_has_its_own_schemes() -> None:
    """Gateways are spoken to over web sockets, interfaces over the web."""
    assert _read(endpoint("ws", "wss"), "wss://gateway.example/v10") == "wss://gateway.example/v10"
    assert "wss://" in _refusal(endpoint("ws", "wss"), "https://gateway.example")


@pytest.mark.parametrize("text", ["https://api.example/?token=made-up", "https://api.example/#x"])
def test_an_endpoint_is_one_that_paths_can_follow(text: str) -> None:
    """What follows a ? or # would swallow the name of each method; it may be a token too."""
    told = _refusal(endpoint("https"), text)

    assert "? or #" in told
    assert "made-up" not in told


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("vale.example/feed.xml", "https://vale.example/feed.xml"),
        ("//vale.example/feed", "https://vale.example/feed"),
        ("feed://vale.example/x", "https://vale.example/x"),
        ("feed:vale.example/x", "https://vale.example/x"),
        ("htp://vale.example/x", "http://vale.example/x"),
        ("htttps://vale.example/x", "https://vale.example/x"),
    ],
)
def test_an_address_without_its_scheme_is_completed(text: str, meant: str) -> None:
    """Who pastes half an address is shown the whole one."""
    assert f"Did you mean {meant}?" in _refusal(WebAddress, text)


@pytest.mark.parametrize(
    "text", ["ana:made-up@vale.example/x", "https//ana:made-up@vale.example", "htps://a:made-up@b"]
)
def test_a_password_before_a_mistake_is_not_shown(text: str) -> None:
    """Also what is no address may hold a password before its @."""
    assert "made-up" not in _refusal(WebAddress, text)


@pytest.mark.parametrize("host", ["a..example", "a" * 70 + ".example", "-\\.example"])
def test_a_host_that_cannot_be_is_refused(host: str) -> None:
    """An address that no fetch could follow is told where it is written."""
    assert "name of the host" in _refusal(WebAddress, f"https://{host}/feed")


def test_an_address_that_is_too_long_is_refused() -> None:
    """No longer address is ever fetched."""
    assert "2,000" in _refusal(WebAddress, "https://vale.example/" + "a" * 2_000)


@pytest.mark.parametrize(
    ("text", "meant"), [("5 minutes", "5m"), ("1 hour", "1h"), ("30 sec", "30s"), ("2days", "2d")]
)
def test_a_duration_in_words_is_shown_in_letters(text: str, meant: str) -> None:
    """Who writes a unit in full is shown how it is written here."""
    assert f"Did you mean {meant}?" in _refusal(Duration, text)


@pytest.mark.parametrize("text", ["postgresql://redline:made-up@db/redline", "sqlite:///x.db"])
def test_a_database_is_a_file(text: str) -> None:
    """The address of a database server is refused, and its password is not shown."""
    told = _refusal(DatabaseFile, text)

    assert "path of a file" in told
    assert "made-up" not in told


@pytest.mark.parametrize("text", ["https://vale.example/bot", "press@vale.example"])
def test_a_contact_is_a_page_or_a_mail_address(text: str) -> None:
    """Both can stand in a User-Agent."""
    assert _read(Contact, text) == text


@pytest.mark.parametrize("text", ["ana", "press@vale", "a b@vale.example", "https://välé.example/"])
def test_a_contact_that_a_header_cannot_carry_is_refused(text: str) -> None:
    """A header is one line of ASCII; a contact that is none of both is no help to publishers."""
    assert _refusal(Contact, text)


@pytest.mark.parametrize("text", ["10.1.2.0/24", "192.168.7.9", "fd00:1234::/48", "FD00:0::/32"])
def test_networks_are_of_both_kinds(text: str) -> None:
    """IPv4 and IPv6, a single address too, however it is spelt."""
    assert _read(Network, text) == ip_network(text)


@pytest.mark.parametrize("text", ["10.1.2.3/24", "10.0.0.0/99", "localhost", "", "10.1.2", "*"])
def test_what_is_no_network_is_refused(text: str) -> None:
    """A name, a pattern, and an address within a network get the right form."""
    assert _refusal(Network, text)


@given(
    host=st.from_regex(r"(www\.)?[a-z]{1,12}\.(com|org|example)", fullmatch=True),
    path=st.from_regex(r"(/[a-zа-я0-9_.-]{0,30}){0,5}", fullmatch=True),
)
def test_an_address_makes_an_id(host: str, path: str) -> None:
    """The id that is made of an address is a name, and the same each time."""
    item = FeedItem(url=f"https://{host}{path}")

    made = feed_id(item)

    assert _read(Name, made) == made
    assert feed_id(FeedItem(url=item.url)) == made


def test_an_address_of_common_words_makes_an_id_too() -> None:
    """Where nothing telling is left, the whole address is the id."""
    assert feed_id(FeedItem(url="https://www.com/rss.xml")) == "www-com-rss-xml"


# --- Suggestions ------------------------------------------------------------------------------


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


ALL_KEYS = sorted(set().union(*(_keys(model) for model in file_models(()).values())))


@given(data=st.data())
def test_one_slip_in_a_key_still_leads_to_it(data: st.DataObject) -> None:
    """A letter left out, doubled or exchanged with its neighbour is no hindrance."""
    keys = sorted(_keys(FeedItem))
    key = data.draw(st.sampled_from([key for key in keys if len(key) >= 4]))
    place = data.draw(st.integers(0, len(key) - 2))
    slips = (
        key[:place] + key[place + 1 :],
        key[:place] + key[place] + key[place:],
        key[:place] + key[place + 1] + key[place] + key[place + 2 :],
    )
    slip = data.draw(st.sampled_from(slips))
    assume(slip not in keys)

    assert nearest(slip, keys) == key


def test_what_is_like_nothing_gets_the_whole_list() -> None:
    """A word far from all is answered with what there is."""
    assert nearest("zzz", ALL_KEYS) is None
    assert suggestion("zzz", ["b", "a"]) == "Known are: a, b"
    assert suggestion("zzz", []) == ""


def test_long_values_are_shown_short() -> None:
    """A message stays readable whatever it quotes."""
    assert shown("word") == "word"
    assert shown("two words") == "'two words'"
    assert shown("") == "''"
    assert len(shown("x" * 1000)) == 60


# --- Lines ------------------------------------------------------------------------------------

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
_TREE = st.recursive(
    _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=10,
)


class _Plain(yaml.SafeDumper):
    """Write each part out, however often it occurs."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dumped(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_Plain, allow_unicode=True, sort_keys=False))


@given(data=st.dictionaries(_TEXT, _TREE, min_size=1))
def test_text_is_read_as_it_was_written(data: dict[str, Any]) -> None:
    """No word is bent on the way: not no, not 08:30, not 1e3, not 0x1F, not ~ in quotes."""
    document = read("x.yaml", _dumped(data).encode("utf-8"))

    assert document.problems == []
    assert document.data == data


@given(
    data=st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), _TEXT, min_size=1),
        min_size=1,
    )
)
def test_every_key_knows_its_line(data: dict[str, dict[str, str]]) -> None:
    """The line and column of a key are where the file has it."""
    text = _dumped(data)
    document = read("x.yaml", text.encode("utf-8"))
    lines = text.splitlines()

    for path, mark in document.marks.items():
        if path:
            assert lines[mark.line - 1][mark.column - 1 :].lstrip("'").startswith(str(path[-1]))


def test_a_byte_order_mark_and_windows_lines_are_no_hindrance() -> None:
    """Files of an editor on Windows are read, with the right lines."""
    document = read("x.yaml", b"\xef\xbb\xbfa: 1\r\nb:\r\n  - c\r\n")

    assert document.data == {"a": "1", "b": ["c"]}
    assert document.marks["b", 0].line == 3


def test_a_path_is_written_as_people_count() -> None:
    """Items are counted from 1."""
    assert written(("rules", 1, "to", 0)) == "rules[2].to[1]"
    assert written(()) == ""


def test_a_problem_lies_where_its_nearest_known_part_lies() -> None:
    """What has no place of its own is shown at that of what it lies in."""
    document = read("x.yaml", b"rules:\n  - name: a\n")

    inside = document.problem(("rules", 0, "to"), "is missing")
    nowhere = Document("x.yaml").problem(("rules",), "is missing")

    assert (inside.line, inside.column) == (2, 5)
    assert (nowhere.line, nowhere.column) == (None, None)


def test_a_problem_is_one_readable_text() -> None:
    """Place, key, what, advice, and the lines that show it; a secret in it is not shown."""
    problem = Problem(
        file="a.yaml",
        line=3,
        column=5,
        key="rules[1].when",
        what="is odd: xoxb-1111-made-up",
        advice="Mend it",
        quote="a b\n  ^",
    )

    assert str(problem) == "a.yaml:3:5: rules[1].when is odd: ***. Mend it\n    a b\n      ^"


def test_problems_are_told_in_the_order_of_files_and_lines() -> None:
    """However they were found, they are told as a person reads; one for each key of a place."""
    found = Problems()
    found.add(
        Problem(file="b.yaml", what="second", line=1, key="k"),
        Problem(file="b.yaml", what="said again", line=1, key="k"),
        Problem(file="a.yaml", what="late", line=10),
        Problem(file="a.yaml", what="early", line=9),
    )
    found.warn(Problem(file="a.yaml", what="odd"))

    assert [problem.what for problem in found] == ["early", "late", "second"]
    assert [problem.what for problem in found.warnings] == ["odd"]
