"""The house itself: what must hold of every file."""

from __future__ import annotations

import subprocess
from pathlib import Path

HOUSE = Path(__file__).parents[1]


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
