"""Kill a store often and count what is missing: `python -m tests.faults.kill_store 200`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.faults.store_life import kill_often


def main() -> None:
    """Kill as many as asked, and print what came of it."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        ledger = kill_often(Path(folder) / "redline.db", kills, seed)
    print(  # noqa: T201 - a command prints
        f"{ledger.kills} kills: {len(ledger.owed)} owed, {len(ledger.intended)} intended and "
        f"{len(ledger.posted)} posted alerts, {len(ledger.added)} rules, "
        f"{len(ledger.edited)} edits and {len(ledger.taken)} errands were acknowledged, "
        "and all of them were kept"
    )


if __name__ == "__main__":
    main()
