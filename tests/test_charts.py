"""Pictures of figures: what is drawn, and that it can be read."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import charts
from bot.charts import DPI, SIZE, DayCount, Labels, draw_days
from bot.sandbox import ProcessSandbox

FIRST = date(2026, 2, 1)
LABELS = Labels("The red line", "6 articles in 4 days")


def days(*numbers: int) -> tuple[DayCount, ...]:
    """As many days from the first of February on."""
    return tuple(DayCount(FIRST + timedelta(days=at), number) for at, number in enumerate(numbers))


def picture(png: bytes) -> Image.Image:
    """The pixels."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def blue_columns(png: bytes) -> int:
    """How many bars there are, counted along the foot of the chart."""
    image = picture(png)
    bar = tuple(int(charts.BAR[at : at + 2], 16) for at in (1, 3, 5))
    width, height = image.size
    for y in range(height - 1, 0, -1):
        row = [image.getpixel((x, y)) == bar for x in range(width)]
        if any(row):
            return sum(1 for a, b in zip([False, *row], row, strict=False) if b and not a)
    return 0


def test_the_picture_has_the_size_that_it_says() -> None:
    """1,200 by 540 pixels."""
    assert picture(draw_days(LABELS, days(1, 2, 0, 3))).size == (
        round(SIZE[0] * DPI),
        round(SIZE[1] * DPI),
    )


@pytest.mark.parametrize("numbers", [(1, 2, 0, 3), (5,), (0, 0, 1), (1,) * 90])
def test_every_day_with_something_has_a_bar(numbers: tuple[int, ...]) -> None:
    """And a day with nothing has none."""
    assert blue_columns(draw_days(LABELS, days(*numbers))) == sum(map(bool, numbers))


def test_the_words_and_bars_stand_out_from_the_paper() -> None:
    """WCAG asks for a contrast of 4.5 to 1 of text and 3 to 1 of graphics."""
    assert contrast(charts.INK, charts.PAPER) >= 7
    assert contrast(charts.QUIET, charts.PAPER) >= 4.5
    assert contrast(charts.BAR, charts.PAPER) >= 3


@pytest.mark.parametrize("surroundings", ["#ffffff", "#1a1d21", "#313338"])
def test_the_edge_stands_out_where_chat_is_light_and_where_it_is_dark(surroundings: str) -> None:
    """White, and the dark backgrounds of Slack and Discord."""
    assert contrast(charts.EDGE, surroundings) >= 3


def test_the_paper_is_opaque() -> None:
    """What lies below never shines through."""
    image = Image.open(io.BytesIO(draw_days(LABELS, days(1)))).convert("RGBA")

    assert image.getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize(
    "words",
    [
        "$x_1$ and $",
        "خط أحمر",
        "红线 and 레드라인",
        "Příliš “žluťoučký” Київ",
        "",
        "🚨 \u202eevil",
        "w" * 500,
    ],
)
def test_any_words_can_be_drawn(words: str) -> None:
    """What people type is no formula, and letters that the fonts lack are left out."""
    assert picture(draw_days(Labels(words, words), days(1, 2))).size


def test_words_do_not_change_the_bars() -> None:
    """A long title does not push the chart out of the picture."""
    short, long = (draw_days(Labels("a", "b"), days(1, 2)) for _ in range(2))
    assert short == long
    assert blue_columns(draw_days(Labels("w" * 500, "v" * 500), days(1, 2))) == 2


@settings(max_examples=10, deadline=None)
@given(numbers=st.lists(st.integers(0, 10**6), min_size=1, max_size=90))
def test_any_figures_can_be_drawn(numbers: list[int]) -> None:
    """From one day to ninety, from nothing to a million."""
    assert draw_days(LABELS, days(*numbers)).startswith(b"\x89PNG")


async def test_it_is_drawn_in_the_sandbox() -> None:
    """The limits of the sandbox leave room for it, and the picture comes back whole."""
    sandbox = ProcessSandbox()
    try:
        png = await sandbox.run(draw_days, LABELS, days(1, 2, 3))
    finally:
        await sandbox.close()

    assert picture(png).size == (1200, 540)


def test_nothing_is_left_behind_where_there_is_no_home(tmp_path: Path) -> None:
    """A user without a home, as in a container, gets a picture, and no folder stays in /tmp."""
    code = (
        "import datetime, os; from bot.charts import *; "
        "png = draw_days(Labels('a', 'b'), (DayCount(datetime.date(2026, 2, 1), 3),)); "
        "os._exit(0 if len(png) > 1000 else 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": "/proc/nowhere", "TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[1],
        check=False,
        timeout=60,
    )

    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_service_starts_without_the_plotting_library() -> None:
    """Only who draws imports it."""
    code = "import sys, bot.app; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "False"
