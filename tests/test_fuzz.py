"""The fuzzer: its targets hold for what they begin with, and it says where it cannot run."""

from __future__ import annotations

import importlib.util

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.seeds import seeds, written_rules
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_holds_for_all_that_it_begins_with(target: str) -> None:
    """The docs' and the cases' own inputs keep every promise that the fuzzer tests."""
    begun = seeds(target)

    assert len(begun) > 10
    for seed in begun:
        TARGETS[target](seed)


def test_the_parser_begins_with_rules_that_it_reads_and_others() -> None:
    """The seeds lead deep into the language, and to its errors."""
    begun = set(written_rules())

    assert '2 OF (grain, port, "ship owners")' in begun
    assert any(rule.count("(") > rule.count(")") for rule in begun)


def test_a_broken_promise_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that lost a part of the rule would fail the target."""
    monkeypatch.setattr("tests.fuzz.targets.write", lambda _tree: "grain")

    with pytest.raises(AssertionError):
        TARGETS["rules"](b"grain AND port")


def test_where_there_is_no_wheel_fuzzing_is_skipped_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make fuzz` succeeds on other systems too, and says why it did nothing."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    assert main([]) == 0
    assert "atheris has no wheel" in capsys.readouterr().out
