"""`make pictures`: draw every picture of docs/images/."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.pictures.chromium import NoPictureError, chromium, screenshot
from tests.pictures.gallery import gallery

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 200_000
"""Bytes of a picture: a page that shows it opens at once. A test holds the pictures to it."""


def main() -> int:
    """Draw the pictures; return 1 where that is not possible."""
    try:
        browser = chromium()
        for name, page in asyncio.run(gallery()).items():
            into = IMAGES / f"{name}.png"
            screenshot(browser, page, into)
            sys.stdout.write(f"docs/images/{name}.png  {into.stat().st_size // 1000} kB\n")
    except NoPictureError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
