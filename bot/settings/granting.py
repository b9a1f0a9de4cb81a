"""Who may do what: the people, groups and channels that `access` names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.model import Access, Grants
from bot.settings import crossing
from bot.settings.files import AccessSection, GrantsSection
from bot.settings.problems import Problems, nearest
from bot.settings.yaml_lines import Document, Path

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = "access"


def access(
    document: Document, section: AccessSection, platforms: Sequence[str], problems: Problems
) -> Access:
    """Return who may do what, and note each name that can mean nobody."""
    written: list[tuple[Path, str]] = [
        ((_KEY, "channels", text), text) for text in section.channels
    ]
    refs = crossing.channels(document, written, platforms, problems)
    named = _Named(document, platforms, problems)
    return Access(
        everyone=section.everyone,
        platform_admins=section.platform_admins,
        grants=named.grants((_KEY,), section),
        channels={
            ref: named.grants(path, section.channels[str(path[-1])]) for path, ref in refs.items()
        },
    )


class _Named:
    """Reads people and groups, each written platform:id."""

    def __init__(self, document: Document, platforms: Sequence[str], problems: Problems) -> None:
        self._document = document
        self._platforms = platforms
        self._problems = problems

    def grants(self, path: Path, section: GrantsSection) -> Grants:
        """Return whom a section makes editors and admins."""
        return Grants(
            editors=frozenset(self._people((*path, "editors"), section.editors)),
            admins=frozenset(self._people((*path, "admins"), section.admins)),
        )

    def _people(self, path: Path, written: Sequence[str]) -> Iterator[str]:
        alone = path in self._document.values and (*path, 0) not in self._document.values
        for number, text in enumerate(written):
            platform, colon, name = (part.strip() for part in text.partition(":"))
            trouble = self._trouble(text, platform.lower(), name if colon else "")
            if trouble:
                at = path if alone else (*path, number)
                self._problems.add(self._document.problem(at, *trouble))
            else:
                yield f"{platform.lower()}:{name}"

    def _trouble(self, text: str, platform: str, name: str) -> tuple[str, str] | None:
        """Return what is wrong with one of them, and what to do."""
        if not (platform and name):
            meant = " or ".join(f"{each}:{text.strip(': ')}" for each in self._platforms)
            return f"{text!r} is not a person or group", f"Write platform:id, such as {meant}"
        if self._platforms and platform not in self._platforms:
            near = nearest(platform, self._platforms)
            known = ", ".join(self._platforms)
            advice = f"Did you mean {near}:{name}?" if near else f"Known are: {known}"
            return f"names a chat platform that is not known: {text!r}", advice
        if not _ID.fullmatch(name):
            advice = "Give the id that the platform shows for them; names change hands"
            return f"{text!r} is no id of a person or group", advice
        return None
