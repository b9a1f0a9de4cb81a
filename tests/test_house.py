"""The house itself: what must hold of every file."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp

HOUSE = Path(__file__).parents[1]

UNREACHED = {
    "bot.store.memory": "the fake that is shipped",
    "bot.store.memory_outbox": "a part of it",
    "bot.store.memory_archive": "a part of it",
    "bot.store.memory_register": "a part of it",
    "bot.store.memory_holds": "a part of it",
    "bot.store.book": "a part of it",
    "bot.settings.schema": "makes config/schema.json, see tests/generated.py",
    "bot.settings.reference": "makes docs/settings.md, see tests/generated.py",
    "bot.commands.reference": "makes docs/commands.md, see tests/generated.py",
}
"""Modules that no command reaches, each with the reason why it is there all the same."""

SEEN_BY_HANDLERS = {"bot.model", "bot.ports", "bot.text", "bot.errors", "bot.version"}

_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
# Where people and machines keep their own work; a container's /app and /opt are ours.
_MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:home|root|Users|work|tmp|mnt)/\w")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := HOUSE / line).exists()]


def test_no_file_of_code_is_over_400_lines() -> None:
    """A file of the service can be read in one sitting."""
    sizes = {p: len(p.read_text().splitlines()) for p in _tracked("bot/*.py", "handlers/*.py")}

    assert {p: n for p, n in sizes.items() if n > 400} == {}


def test_locks_hold_names_versions_and_hashes_only() -> None:
    """The pinned requirements name no index and no address."""
    locks = [path.read_text() for path in _tracked("requirements/*.txt")]

    assert len(locks) == 3
    assert not [lock for lock in locks if "://" in lock or "--index" in lock or " @ " in lock]


def test_no_module_is_dead() -> None:
    """Every module is imported by something that a command reaches, or has its reason here."""
    graph = grimp.build_graph("bot", "handlers", cache_dir=None)
    reached = graph.find_upstream_modules("bot.__main__") | {"bot.__main__"}
    # A package is reached with any of its modules; its __init__ needs no import of its own.
    unreached = {
        module
        for module in graph.modules - reached
        if not any(each.startswith(f"{module}.") for each in reached)
    }

    assert unreached == set(UNREACHED)


def test_handlers_are_kept_from_every_other_room() -> None:
    """A new room of the service is closed to the handlers until somebody opens it to them."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    closed = next(one for one in contracts if one.get("source_modules") == ["handlers"])
    rooms = {
        f"bot.{path.stem}"
        for path in (HOUSE / "bot").iterdir()
        if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }

    assert rooms - SEEN_BY_HANDLERS == set(closed["forbidden_modules"])


def test_every_page_is_linked_from_the_readme() -> None:
    """Whoever reads README finds every page of docs/."""
    readme = set(_LINK.findall((HOUSE / "README.md").read_text(encoding="utf-8")))

    assert {str(page.relative_to(HOUSE)) for page in _tracked("docs/*.md")} - readme == {
        "docs/images/README.md"
    }


def test_every_link_of_a_page_leads_somewhere() -> None:
    """No page points to a file that is not there."""
    assert sorted(_broken_links()) == []


def _broken_links() -> Iterator[str]:
    for page in _tracked("*.md"):
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            if not (page.parent / link).exists():
                yield f"{page.relative_to(HOUSE)}: {link}"


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    """What works here works everywhere."""
    named = [
        f"{path.relative_to(HOUSE)}: {found[0]}"
        for path in _tracked()
        if path.is_file() and (found := _MACHINE_PATH.search(_text(path)))
    ]

    assert named == []


def _text(path: Path) -> str:
    """Return a file's text, "" where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
