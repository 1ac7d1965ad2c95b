"""How quickly one person may write what others must read: a bucket of tokens each (a leaky bucket as a meter)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from bridge.errors import TooFast

# So many comments and verdicts at once, and so many a second from then on: nobody types more, and what a program writes
# beyond would bury the others'.
BURST = 30
A_SECOND = 3.0
# People remembered at once: far more than a bridge has.
_PEOPLE = 4_096


class Pace:
    """Counts what each person writes; connections of one person count together.

    Args:
        burst, a_second: see `BURST`.
        clock: seconds, never going back.
    """

    def __init__(
        self, burst: int = BURST, a_second: float = A_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._a_second = a_second
        self._clock = clock
        # What is left, and when that was so.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, person_id: str) -> None:
        """This person writes once more.

        Raises:
            TooFast: too soon; it does not count.
        """
        now_s = self._clock()
        left, then_s = self._left.get(person_id, (float(self._burst), now_s))
        left = min(float(self._burst), left + (now_s - then_s) * self._a_second)
        if left < 1:
            raise TooFast((1 - left) / self._a_second)
        self._left[person_id] = (left - 1, now_s)
        self._left.move_to_end(person_id)
        while len(self._left) > _PEOPLE:
            self._left.popitem(last=False)
