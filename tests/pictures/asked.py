"""The pictures of what people ask and press: forms, backtests, marks, home, trend, sources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.commands.home import home
from bot.model import Card, ChannelRef, Form
from bot.ports import Owed
from handlers.discord.cards import render
from handlers.discord.forms import modal_of
from handlers.discord.mistakes import card_of_form
from handlers.slack.askers import Asker
from handlers.slack.cards import layout
from handlers.slack.forms import errors_of, form_view, home_view
from tests.commands_archive import NOW
from tests.pictures import discord, slack
from tests.pictures.markup import Html
from tests.pictures.page import column, page, row
from tests.pictures.people import ANNA, BEN, CHANNELS, CLARA, DESK
from tests.pictures.scenes import BEGAN, scenes
from tests.pictures.visits import Visit, visit

FILE = "F1"
"""The id under which Slack has a picture."""


async def pages() -> dict[str, str]:
    """Return the page of each picture by the picture's name."""
    return {
        "rule": await _rule(),
        "alert-marks": await _marks(),
        "home": await _home(),
        "trend": await _trend(),
        "feeds": await _feeds(),
    }


@dataclass(frozen=True, slots=True)
class Drawn:
    """How one platform draws what it is sent, in one theme."""

    platform: str
    theme: str

    def card(self, card: Card, at: datetime = NOW, *, private: bool = True) -> Html:
        """Draw a card in a message."""
        if self.platform == "discord":
            return discord.message(render(card), at, private=private)
        png = card.picture.png if card.picture else b""
        shown = layout(card, names=True, picture=FILE if png else "")
        return slack.message(shown, at, private=private, png=png)

    def window(self, *messages: Html) -> Html:
        """Draw the channel with messages."""
        if self.platform == "discord":
            return discord.window(DESK, *messages, theme=self.theme)
        return slack.window(DESK, *messages, theme=self.theme)

    def form(self, form: Form) -> Html:
        """Draw a form; mistakes stand at their fields."""
        if self.platform == "discord":
            return discord.modal(modal_of(form, {}).to_dict(), theme=self.theme)
        view = form_view(form, Asker(user_id=ANNA.ids["slack"]))
        mistakes = errors_of(form, frozenset(each.name for each in form.fields))
        return slack.modal(view, NOW, mistakes, theme=self.theme)


SLACK = Drawn("slack", "light")
DISCORD = Drawn("discord", "dark")


async def _side_by_side(draw: Callable[[Drawn], Awaitable[Html]]) -> str:
    return page(row(await draw(SLACK), await draw(DISCORD)), theme="light")


async def _rule() -> str:
    """A rule with a mistake in the form, then without, and what it would have found."""
    return await _side_by_side(_written_rule)


async def _written_rule(on: Drawn) -> Html:
    talk = await visit(on.platform)
    await talk.orders("/watch add")
    await talk.fills(
        title="Ships off Port Avel",
        when='"Port Avel" AND (freighter* OR blockade',
        channels=[CHANNELS[on.platform][DESK]],
    )
    form = on.form(talk.opened)
    again = [on.window(discord.message(card_of_form(talk.opened), NOW, private=True))]
    found = await talk.fills(when='"Port Avel" AND (freighter* OR blockade)')
    below = on.window(on.card(found, NOW + timedelta(minutes=2)))
    return column(*(again if on.platform == "discord" else []), form, below)


async def _marks() -> str:
    """An alert that people called relevant and one of them muted, and the form for that."""
    return await _side_by_side(_marked_alert)


async def _marked_alert(on: Drawn) -> Html:
    scene = scenes()["alert"]
    place = ChannelRef(on.platform, CHANNELS[on.platform][DESK])
    alert = replace(scene.alert, channel=place)
    now = scene.at + timedelta(minutes=6)
    talk = await visit(on.platform, now, Owed(alert=alert, card=scene.card))
    buttons = {each.label: each for each in scene.card.buttons}
    for person in (ANNA, BEN):
        await talk.by(person).presses_on(buttons["Relevant"])
    await talk.by(CLARA).presses_on(buttons["Not relevant"])
    await talk.presses_on(buttons["Mute…"])
    form = on.form(talk.opened)
    muted = await talk.fills(what="rule-0", **{"how-long": "8h"})
    return column(on.window(on.card(muted, BEGAN, private=False)), form)


async def _home() -> str:
    """The App Home, and the same by a command."""
    return await _side_by_side(_at_home)


async def _at_home(on: Drawn) -> Html:
    talk = await visit(on.platform)
    await talk.by(BEN).orders("/watch mute grain-tariffs 8h everywhere")
    if on.platform == "discord":
        return on.window(on.card(await talk.orders("/redline home")))
    shown = await home(talk.asked(at_home=True), talk.desk)
    return slack.home(home_view(shown), NOW, theme=on.theme)


async def _trend() -> str:
    """How much was written, in light and in dark."""
    rows = [
        row(*[await _drawn_trend(Drawn(platform, theme)) for platform in ("slack", "discord")])
        for theme in ("light", "dark")
    ]
    return page(*rows, theme="light")


async def _drawn_trend(on: Drawn) -> Html:
    talk = await visit(on.platform)
    return on.window(on.card(await talk.orders('/news trend "Port Avel" 30d')))


async def _feeds() -> str:
    """What was found at the address of a site, and what is said once it was added."""
    return await _side_by_side(_found_feed)


async def _found_feed(on: Drawn) -> Html:
    talk = await visit(on.platform)
    several = on.card(await talk.orders("/feeds add ministry.example"))
    found = on.card(await talk.orders("/feeds add tide-tables.example"))
    form = await _changed(talk)
    added = on.card(await talk.presses("Add"), NOW + timedelta(minutes=1))
    return column(on.window(several, found, added), on.form(form))


async def _changed(talk: Visit) -> Form:
    """Open the form of a feed that was found, and leave it."""
    await talk.presses("Change")
    return talk.opened
