"""A page of pictures: the sections beside one another or below, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from tests.pictures.markup import Html, joined, tag

STYLE = Html((Path(__file__).parent / "page.css").read_text(encoding="utf-8"))
# Nothing may be loaded, pictures stand in the page itself, and only the one line that says how
# large the page is may run.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'nonce-size'"
SIZE = Html(
    "const box = document.body.getBoundingClientRect();"
    "document.body.dataset.size = `${Math.ceil(box.width)},${Math.ceil(box.height)}`;"
)


def page(*rows: Html, theme: str) -> str:
    """Return a whole page that shows `rows` below one another on a light or dark ground."""
    head = tag(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        tag("title", "Redline"),
        tag("style", STYLE),
    )
    body = tag("body", *rows, tag("script", SIZE, nonce="size"), class_=theme)
    return "<!doctype html>" + tag("html", head, body)


def row(*sections: Html) -> Html:
    """Put sections beside one another."""
    return tag("div", joined(*sections), class_="row")


def column(*sections: Html) -> Html:
    """Put sections below one another."""
    return tag("div", joined(*sections), class_="column")
