"""HTML in which nothing can be forgotten to be escaped: text is text unless it was made here."""

from __future__ import annotations

import base64
import html


class Html(str):
    """Markup that was made by `tag`; every other string is text."""

    __slots__ = ()


def tag(name: str, *inside: str, **attributes: str) -> Html:
    """Return an element around `inside`, of which only Html is markup.

    An attribute may end in an underscore, for names that Python keeps: `class_`.
    """
    written = "".join(
        f' {key.rstrip("_")}="{html.escape(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>{joined(*inside)}</{name}>")


def joined(*parts: str) -> Html:
    """Return the parts one after another, text escaped."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def picture(png: bytes, alt: str) -> Html:
    """Return an element that shows a picture, which stands in the page itself."""
    source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    return Html(f'<img src="{source}" alt="{html.escape(alt)}">')
