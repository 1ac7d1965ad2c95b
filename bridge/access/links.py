"""Links for oneself: one that lets a browser on the way from a plugin be the person whom the plugin is paired as.

A link works once and for two minutes. It is kept in memory, by its token's hash only: with the bridge it ends.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bridge.access.tokens import new_token, token_hash

LINK_LIFE_S = 120
# Links that wait to be opened: of one person, and in all. Beyond, the oldest goes.
_OF_ONE = 16
_OF_ALL = 1024


@dataclass(frozen=True, slots=True)
class Link:
    """Whom it lets in where, and until when on the clock."""

    person_id: str
    document_id: str
    ends_s: float


class Links:
    """The links that have not been opened yet.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._links: OrderedDict[bytes, Link] = OrderedDict()

    def make(self, person_id: str, document_id: str) -> str:
        """A new link's token; said once."""
        self._forget()
        own = [key for key, link in self._links.items() if link.person_id == person_id]
        if len(own) >= _OF_ONE:
            del self._links[own[0]]
        while len(self._links) >= _OF_ALL:
            self._links.popitem(last=False)
        token = new_token()
        self._links[token_hash(token)] = Link(person_id, document_id, self._clock() + LINK_LIFE_S)
        return token

    def take(self, token: str) -> Link | None:
        """The link of that token, which works no more; None when there is none, or it was opened or is too old."""
        self._forget()
        return self._links.pop(token_hash(token), None)

    def _forget(self) -> None:
        now_s = self._clock()
        for key in [key for key, link in self._links.items() if link.ends_s <= now_s]:
            del self._links[key]
