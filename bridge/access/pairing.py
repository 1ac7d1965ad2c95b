"""Pairing codes: shown on the bridge's own machine, typed into the plugin, traded there for a token.

A code has 8 characters of 31 (8.5 · 10¹¹ codes), lives ten minutes and works once. Wrong codes cost the guesser a
growing wait, for itself and, more generously, for the bridge as a whole; and after some of them the code is replaced.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.errors import PairingFailed, TooManyAttempts

# No 0 O, 1 I L: read aloud or off a screen, none is taken for another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARS = 8
_GROUP = 4
CODE_LIFE_S = 600.0
# Wrong codes before waits begin: typing errors of a person, from one peer and from all together.
FREE_ATTEMPTS = 5
_FREE_ATTEMPTS_OF_ALL = 20
# The longest wait. Longer would let a page that guesses keep the designer out; this leaves it 1,440 tries a day.
LONGEST_WAIT_S = 60.0
# So many wrong codes and the one shown is replaced.
_ATTEMPTS_A_CODE = 20
# Attempts are forgotten after so long without another.
_FORGET_S = 900.0
# Peers remembered at once; more cannot be on loopback, and a flood must not fill the memory.
_PEERS = 256


@dataclass(slots=True)
class _Attempts:
    """Wrong codes of one peer, or of all."""

    free: int
    wrong: int = 0
    last_s: float = 0.0

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next try is taken: 1, 2, 4 … after the free ones."""
        over = self.wrong - self.free
        if over < 0:
            return 0.0
        return max(0.0, self.last_s + min(LONGEST_WAIT_S, 2.0 ** min(over, 10)) - now_s)

    def add(self, now_s: float) -> None:
        self.wrong = 1 if now_s - self.last_s > _FORGET_S else self.wrong + 1
        self.last_s = now_s


class Pairing:
    """The one code that is valid now.

    Args:
        clock: seconds, never going back.
        random: picks one of the characters, unpredictably.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[Sequence[str]], str] = secrets.choice,
    ) -> None:
        self._clock = clock
        self._random = random
        self._all = _Attempts(_FREE_ATTEMPTS_OF_ALL)
        self._peers: OrderedDict[str, _Attempts] = OrderedDict()
        self._renew()

    @property
    def code(self) -> str:
        """The code to show, as ``K7QF-2M9X``; a new one when the last has been used or is too old."""
        if self.seconds_left <= 0:
            self._renew()
        return "-".join(self._code[start : start + _GROUP] for start in range(0, CODE_CHARS, _GROUP))

    @property
    def seconds_left(self) -> float:
        """How long the code is still valid; 0 when it is not."""
        return max(0.0, self._made_s + CODE_LIFE_S - self._clock())

    def redeem(self, code: str, peer: str) -> None:
        """Use the code up; a new one takes its place.

        Args:
            code: as typed; case, dashes and spaces do not count.
            peer: address of who tries.

        Raises:
            TooManyAttempts: too many wrong codes; this one was not even compared.
            PairingFailed: wrong, used or too old.
        """
        now_s = self._clock()
        attempts = self._attempts_of(peer)
        wait_s = max(attempts.wait_s(now_s), self._all.wait_s(now_s))
        if wait_s > 0:
            raise TooManyAttempts(wait_s)
        right = hmac.compare_digest(_plain(code).encode(), self._code.encode())
        if right and self.seconds_left > 0:
            self._renew()
            self._peers.pop(peer, None)
            return
        attempts.add(now_s)
        self._all.add(now_s)
        self._wrong += 1
        if self._wrong >= _ATTEMPTS_A_CODE:
            self._renew()
        raise PairingFailed

    def _renew(self) -> None:
        self._code = "".join(self._random(ALPHABET) for _ in range(CODE_CHARS))
        self._made_s = self._clock()
        self._wrong = 0

    def _attempts_of(self, peer: str) -> _Attempts:
        attempts = self._peers.setdefault(peer, _Attempts(FREE_ATTEMPTS))
        self._peers.move_to_end(peer)
        while len(self._peers) > _PEERS:
            self._peers.popitem(last=False)
        return attempts


def _plain(code: str) -> str:
    """The code as it is compared."""
    return "".join(char for char in code.upper() if char.isalnum())
