"""The reader that the tests trust: it must see what Discord shows, or nothing is proved."""

from __future__ import annotations

import pytest

from tests.emulators.discord_reader import Seen, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a **b** c", Seen(text="a b c", bold=["b"])),
        ("**a**b", Seen(text="ab", bold=["a"])),
        (r"**a\*** b", Seen(text="a* b", bold=["a*"])),
        (r"\*\*a\*\*", Seen(text="**a**")),
        ("*a* _b_", Seen(text="a b", formats=["italic", "italic"])),
        ("__a__ ~~b~~", Seen(text="a b", formats=["underline", "strike"])),
        ("||a||", Seen(text="a", formats=["spoiler"])),
        ("`a`", Seen(text="`a`", formats=["code"])),
        ("[a](https://x.example/)", Seen(text="a", links=[("a", "https://x.example/")])),
        ("[a](<https://x.example/>)", Seen(text="a", links=[("a", "https://x.example/")])),
        (
            r"[a](https://x.example/) b\](https\://y.example/)",
            Seen(
                text=r"a](https://x.example/) b\ ".strip(),
                links=[(r"a](https://x.example/) b\ ".strip(), "https://y.example/")],
                addresses=["https://x.example/)"],
            ),
        ),
        ("https://x.example/a.", Seen(text="https://x.example/a.", addresses=["https://x.example/a"])),
        (r"https\://x.example/", Seen(text="https://x.example/")),
        ("<https://x.example/>", Seen(text="https://x.example/", addresses=["https://x.example/"])),
        ("hi @everyone", Seen(text="hi @everyone", mentions=["@everyone"])),
        ("<@12> <@&3>", Seen(text="<@12> <@&3>", mentions=["<@12>", "<@&3>"])),
        (r"\<@12> \@here", Seen(text="<@12> @here")),
        ("<t:0:R>", Seen(text="<t:0:R>", formats=["time"])),
        (":skull: <:x:1>", Seen(text=":skull: <:x:1>", formats=["emoji", "emoji"])),
        ("10:30:45 too", Seen(text="10:30:45 too", formats=["emoji"])),
        ("# a", Seen(text="a", blocks=["heading"])),
        ("-# a", Seen(text="a", blocks=["small"])),
        ("- a", Seen(text="a", blocks=["list"])),
        ("1. a", Seen(text="a", blocks=["list"])),
        ("> # a", Seen(text="a", blocks=["quote", "heading"])),
        (r"\# a", Seen(text="# a")),
        (r"1\. a", Seen(text="1. a")),
        ("a # b - c", Seen(text="a # b - c")),
        ("discord.gg/abc", Seen(text="discord.gg/abc", invitations=["discord.gg/abc"])),
    ],
)  # fmt: skip
def test_the_reader_sees_what_discord_shows(text: str, expected: Seen) -> None:
    """Each rule of Discord's markdown, alive and escaped."""
    assert read(text) == expected
