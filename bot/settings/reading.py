"""The texts in the language of rules, read: a typo in one is told with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.errors import RuleError
from bot.model import Rule
from bot.rules import Names, read_rule
from bot.rules.read import read_text
from bot.settings.problems import Problem, Problems
from bot.settings.yaml_lines import Document, Path


def read_rules(
    document: Document, rules: Iterable[tuple[Path, Rule]], names: Names, problems: Problems
) -> None:
    """Read every rule and every set, and note what is wrong with them."""
    for name, text in names.sets.items():
        _note(document, {text: ("sets", name)}, _trouble(text, names), problems)
    sets: dict[str, Path] = {text: ("sets", name) for name, text in names.sets.items()}
    for path, rule in rules:
        texts: dict[str, Path] = {}
        for key, text in (("when", rule.when), ("except", rule.unless)):
            if text:
                texts.setdefault(text, (*path, key))
        for error in _troubles(rule, names):
            _note(document, {**sets, **texts}, error, problems)


def _troubles(rule: Rule, names: Names) -> Iterable[RuleError]:
    """Return what is wrong with a rule: with its sense, or with each of its texts."""
    found = [_trouble(text, names) for text in (rule.when, rule.unless) if text]
    troubles = [trouble for trouble in found if trouble]
    if troubles or not rule.when:
        return troubles
    try:
        read_rule(rule, names)
    except RuleError as error:
        return [error]
    return []


def _trouble(text: str, names: Names) -> RuleError | None:
    try:
        read_text(text, names)
    except RuleError as error:
        return error
    return None


def _note(
    document: Document, texts: Mapping[str, Path], error: RuleError | None, problems: Problems
) -> None:
    """Note an error at the text that it is about, with a caret below the place."""
    if error is None:
        return
    path = texts.get(error.source, next(iter(texts.values())))
    problem = document.problem(path, error.problem, error.advice, at_value=True)
    problems.add(replace(_at_line(document, path, problem, error), quote=error.caret()))


def _at_line(document: Document, path: Path, problem: Problem, error: RuleError) -> Problem:
    """Move the problem to the line of the mistake, where YAML kept the lines of the text."""
    if path not in document.literal or problem.line is None:
        return problem
    below = error.source.count("\n", 0, error.start) + 1
    return replace(problem, line=problem.line + below, column=None)
