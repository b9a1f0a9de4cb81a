"""What nobody may do, on any platform: attempts by those who may not, and proof of nothing done.

A platform draws attempts, sends each through its own wire, and asks the vault whether anything was
changed. `make forged` draws 10,000 for each platform.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from bot.app import serve_of
from bot.commands import COMMANDS, FORMS, Desk
from bot.commands.press_step import STEPS
from bot.model import (
    Access,
    Action,
    Alert,
    Argument,
    Card,
    Change,
    Changed,
    ChannelRef,
    Draft,
    FeedState,
    Flood,
    Grants,
    Hold,
    Mute,
    MuteScope,
    Origin,
    Reason,
    Role,
    Rule,
    Standing,
    Thing,
    Urgency,
)
from bot.ports import ChangeQuery, Clock, Owed, PollRecord, Serve
from bot.store.memory import MemoryStore
from tests.commands_desk import OpenStore, a_desk
from tests.fakes import FakeClock

EXAMPLES = int(os.environ.get("REDLINE_EXAMPLES", "1000"))  # noqa: TID251 - `make forged` sets it

ALERT, RULE, DRAFT, MUTE, CHANGE = "alert7", "rafah", "draft7", "mute7", "change7"
HOLD = "hold7"
OTHER_DRAFT = "draft8"
TARGETS = (
    ALERT,
    RULE,
    DRAFT,
    MUTE,
    CHANGE,
    HOLD,
    f"rule.{RULE}",
    f"watch.{RULE}",
    "rule.",
    ".",
    "x" * 64,
)

WORTH_TRYING: tuple[tuple[str, str], ...] = (
    (Action.UNMUTE, MUTE),
    (Action.RELEASE, HOLD),
    (Action.DISCARD, HOLD),
    (Action.UNDO, CHANGE),
    (Action.FORM, DRAFT),
    (Action.FORM, f"rule.{RULE}"),
    (Action.SAVE, DRAFT),
    (Action.SAVE, OTHER_DRAFT),
    (Action.TRIAL, OTHER_DRAFT),
    (Action.CONFIRM, DRAFT),
    (Action.CONFIRM, f"rule.{RULE}"),
    (Action.RELEVANT, ALERT),
    (Action.MUTE, ALERT),
)
"""Buttons that would do something for whoever may press them."""

ADMINS_MAY = ((Action.RELEASE, HOLD), (Action.DISCARD, HOLD))
"""What no editor may do."""

MEMBERS_MAY = frozenset({Action.RELEVANT, Action.IRRELEVANT})
"""What every member may do: say what they think."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody who tries: how the platform says they stand, and from where they come.

    An editor tries only what is another's.
    """

    standing: Standing
    from_here: bool = True
    editor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One thing that somebody tries; one of `command`, `press`, `form`, `typed` and `home` is set.

    `again` delivers it a second time, `late` lets more time pass before than platforms wait.
    """

    who: Who
    command: tuple[str, str, tuple[Argument, ...]] | None = None
    press: tuple[str, str] | None = None
    form: tuple[str, str, tuple[Argument, ...]] | None = None
    typed: tuple[str, str] | None = None
    home: bool = False
    again: bool = False
    late: bool = False


STRANGERS = (
    Who(standing=Standing.GUEST),
    Who(standing=Standing.EXTERNAL),
    Who(standing=Standing.BOT),
    Who(standing=Standing.ADMIN, from_here=False),
)
VIEWER = Who(standing=Standing.MEMBER)
EDITOR = Who(standing=Standing.MEMBER, editor=True)

_words = st.just(RULE) | st.sampled_from([ALERT, '"red line"', "1d"]) | st.text(max_size=12)
_targets = st.sampled_from(TARGETS) | st.text(max_size=20)
_values = st.lists(
    st.builds(
        Argument,
        name=st.sampled_from(["name", "when", "except", "to", "urgency", "what", "how", "where"])
        | st.text(max_size=6),
        value=_words,
    ),
    max_size=6,
).map(tuple)


def _commands() -> st.SearchStrategy[tuple[str, str, tuple[Argument, ...]]]:
    def filled(spec: Any) -> st.SearchStrategy[tuple[str, str, tuple[Argument, ...]]]:
        options = [
            st.builds(Argument, name=st.just(option.name), value=_words) for option in spec.options
        ]
        return st.tuples(st.just(spec.group), st.just(spec.verb), st.tuples(*options))

    specs = [command.spec for command in COMMANDS]
    editing = [spec for spec in specs if spec.role is not Role.VIEWER]
    return (st.sampled_from(editing) | st.sampled_from(specs)).flatmap(filled)


def attempts() -> st.SearchStrategy[Attempt]:
    """Draw what strangers, viewers and editors try that they may not."""
    twists = {"again": st.booleans(), "late": st.booleans()}
    anybody = st.sampled_from([*STRANGERS, VIEWER])
    names = st.sampled_from([form.name for form in FORMS]) | st.text(max_size=12)
    forms = st.tuples(names, _targets, _values)
    theirs = st.tuples(names, st.sampled_from([DRAFT, "nobodys"]), _values)
    steps = st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([DRAFT, "nobodys"]))
    every = st.sampled_from(WORTH_TRYING) | st.tuples(st.sampled_from(sorted(Action)), _targets)
    edits = every.filter(lambda press: press[0] not in MEMBERS_MAY)
    kinds = st.tuples(st.sampled_from(["rule", "feed", "set", "duration", "text"]), _words)
    return st.one_of(
        st.builds(Attempt, who=anybody, command=_commands(), **twists),
        st.builds(Attempt, who=st.sampled_from(STRANGERS), press=every, **twists),
        st.builds(Attempt, who=st.just(VIEWER), press=edits, **twists),
        st.builds(Attempt, who=st.just(EDITOR), press=steps, **twists),
        st.builds(Attempt, who=st.just(EDITOR), press=st.sampled_from(ADMINS_MAY), **twists),
        st.builds(Attempt, who=anybody, form=forms, **twists),
        st.builds(Attempt, who=st.just(EDITOR), form=theirs, **twists),
        st.builds(Attempt, who=anybody, typed=kinds, **twists),
        st.builds(Attempt, who=anybody, home=st.just(True), **twists),
    )


@dataclass
class Vault:
    """A real service with something to lose: a rule, a mute, a change, a draft, a held flood.

    `editors` are the people, each as `platform:id`, whom the settings make editors.
    """

    workspace: str
    channel: ChannelRef
    editors: frozenset[str] = frozenset()
    clock: FakeClock = field(default_factory=FakeClock)
    store: MemoryStore = field(default_factory=OpenStore)

    def __post_init__(self) -> None:
        access = Access(grants=Grants(editors=self.editors))
        desk = a_desk(self.store, clock=self.clock, prefix="acme-")
        self.desk: Desk = replace(desk, access=access)

    def serve(self, clock: Clock, menu: object = None) -> Serve:
        """Return it as the service gives itself to an adapter."""
        del clock, menu
        return serve_of(self.desk)

    async def fill(self) -> None:
        """Put in what there is to lose."""
        rule = Rule(
            name=RULE,
            title="Rafah",
            when='"red line"',
            to=(self.channel,),
            origin=Origin.CHAT,
            workspace=self.workspace,
        )
        at = self.clock.now()
        mute = Mute(
            id=MUTE,
            scope=MuteScope.RULE,
            target=RULE,
            label=RULE,
            workspace=self.workspace,
            user_id="U0MAKER",
            at=at,
            until=at + timedelta(days=365),
        )
        things: tuple[Thing, ...] = (rule, mute)
        for number, thing in enumerate(things, 7):
            made = Change(
                id=f"change{number}",
                at=at,
                platform=self.channel.platform,
                workspace=self.workspace,
                channel_id="C1",
                user_id="U0MAKER",
                what="watch add",
                subject=RULE,
                after=thing,
            )
            assert await self.desk.watch.change(made) is Changed.DONE
        for form in ("watch.edit", "watch.save"):
            draft = Draft(
                id=DRAFT if form == "watch.edit" else OTHER_DRAFT,
                form=form,
                workspace=self.workspace,
                channel_id="C1",
                user_id="U0MAKER",
                made_at=at,
                subject=RULE,
                values=(Argument(name="name", value=RULE), Argument(name="when", value="x")),
            )
            await self.store.keep_draft(draft)

        await self.store.remember(self._flood())

    def _flood(self) -> PollRecord:
        """Return a poll that brought too much."""
        at = self.clock.now()
        alert = Alert(
            id="held7",
            channel=self.channel,
            story_id="s1",
            article_id="a1",
            version=1,
            rules=(RULE,),
            urgency=Urgency.NOW,
            reason=Reason.FLOOD,
            decided_at=at,
        )
        hold = Hold(
            id=HOLD,
            feed_id="gazette",
            channel=self.channel,
            flood=Flood.BURST,
            entries=40,
            held_at=at,
        )
        state = FeedState(feed_id="gazette", address="https://gazette.example/", next_poll_at=at)
        flooding = Owed(alert=alert, card=Card(title="Held"), held_in=HOLD)
        return PollRecord(state=state, owed=(flooding,), holds=(hold,))

    async def held(self) -> object:
        """Return everything that somebody could have changed; refusals are no change."""
        changes = await self.store.changes(ChangeQuery(refused=False, limit=1_000))
        feedback = await self.store.feedback_on(ALERT)
        drafts = [await self.store.draft(name) for name in (DRAFT, OTHER_DRAFT)]
        return (
            list(await self.store.kept_rules()),
            list(await self.store.kept_feeds()),
            list(await self.store.mutes(self.clock.now())),
            [change.id for change in changes],
            list(feedback),
            drafts,
            (await self.store.tally()).held,
        )

    async def busy(self, platform: str) -> bool:
        """Say whether something is still being answered."""
        since = self.clock.now() - timedelta(minutes=30)
        return bool(await self.store.pending(platform, since))
