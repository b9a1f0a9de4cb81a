"""Rules as YAML: what is written loads back."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.model import ChannelRef, Origin, Rule, Trial, Urgency
from bot.settings import load, rules_yaml
from bot.settings.folder import FILES
from handlers import PLATFORMS
from tests.build import DESK, a_rule

TEXTS = (
    "sanctions",
    "Marten ferry",
    '"red line"',
    'place:Rafah AND ("red line" OR name:"Joe Biden" NEAR/30 operation)',
    'title:"Red Line" metro',
    '="WHO" -football',
    "2 OF (tariff, quota, embargo)",
    "/sanction(s|ed)/",
    "ferry OR\nbridge OR\n  tunnel",
)
NAMES = st.from_regex(r"[\w][\w.-]{0,63}", fullmatch=True)
TITLES = st.text(min_size=1, max_size=80).map(str.strip).filter(bool)
CHANNELS = st.builds(
    ChannelRef,
    st.sampled_from([platform.name for platform in PLATFORMS]),
    st.from_regex(r"#?[A-Za-z0-9_-]{1,20}", fullmatch=True),
)


@st.composite
def chat_rules(draw: st.DrawFn) -> Rule:
    """A rule as people write it in chat."""
    name = draw(NAMES)
    return Rule(
        name=name,
        title=draw(TITLES | st.just(name)),
        when=draw(st.sampled_from(TEXTS)),
        unless=draw(st.sampled_from(["", "football", '"metro line"'])),
        to=tuple(draw(st.lists(CHANNELS, min_size=1, max_size=3, unique=True))),
        urgency=draw(st.sampled_from(Urgency)),
        paused=draw(st.booleans()),
        private=draw(st.booleans()),
        origin=Origin.CHAT,
        workspace="T1",
    )


def loaded(text: str) -> tuple[Rule, ...]:
    """The rules of a folder whose rules.yaml is `text`."""
    with tempfile.TemporaryDirectory() as made:
        for name in FILES:
            (Path(made) / name).write_bytes(b"")
        (Path(made) / "rules.yaml").write_bytes(text.encode("utf-8"))
        return load(Path(made), {}, PLATFORMS).rules


@examples(max_examples=30)  # Each loads a whole folder.
@given(rules=st.lists(chat_rules(), max_size=4, unique_by=lambda rule: rule.name.casefold()))
def test_rules_of_chat_load_back_as_the_same_rules(rules: list[Rule]) -> None:
    """Whatever people wrote, the file says the same; only who owns it is another."""
    of_the_file = [replace(rule, origin=Origin.YAML, workspace="") for rule in rules]

    assert list(loaded(rules_yaml(rules))) == of_the_file


@pytest.mark.parametrize(
    "title",
    ["one\x85two", "one\u2028two", "one\n\xa0\ntwo", "\ufeffone", "one\x00two", "null", "1e3"],
)
def test_a_title_of_any_letters_comes_back(title: str) -> None:
    """Whatever YAML makes of a letter elsewhere, a title that is written down is read as it was."""
    assert [rule.title for rule in loaded(rules_yaml([a_rule(title=title)]))] == [title]


def test_it_reads_as_people_write() -> None:
    """Only what differs from the defaults is written, the texts as they are in chat."""
    rule = a_rule(
        "rafah",
        DESK,
        title="Rafah: the red line",
        when='place:Rafah AND ("red line" OR operation)',
        unless='title:"Red Line" metro',
        urgency=Urgency.CRITICAL,
        private=True,
    )

    assert rules_yaml([rule, a_rule("ferry", when="ferry OR\nbridge")]) == (
        "rules:\n"
        "  - name: rafah\n"
        "    title: 'Rafah: the red line'\n"
        '    when: place:Rafah AND ("red line" OR operation)\n'
        '    except: title:"Red Line" metro\n'
        "    to:\n"
        "      - slack:#desk\n"
        "    urgency: critical\n"
        "    private: true\n"
        "\n"
        "  - name: ferry\n"
        "    when: |-\n"
        "      ferry OR\n"
        "      bridge\n"
        "    to:\n"
        "      - slack:#desk\n"
    )


def test_a_rule_on_trial_stays_quiet() -> None:
    """A file knows no trials, so that a rule on trial is written as paused, and says why."""
    trial = Trial(until=datetime(2026, 3, 9, tzinfo=UTC), report_to=DESK)
    text = rules_yaml([a_rule(trial=trial)])

    assert [rule.paused for rule in loaded(text)] == [True]
    assert "# On trial until 2026-03-09; paused here.\n" in text


def test_no_rules_are_a_file_too() -> None:
    """Where nobody wrote a rule, what is written still loads."""
    assert loaded(rules_yaml([])) == ()
