"""Screenshots by whatever Chromium is on the PATH."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 60.0
SCALE = 1.25
FLAGS = (
    "--headless",
    "--no-sandbox",  # the pages are our own and load nothing; containers have no sandbox
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)
_SIZE = re.compile(r'data-size="(\d+),(\d+)"')


class NoPictureError(Exception):
    """A picture could not be taken; the message says what to do."""


def chromium() -> str:
    """Return where Chromium is."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoPictureError(
            "Pictures are taken by Chromium, and there is none on the PATH. Install it "
            "(apt install chromium, brew install --cask chromium), or leave the pictures as they "
            "are: nothing else needs it."
        )
    return found


def screenshot(browser: str, page: str, into: Path) -> None:
    """Draw `page` and write it into a PNG file of exactly its size."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        run = (browser, *FLAGS, f"--user-data-dir={folder}/profile")
        dom = _run(*run, "--window-size=1600,400", "--dump-dom", source.as_uri())
        size = _SIZE.search(dom)
        if size is None:
            raise NoPictureError(f"{browser} did not draw the page: {dom[-300:]}")
        shot = (f"--window-size={size[1]},{size[2]}", f"--screenshot={into.resolve()}")
        _run(*run, f"--force-device-scale-factor={SCALE}", *shot, source.as_uri())
    _make_small(into)


def _make_small(picture: Path) -> None:
    """Keep 256 colours: flat colours and smoothed letters need no more."""
    with Image.open(picture) as drawn:
        small = drawn.convert("RGB").quantize(
            256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
        )
    small.save(picture, optimize=True)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise NoPictureError(f"{command[0]} failed: {done.stderr[-300:]}")
    return done.stdout
