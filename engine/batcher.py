"""Token steps of several edits in one forward; edits join and leave between any two steps (Yu et al. 2022, Orca; for
masked edits InstGenIE, arXiv 2505.20600).

Each edit runs in a thread of its own, as if it were alone; only one of them computes at any time, since torch takes all
cores anyway. An edit that comes to a step hands its question in and waits; when the step's turn comes it takes along
every question of its model that has come in. So nobody waits for company, and whoever is at a step gets it.

What an edit draws does not depend on its company: it has its own random generator (`regenerate.Regeneration`), and the
model must answer the same to the bit (`packed`).

Turns go round: a forward with all that follows from it, then a turn of an edit between steps, then one of an edit that
has computed for long without any, such as a large fill. A forward waits a moment for those on their way to a step
(`line.PATIENCE_S`), so that edits that come together step together. A turn ends where an edit reports (`Seat.pause`).
Among those of a kind the one that came first goes on until it is at a step or has ended: taking turns would make all of
them as late as the last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

from engine.line import Family, Line, Question, Step
from engine.tokens.regenerate import Answer, Ask, TokensToLogits

# Tokens of one forward: at 1024 wide and 4 bytes, a block's widest numbers of so many take 100 MB.
MOST_TOKENS = 4096
# A turn is not given away sooner: handing over costs a tenth of a millisecond, and caches cool.
_LEAST_TURN_S = 0.01
# Who computes for longer without a step holds up nobody who has just come.
_LONG_S = 0.5
# How often who waits looks whether it was cancelled.
_LOOK_S = 0.05

OpenedT = TypeVar("OpenedT")


class Batcher:
    """Where edits come together; each enters with `edit`, in a thread of its own."""

    def __init__(self, most_tokens: int = MOST_TOKENS) -> None:
        """
        Args:
            most_tokens: computed by one forward at most, so that memory is bounded; one edit's step always goes.

        Raises:
            ValueError: none at all.
        """
        if most_tokens < 1:
            raise ValueError(f"a forward of {most_tokens} tokens")
        self._line = Line(most_tokens)

    @property
    def forwards(self) -> int:
        """Run so far."""
        return self._line.forwards

    @property
    def answered(self) -> int:
        """Questions answered so far."""
        return self._line.answered

    @property
    def is_idle(self) -> bool:
        """Whether nobody computes or waits."""
        return self._line.is_idle

    @contextmanager
    def edit(self, check: Callable[[], None] = lambda: None) -> Generator[Seat]:
        """One edit, in the thread that calls: waits for its turn, and has it within the block whenever it computes.

        Args:
            check: raises where the edit is to stop; asked also while it waits.

        Raises:
            Whatever ``check`` raises.
        """
        seat = Seat(self._line, check)
        token = _SEAT.set(seat)
        try:
            self._line.enter(seat)
            yield seat
        finally:
            _SEAT.reset(token)
            self._line.leave(seat)


class Seat:
    """One edit's place; its methods are called by its own thread."""

    def __init__(self, line: Line, check: Callable[[], None]) -> None:
        self._line = line
        self._check = check
        self.keeps_turn = False
        self._go = threading.Event()
        self._computed_s = 0.0
        self._turn_began = 0.0
        # The line's own, with its lock held.
        self.arrival = 0
        self.has_turn = False
        self.has_left = False
        self.is_answered = False
        self.leads: Step | None = None

    @property
    def is_long(self) -> bool:
        """Whether it has computed for long without a step."""
        return self._computed_s > _LONG_S

    def model(self, family: Family[OpenedT], opened: OpenedT, tokens: int) -> TokensToLogits:
        """The family's model for this edit alone (its number is 0), whose forwards are shared.

        Args:
            tokens: that one step of it computes.
        """
        sizes = family.steps_of([opened]).sizes
        return _Shared(self, cast("Family[object]", family), opened, tokens, sizes)

    def pause(self) -> None:
        """Let the others go on, if there are any and this one has computed for a while.

        Raises:
            Whatever the edit's ``check`` raises, where it comes to wait.
        """
        now = time.perf_counter()
        if self.keeps_turn or self._line.is_empty or now - self._turn_began < _LEAST_TURN_S:
            return
        self._computed_s += now - self._turn_began
        self._line.go_behind(self)

    def answer_to(self, question: Question) -> Answer:
        """Wait until a forward has answered, and run it where this one's turn is its.

        Raises:
            Whatever the model raises for this question alone, and the edit's ``check``.
        """
        self._line.ask(question)
        while (step := self.leads) is not None:
            self.leads = None
            self._line.run(step)
            self._line.answered_all(step, self)
        if question.error is not None:
            raise question.error
        assert question.answer is not None, "it comes back into the line when it is answered"
        return question.answer

    def begin_anew(self) -> None:
        """A step was done: from here on its time counts."""
        self._computed_s = 0.0
        self.is_answered = True

    def give_turn(self) -> None:
        self.has_turn, self.is_answered = True, False
        self._go.set()

    def wait(self) -> None:
        """Until it has the turn.

        Raises:
            Whatever the edit's ``check`` raises.
        """
        while not self._go.wait(_LOOK_S):
            self._check()
        self._go.clear()
        self._turn_began = time.perf_counter()


class _Shared:
    """`TokensToLogits` of one edit."""

    def __init__(self, seat: Seat, family: Family[object], opened: object, tokens: int, sizes: tuple[int, ...]) -> None:
        self._seat, self._family, self._opened, self._tokens, self._sizes = seat, family, opened, tokens, sizes

    @property
    def sizes(self) -> tuple[int, ...]:
        return self._sizes

    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        ask = self._seat.answer_to
        return [ask(Question(self._seat, self._family, self._opened, one, self._tokens)) for one in asks]


_SEAT: ContextVar[Seat | None] = ContextVar("seat", default=None)


def model_for(family: Family[OpenedT], opened: OpenedT, tokens: int) -> TokensToLogits:
    """The model for one edit: through the batcher where the edit runs in one (`Batcher.edit`), or by itself.

    Args:
        tokens: that one step of it computes.
    """
    seat = _SEAT.get()
    return family.steps_of([opened]) if seat is None else seat.model(family, opened, tokens)


def pause() -> None:
    """`Seat.pause` of the edit that runs here, if it runs in a batcher."""
    seat = _SEAT.get()
    if seat is not None:
        seat.pause()


@contextmanager
def uninterrupted() -> Generator[None]:
    """Keep the turn for the length of a block without steps: for who holds a lock that others may ask for."""
    seat = _SEAT.get()
    if seat is None or seat.keeps_turn:
        yield
        return
    seat.keeps_turn = True
    try:
        yield
    finally:
        seat.keeps_turn = False
