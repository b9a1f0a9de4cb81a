"""What the fuzzer begins with: the rules, texts, addresses and feeds of the docs and the cases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

HOUSE = Path(__file__).parents[2]
CASES = HOUSE / "tests" / "cases"
_CODE = re.compile(r"`([^`\n]+)`")
_LONGEST = 4_000


def written_rules() -> Iterator[str]:
    """Yield every rule that the docs teach or a case tests, right ones and wrong ones."""
    yield from _CODE.findall((HOUSE / "docs" / "rules.md").read_text(encoding="utf-8"))
    for path in sorted((CASES / "rules").rglob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from (str(case["rule"]) for case in document["cases"])


def _matching() -> Iterator[str]:
    for path in sorted((CASES / "rules").rglob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in document["cases"]:
            if "text" in case and "place" not in case["rule"]:  # reading a place is slow
                yield f"{case['rule']}\n{case['text']}"


def _strings_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.json")):
        yield from _strings(json.loads(path.read_text(encoding="utf-8")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _feeds() -> Iterator[bytes]:
    for path in sorted((CASES / "feeds").rglob("*")):
        if path.is_file() and path.stat().st_size < _LONGEST:
            yield path.read_bytes()


def seeds(target: str) -> list[bytes]:
    """Return what a target begins with."""
    if target in {"feeds", "opml", "pages"}:
        return list(_feeds())
    if target == "articles":
        return [path.read_bytes() for path in sorted((CASES / "feeds").rglob("*.html"))] + [
            html.encode("utf-8", "replace") for html in _strings_in(CASES / "articles")
        ]
    return [text.encode("utf-8", "replace") for text in _STRINGS[target]()]


_STRINGS: dict[str, Callable[[], Iterator[str]]] = {
    "rules": written_rules,
    "matching": _matching,
    "texts": lambda: _strings_in(CASES / "text"),
    "addresses": lambda: _strings_in(CASES / "text"),
}
