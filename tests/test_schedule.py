"""When a feed is polled next, and what each outcome of a poll leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.schedule import (
    LAST_RETRY,
    LONGEST,
    SHORTEST,
    UNDATED,
    Brought,
    Pace,
    after_body,
    after_failure,
    after_nonsense,
    after_outage,
    after_unchanged,
    back_off,
    body_hash,
    interval_for,
    is_known,
    polite,
)
from bot.feeds.weather import Weather
from bot.model import (
    Entry,
    Feed,
    FeedState,
    Fetched,
    FetchFailure,
    FetchTrouble,
    NotModified,
    ParsedFeed,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OLD, NEW = "https://courier.example/feed", "https://courier.example/feeds/all"
FEED = Feed(id="courier", url=OLD, title="Harbour Courier")
STATE = FeedState(
    feed_id="courier",
    address=OLD,
    next_poll_at=NOW,
    etag='"v1"',
    last_modified="Mon, 02 Mar 2026 08:00:00 GMT",
    body_hash=body_hash(b"yesterday"),
    baseline_done=True,
    last_polled_at=NOW - HOUR,
    last_success_at=NOW - HOUR,
    last_new_at=NOW - DAY,
    interval_seconds=1800,
)
jitters = st.floats(min_value=0, max_value=1, exclude_max=True)


def fetched(**more: object) -> Fetched:
    """Return what a publisher sent."""
    usual = Fetched(
        url=OLD,
        final_url=OLD,
        status=200,
        content_type="application/rss+xml",
        body=b"today",
        fetched_at=NOW,
        etag='"v2"',
        last_modified="Mon, 02 Mar 2026 08:59:00 GMT",
    )
    return replace(usual, **more)  # type: ignore[arg-type]  # the fields of Fetched


def brought(*dates: datetime, found_new: bool = True, **more: object) -> Brought:
    """Return a feed whose entries have these dates."""
    entries = tuple(
        Entry(guid=str(n), link=None, title="", published_at=d) for n, d in enumerate(dates)
    )
    ttl = more.pop("ttl", None)
    assert ttl is None or isinstance(ttl, timedelta)
    parsed = ParsedFeed(title="Harbour Courier", link=None, entries=entries, ttl=ttl)
    return Brought(fetched=fetched(**more), parsed=parsed, found_new=found_new)


def failed(trouble: FetchTrouble = FetchTrouble.STATUS, **more: object) -> FetchFailure:
    """Return a fetch that brought no body."""
    usual = FetchFailure(url=OLD, trouble=trouble, why="it is broken", fetched_at=NOW, status=500)
    return replace(usual, **more)  # type: ignore[arg-type]  # the fields of FetchFailure


def every(span: timedelta, times: int) -> list[datetime]:
    """Return dates that lie `span` apart, the newest a moment ago."""
    return [NOW - span * n - timedelta(seconds=1) for n in range(times)]


# --- The interval -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([], UNDATED),
        ([NOW - 8 * DAY], LONGEST),
        (every(DAY, 30), LONGEST),  # 7 a week: 6 hours
        (every(HOUR, 300), timedelta(minutes=15)),  # 168 a week: 15 minutes
        (every(2 * HOUR, 300), timedelta(minutes=30)),
        (every(MINUTE, 60 * 24 * 8), SHORTEST),
        (every(HOUR, 14), timedelta(minutes=14)),  # its window is half a day: one an hour
        ([NOW + 5 * DAY] * 10, SHORTEST),  # dated in the future: as if just now
    ],
)
def test_a_feed_is_polled_four_times_for_each_entry_to_be_expected(
    dates: list[datetime], expected: timedelta
) -> None:
    """The busier a feed is, the oftener it is polled, from six hours down to five minutes."""
    assert abs(interval_for(dates, NOW) - expected) < MINUTE


@given(st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), max_size=50))  # noqa: DTZ001 - hypothesis wants bare bounds
def test_no_dates_lead_out_of_the_bounds(dates: list[datetime]) -> None:
    """Whatever a publisher writes, a feed is polled every five minutes to six hours."""
    assert SHORTEST <= interval_for([d.replace(tzinfo=UTC) for d in dates], NOW) <= LONGEST


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([None, None], 30 * MINUTE),
        ([10 * MINUTE, None], 30 * MINUTE),
        ([None, 2 * HOUR], 2 * HOUR),
        ([3 * HOUR, 2 * HOUR], 3 * HOUR),
        ([12 * HOUR], 12 * HOUR),
        ([365 * DAY], DAY),
    ],
)
def test_a_publisher_may_ask_for_longer_intervals_up_to_a_day(
    asked: list[timedelta | None], expected: timedelta
) -> None:
    """A feed is never polled before its ttl or max-age is over; of a year a day is heard."""
    assert polite(30 * MINUTE, asked) == expected


# --- A body -------------------------------------------------------------------------------------


def test_a_feed_that_dates_changes_alone_has_its_pace() -> None:
    """Atom need not say when an entry was published; when it changed tells as much."""
    body = brought(*every(HOUR, 300))
    entries = tuple(
        replace(entry, published_at=None, updated_at=entry.published_at)
        for entry in body.parsed.entries
    )
    changed = replace(body, parsed=replace(body.parsed, entries=entries))

    assert after_body(STATE, FEED, changed, 0.0) == after_body(STATE, FEED, body, 0.0)


def test_a_body_renews_everything_that_the_next_poll_needs() -> None:
    """Validators, hash, baseline and times are those of the body whose entries were stored."""
    state = replace(
        STATE, failures=3, failing_since=NOW - DAY, last_error="gone", baseline_done=False
    )

    after = after_body(state, FEED, brought(*every(HOUR, 300)), 0.0)

    assert abs(after.next_poll_at - (NOW + 15 * MINUTE)) < MINUTE
    assert after == replace(
        STATE,
        next_poll_at=after.next_poll_at,
        etag='"v2"',
        last_modified="Mon, 02 Mar 2026 08:59:00 GMT",
        body_hash=body_hash(b"today"),
        baseline_done=True,
        last_polled_at=NOW,
        last_success_at=NOW,
        last_new_at=NOW,
        failures=0,
        failing_since=None,
        last_error=None,
        interval_seconds=after.interval_seconds,
    )


def test_a_body_without_anything_new_leaves_the_time_of_the_last_news() -> None:
    """When a feed last had news is not when it last had a body."""
    after = after_body(STATE, FEED, brought(NOW, found_new=False), 0.0)

    assert after.last_new_at == STATE.last_new_at


def test_ttl_and_max_age_of_a_body_are_both_heeded() -> None:
    """The longer of the two wishes counts, and it counts for the polls that follow too."""
    busy = every(HOUR, 300)
    by_ttl = after_body(STATE, FEED, brought(*busy, ttl=2 * HOUR), 0.0)
    by_age = after_body(STATE, FEED, brought(*busy, ttl=HOUR, max_age=3 * HOUR), 0.0)

    assert by_ttl.next_poll_at == NOW + 2 * HOUR
    assert by_age.next_poll_at == NOW + 3 * HOUR
    assert by_age.interval_seconds == 3 * 3600


def test_the_bounds_of_the_settings_hold() -> None:
    """A busy feed is polled as often as the settings allow, a quiet one as rarely."""
    pace = Pace(shortest=MINUTE, longest=2 * HOUR)
    busy = after_body(STATE, FEED, brought(*every(MINUTE, 20_000)), 0.0, pace)
    quiet = after_body(STATE, FEED, brought(NOW - 8 * DAY), 0.0, pace)
    unchanged = after_unchanged(busy, FEED, NotModified(url=OLD, fetched_at=NOW), 0.0, pace)

    assert busy.next_poll_at == unchanged.next_poll_at == NOW + MINUTE
    assert quiet.next_poll_at == NOW + 2 * HOUR


def test_an_interval_of_the_settings_is_the_interval() -> None:
    """Whoever looks after a feed knows better than its dates."""
    feed = replace(FEED, interval=2 * MINUTE)

    assert after_body(STATE, feed, brought(NOW, ttl=HOUR), 0.0).next_poll_at == NOW + 2 * MINUTE
    unchanged = after_unchanged(STATE, feed, NotModified(url=OLD, fetched_at=NOW), 0.0)
    assert unchanged.next_poll_at == NOW + 2 * MINUTE


@given(jitters)
def test_jitter_makes_a_poll_later_and_never_earlier(jitter: float) -> None:
    """Feeds are spread over a tenth of their interval; no wish of a publisher is cut short."""
    after = after_body(STATE, FEED, brought(ttl=2 * HOUR), jitter)

    assert 2 * HOUR <= after.next_poll_at - NOW <= 2 * HOUR * 1.1


# --- Nothing new --------------------------------------------------------------------------------


def test_an_unchanged_feed_keeps_its_interval_and_its_validators() -> None:
    """A 304 has no dates; the interval is that of the last body."""
    answer = NotModified(url=OLD, fetched_at=NOW)

    after = after_unchanged(replace(STATE, failures=2, last_error="gone"), FEED, answer, 0.0)

    assert after == replace(
        STATE, next_poll_at=NOW + 30 * MINUTE, last_polled_at=NOW, last_success_at=NOW
    )


def test_unchanged_feeds_do_not_drift() -> None:
    """A thousand unchanged polls leave the interval where it was."""
    state = STATE
    for _ in range(1000):
        state = after_unchanged(state, FEED, NotModified(url=OLD, fetched_at=NOW), 0.9)

    assert state.interval_seconds == 1800


def test_an_unchanged_answer_may_ask_for_more_time() -> None:
    """The max-age of a 304 is heeded as that of a body is."""
    answer = NotModified(url=OLD, fetched_at=NOW, max_age=4 * HOUR)

    assert after_unchanged(STATE, FEED, answer, 0.0).next_poll_at == NOW + 4 * HOUR


def test_a_known_body_is_recognised_and_brings_its_new_validators() -> None:
    """A server that gives the same body under a new ETag need not be parsed again."""
    same = fetched(body=b"yesterday")

    assert is_known(STATE, same)
    assert not is_known(STATE, fetched())
    assert not is_known(replace(STATE, body_hash=None), same)
    after = after_unchanged(STATE, FEED, same, 0.0)
    assert (after.etag, after.body_hash) == ('"v2"', STATE.body_hash)


# --- Failures -----------------------------------------------------------------------------------


def test_back_off_begins_at_15_minutes_doubles_and_stays_at_a_day() -> None:
    """A feed that fails is asked ever more rarely, and it is asked for ever."""
    waits = [back_off(failures, 0.0) for failures in range(1, 10)]

    assert waits == [timedelta(minutes=15 * 2**n) for n in range(7)] + [DAY, DAY]
    assert back_off(1_000_000, 0.99) == LAST_RETRY


@given(st.integers(1, 10_000), jitters)
def test_back_off_keeps_its_bounds(failures: int, jitter: float) -> None:
    """Whatever the count, the next try comes after 15 minutes and within a day."""
    assert timedelta(minutes=15) <= back_off(failures, jitter) <= DAY


def test_a_failure_leaves_what_was_seen_and_says_why() -> None:
    """Validators, hash and baseline stay; the reason and the beginning of the trouble are kept."""
    first = after_failure(STATE, failed(), 0.0)
    later = after_failure(first, failed(fetched_at=NOW + HOUR, why="it is gone"), 0.0)

    assert first == replace(
        STATE,
        next_poll_at=NOW + 15 * MINUTE,
        last_polled_at=NOW,
        failures=1,
        failing_since=NOW,
        last_error="it is broken",
    )
    assert (later.failures, later.failing_since, later.last_error) == (2, NOW, "it is gone")
    assert later.next_poll_at == NOW + HOUR + 30 * MINUTE


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [(5 * MINUTE, 15 * MINUTE), (2 * HOUR, 2 * HOUR), (10 * DAY, DAY), (None, 15 * MINUTE)],
)
def test_a_publisher_that_asks_for_rest_gets_it_up_to_a_day(
    retry_after: timedelta | None, expected: timedelta
) -> None:
    """Retry-After lengthens the wait; it cannot stop a feed."""
    failure = failed(FetchTrouble.RATE_LIMITED, status=429, retry_after=retry_after)

    assert after_failure(STATE, failure, 0.0).next_poll_at == NOW + expected


def test_a_server_that_cannot_answer_our_validators_is_asked_without_them() -> None:
    """After an answer that is no HTTP the body is asked for; other failures keep the validators."""
    broken = after_failure(STATE, failed(FetchTrouble.BROKEN, status=None), 0.0)
    gone = after_failure(STATE, failed(), 0.0)

    assert (broken.etag, broken.last_modified) == (None, None)
    assert (broken.body_hash, broken.baseline_done) == (STATE.body_hash, True)
    assert (gone.etag, gone.last_modified) == (STATE.etag, STATE.last_modified)


def test_an_outage_of_our_own_does_not_lengthen_the_wait() -> None:
    """Where nobody can be reached, a feed is asked every 15 minutes, and fails all the while."""
    state = STATE
    for number in range(40):
        outage = failed(FetchTrouble.UNREACHABLE, status=None, fetched_at=NOW + number * HOUR)
        state = after_outage(state, outage, 0.0)

    assert state.next_poll_at == NOW + 39 * HOUR + 15 * MINUTE
    assert (state.failures, state.failing_since, state.last_error) == (1, NOW, "it is broken")
    later = after_outage(replace(STATE, failures=6), outage, 0.0)
    assert later.failures == 6


def test_our_own_network_is_told_from_that_of_publishers() -> None:
    """Five silent hosts in a row are an outage of ours; any answer ends it, an error too."""
    weather = Weather()
    silent = failed(FetchTrouble.UNREACHABLE, status=None)
    slow = failed(FetchTrouble.TIMEOUT, status=None)
    for number in range(4):
        weather.note(f"https://a{number}.example/feed", silent)
        weather.note("https://a0.example/other", slow)
    assert not weather.explains(silent)

    weather.note("https://a4.example/feed", slow)
    weather.note("http://10.0.0.1/", failed(FetchTrouble.REFUSED_ADDRESS, status=None))
    assert weather.explains(silent)
    assert weather.explains(slow)
    assert not weather.explains(failed(FetchTrouble.REDIRECTS, status=None))

    for answer in (failed(), fetched(), failed(FetchTrouble.BROKEN, status=None)):
        for number in range(5):
            weather.note(f"https://a{number}.example/feed", silent)
        weather.note("https://b.example/", answer)
        assert not weather.explains(silent)


def test_a_feed_that_was_not_asked_has_not_failed() -> None:
    """Where its host wants to be left alone, a feed is only put off."""
    failure = failed(FetchTrouble.RATE_LIMITED, status=None, retry_after=20 * MINUTE)

    after = after_failure(STATE, failure, 0.0)

    assert after == replace(STATE, next_poll_at=NOW + 20 * MINUTE)


def test_what_is_no_feed_is_a_failure_and_shrinks_nothing() -> None:
    """A captcha page in place of a feed changes neither validators nor what was seen."""
    after = after_nonsense(STATE, fetched(), "it is a web page, not a feed", 0.0)

    assert after == replace(
        STATE,
        next_poll_at=NOW + 15 * MINUTE,
        last_polled_at=NOW,
        failures=1,
        failing_since=NOW,
        last_error="it is a web page, not a feed",
    )


# --- Moving -------------------------------------------------------------------------------------


def polls(*days: float, state: FeedState = STATE, moved_to: str | None = NEW) -> FeedState:
    """Return the state after good answers on these days, each redirected to `moved_to`."""
    for day in days:
        at = NOW + day * DAY
        answer = NotModified(url=OLD, fetched_at=at, moved_to=moved_to)
        state = after_unchanged(state, FEED, answer, 0.0)
    return state


def test_a_permanent_redirect_is_adopted_after_a_week_of_good_answers() -> None:
    """An address is kept until the new one has given the same good answer for seven days."""
    watched = polls(0, 1, 3, 6.99)
    adopted = polls(7, state=watched)

    assert (watched.address, watched.moved_to, watched.moved_since) == (OLD, NEW, NOW)
    assert (adopted.address, adopted.moved_to, adopted.moved_since) == (NEW, None, None)
    assert adopted.etag == STATE.etag


def test_a_body_at_the_new_address_counts_as_a_good_answer() -> None:
    """It does not matter whether the new address sends a body or says that nothing changed."""
    body = brought(fetched_at=NOW + 7 * DAY, moved_to=NEW)

    assert after_body(polls(0), FEED, body, 0.0).address == NEW


@pytest.mark.parametrize(
    "interruption",
    [
        lambda state: polls(3, state=state, moved_to=None),
        lambda state: polls(3, state=state, moved_to="https://courier.example/other"),
        lambda state: after_failure(state, failed(FetchTrouble.STATUS), 0.0),
        lambda state: after_failure(state, failed(FetchTrouble.REDIRECTS), 0.0),
        lambda state: after_nonsense(state, fetched(), "it is a web page", 0.0),
    ],
)
def test_the_week_begins_again_when_an_answer_differs(interruption: object) -> None:
    """A redirect that comes and goes, or leads to a page, is not followed for good."""
    assert callable(interruption)
    state = interruption(polls(0, 1))

    assert polls(8, state=state).address == OLD


@pytest.mark.parametrize(
    "trouble", [FetchTrouble.UNREACHABLE, FetchTrouble.TIMEOUT, FetchTrouble.RATE_LIMITED]
)
def test_a_passing_trouble_does_not_begin_the_week_again(trouble: FetchTrouble) -> None:
    """A day without network says nothing about where a feed is."""
    state = after_failure(polls(0, 1), failed(trouble), 0.0)

    assert polls(7, state=state).address == NEW


def test_a_redirect_to_the_address_we_use_is_none() -> None:
    """A feed that points at itself has not moved."""
    assert polls(0, moved_to=OLD) == polls(0, moved_to=None)


outcomes = st.one_of(
    st.builds(lambda moved: ("unchanged", moved), st.sampled_from([None, NEW])),
    st.just(("body", None)),
    st.builds(lambda trouble: ("failed", trouble), st.sampled_from(FetchTrouble)),
    st.just(("nonsense", None)),
)


@given(st.lists(st.tuples(outcomes, jitters), max_size=30))
def test_no_run_of_outcomes_stops_a_feed_or_forgets_what_was_seen(
    run: list[tuple[tuple[str, object], float]],
) -> None:
    """After anything, a feed is due again within little more than a day, with its baseline."""
    state, now = STATE, NOW
    for (what, detail), jitter in run:
        if what == "unchanged":
            answer = NotModified(url=OLD, fetched_at=now, moved_to=detail)  # type: ignore[arg-type]  # an address
            state = after_unchanged(state, FEED, answer, jitter)
        elif what == "body":
            state = after_body(state, FEED, brought(fetched_at=now), jitter)
        elif what == "failed":
            state = after_failure(state, failed(detail, fetched_at=now), jitter)  # type: ignore[arg-type]  # a trouble
        else:
            state = after_nonsense(state, fetched(fetched_at=now), "it is a page", jitter)

        assert now < state.next_poll_at <= now + DAY * 1.1
        assert state.baseline_done
        assert state.body_hash is not None
        assert (state.failures > 0) == (state.failing_since is not None)
        now = state.next_poll_at
