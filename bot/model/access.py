"""Who may do what."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.rules import ChannelRef


class Role(enum.StrEnum):
    """What a person may do: look up, edit what is watched, or edit what others depend on too."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Return 0 for viewers, 1 for editors, 2 for admins."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Whom the settings make editors and admins, by the platform's ids of people or their groups.

    Each is written `platform:id`: `slack:U012AB3CD`, `slack:S0615G0KT` (a usergroup),
    `discord:80351110224678912` (a person or a role).
    """

    editors: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may do what, as the settings say.

    `everyone` is the role of every member of the workspace. Whoever leads it on its platform (an
    owner or admin in Slack, Manage Server in Discord) is an admin here too, unless
    `platform_admins` says no. `channels` grants more in single channels.
    """

    everyone: Role = Role.VIEWER
    platform_admins: bool = True
    grants: Grants = field(default_factory=Grants)
    channels: Mapping[ChannelRef, Grants] = field(default_factory=dict)

    def named(self) -> frozenset[str]:
        """Return everybody who is named, people and groups, each as `platform:id`."""
        every = (self.grants, *self.channels.values())
        return frozenset().union(*(one.editors | one.admins for one in every))
