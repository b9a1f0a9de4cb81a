"""Pictures of figures as PNG: the one door to matplotlib, which is imported when one is drawn.

Drawing touches nothing and keeps nothing, but is slow the first time: run it in the sandbox. The
picture has paper of its own, so that it reads alike where chat is light and where it is dark.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.text import one_line, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE: Final = (8.0, 3.6)
DPI: Final = 150
"""1,200 by 540 pixels: sharp on a telephone, and some 20 kB."""
FRAME: Final = (0.095, 0.12, 0.86, 0.63)
"""Where the bars stand, in parts of the picture: left, bottom, width, height. A number of seven
digits has room at their left."""
WORDS_AT: Final = 0.025
LONGEST_TITLE: Final = 64
LONGEST_NOTE: Final = 96
"""Characters that fit into one line of the picture."""

# The contrast of ink on paper is 14:1, of what is quiet 7:1, of the bars 4.6:1 (WCAG 2 asks for
# 4.5:1 of text and 3:1 of graphics); the edge stands out from white and from black.
PAPER: Final = "#f7f8fa"
EDGE: Final = "#8a94a6"
INK: Final = "#1d2939"
QUIET: Final = "#475467"
GRID: Final = "#dde1e7"
BAR: Final = "#2e6fdb"

_MOST_LABELS: Final = 8
_FEW_DAYS: Final = 31
"""Up to so many bars have room for their number above them."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often something was there on one day in UTC."""

    day: date
    number: int


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands above a chart: what was counted, and its figures in words."""

    title: str
    note: str


def draw_days(labels: Labels, days: tuple[DayCount, ...]) -> bytes:
    """Draw a bar for each day and return the picture as PNG.

    Args:
        labels: what stands above it; what the fonts lack is left out.
        days: at least one, the oldest first, without gaps.
    """
    # Half a second of importing, for a picture that few ask for.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see above
    from matplotlib.figure import Figure  # noqa: PLC0415 - see above

    figure = Figure(figsize=SIZE, dpi=DPI, facecolor=PAPER, edgecolor=EDGE, linewidth=3)
    FigureCanvasAgg(figure)
    axes = figure.add_axes(FRAME, facecolor=PAPER)
    _bars(axes, days)
    _scales(axes, days)
    figure.text(
        WORDS_AT,
        0.885,
        _drawable(labels.title, LONGEST_TITLE),
        {"fontsize": 14, "weight": "bold", "color": INK, "parse_math": False},
    )
    figure.text(
        WORDS_AT,
        0.81,
        _drawable(labels.note, LONGEST_NOTE),
        {"fontsize": 10.5, "color": QUIET, "parse_math": False},
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    _leave_no_litter()
    return buffer.getvalue()


def _leave_no_litter() -> None:
    """Remove the folder that matplotlib makes where there is no home that it may write to.

    It would do so at its exit, but a child of the sandbox leaves without one. The fonts that it
    remembers there are in memory by now.
    """
    from matplotlib import get_cachedir  # noqa: PLC0415 - as in draw_days

    folder = Path(get_cachedir())
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith("matplotlib-"):
        shutil.rmtree(folder, ignore_errors=True)


def _bars(axes: Axes, days: tuple[DayCount, ...]) -> None:
    drawn = axes.bar(range(len(days)), [one.number for one in days], color=BAR, width=0.78)
    if len(days) <= _FEW_DAYS:
        numbers = [f"{one.number:,}" if one.number else "" for one in days]
        axes.bar_label(drawn, labels=numbers, fontsize=8.5, color=QUIET, padding=2)


def _scales(axes: Axes, days: tuple[DayCount, ...]) -> None:
    """Mark whole numbers at the side and some days below, today among them."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter  # noqa: PLC0415 - as above

    step = -(-len(days) // _MOST_LABELS)
    marked = range((len(days) - 1) % step, len(days), step)
    axes.set_xticks(list(marked), [_day(days[at].day) for at in marked])
    axes.set_xlim(-0.75, len(days) - 0.25)
    axes.set_ylim(0, 1.15 * max(1, *(one.number for one in days)))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.grid(visible=True, color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=10, length=0)
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.spines["bottom"].set_color(EDGE)


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _drawable(words: str, longest: int) -> str:
    """Return a line without what the bundled fonts cannot draw: all but Latin, Greek, Cyrillic."""
    kept = "".join(each for each in one_line(words) if ord(each) < 0x0530 or each in "“”‘’–—…")
    return shorten(one_line(kept), longest)
