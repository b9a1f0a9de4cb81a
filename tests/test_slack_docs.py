"""docs/slack.md keeps up with the adapter."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from handlers.slack.errors import ADVICE
from handlers.slack.manifest import SCOPES
from handlers.slack.options import SlackOptions
from handlers.slack.serve import PATH

PAGE = (Path(__file__).parents[1] / "docs" / "slack.md").read_text()


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_is_explained(scope: str) -> None:
    """An admin learns what each permission is for before granting it."""
    assert f"| `{scope}` |" in PAGE


@pytest.mark.parametrize("code", sorted(set(ADVICE) - {"not_allowed_token_type", "user_not_found"}))
def test_every_common_trouble_is_in_the_table(code: str) -> None:
    """Whoever searches the page for what the log says finds it."""
    assert f"`{code}`" in PAGE


@pytest.mark.parametrize("option", [option.name for option in fields(SlackOptions)])
def test_every_option_is_in_the_page(option: str) -> None:
    """Each setting stands in the page, by its key or by its variable."""
    variables = {f.name: f.metadata.get("env", f.name) for f in fields(SlackOptions)}

    assert variables[option] in PAGE
    assert PATH in PAGE
