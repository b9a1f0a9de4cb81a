"""Whether it is our own network that is down, and not so many publishers at once."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.model import FetchFailure, FetchResult, FetchTrouble

MANY = 5
"""So many hosts in a row that nothing comes from are no coincidence."""

_SILENCE = frozenset({FetchTrouble.UNREACHABLE, FetchTrouble.TIMEOUT})
_NOT_ASKED = frozenset(
    {FetchTrouble.BAD_URL, FetchTrouble.REFUSED_ADDRESS, FetchTrouble.RATE_LIMITED}
)


class Weather:
    """Watches the results of all fetches. Any answer, and be it an error, proves the network."""

    def __init__(self) -> None:
        self._silent: set[str] = set()

    def note(self, address: str, result: FetchResult) -> None:
        """Take a result in; what was never asked says nothing."""
        if not isinstance(result, FetchFailure) or result.status is not None:
            self._silent.clear()
        elif result.trouble in _SILENCE:
            self._silent.add(urlsplit(address).netloc.casefold())
        elif result.trouble not in _NOT_ASKED:
            self._silent.clear()

    def explains(self, failure: FetchFailure) -> bool:
        """Say whether a failure is probably our own."""
        return failure.trouble in _SILENCE and len(self._silent) >= MANY
