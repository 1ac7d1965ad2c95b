"""Token steps of several edits in one forward; edits join and leave between any two steps (Yu et al. 2022, Orca; for
masked edits InstGenIE, arXiv 2505.20600).

Each edit runs in a thread of its own, as if it were alone; only one of them computes at any time, since torch takes all
cores anyway. An edit that comes to a step hands its question in and waits; when the step's turn comes it takes along
every question of its model that has come in. So nobody waits for company, and whoever is at a step gets it.

What an edit draws does not depend on its company: it has its own random generator (`regenerate.Regeneration`), and the
model must answer the same to the bit (`packed`).

Turns go round: a forward with all that follows from it, then a turn of an edit between steps, then one of an edit that
has computed for long without any, such as a large fill. A forward waits a moment for those on their way to a step
(`_PATIENCE_S`), so that edits that come together step together. A turn ends where an edit reports (`Seat.pause`).
Among those of a kind the one that came first goes on until it is at a step or has ended: taking turns would make all of
them as late as the last.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar, cast

from engine.tokens.regenerate import Answer, Ask, TokensToLogits

# Tokens of one forward: at 1024 wide and 4 bytes, a block's widest numbers of so many take 100 MB.
MOST_TOKENS = 4096
# A turn is not given away sooner: handing over costs a tenth of a millisecond, and caches cool.
_LEAST_TURN_S = 0.01
# Who computes for longer without a step holds up nobody who has just come.
_LONG_S = 0.5
# A forward lets those who have just come catch up for so long: they save it as many forwards as they have steps. Each
# edit can hold it up for `_LONG_S` in all.
_PATIENCE_S = 0.25
# How often who waits looks whether it was cancelled.
_LOOK_S = 0.05

Opened_contra = TypeVar("Opened_contra", contravariant=True)
OpenedT = TypeVar("OpenedT")


class Family(Protocol[Opened_contra]):
    """What steps are joined of: the same object, the same forward. `masked.interface.OpenModel` is one."""

    def steps_of(self, opened: Sequence[Opened_contra]) -> TokensToLogits:
        """The model, opened for these edits; a question's `edit` is a place among them."""
        ...


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
        self._line = _Line(most_tokens)

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

    def __init__(self, line: _Line, check: Callable[[], None]) -> None:
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
        self.leads: _Step | None = None

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

    def answer_to(self, question: _Question) -> Answer:
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


@dataclass(slots=True, eq=False)
class _Question:
    """One edit's question, and later its answer or why there is none."""

    seat: Seat
    family: Family[object]
    opened: object
    ask: Ask
    tokens: int
    answer: Answer | None = None
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class _Step:
    """A forward of a family's that waits for its turn, since when (`time.perf_counter`); at least one question."""

    family: Family[object]
    questions: list[_Question]
    since: float = field(default_factory=time.perf_counter)


@dataclass(slots=True, eq=False)
class _Joined:
    """A model opened for some edits, kept while they are the ones that ask."""

    opened: tuple[object, ...]
    seats: tuple[Seat, ...]
    model: TokensToLogits


class _Line:
    """Who is next. Its lock is held for moments; who has the turn computes without it."""

    def __init__(self, most_tokens: int) -> None:
        self._most_tokens = most_tokens
        self._lock = threading.Lock()
        self._entries: deque[Seat | _Step] = deque()
        self._busy = False
        self._arrivals = 0
        self._kind = 0
        self._joined: dict[int, _Joined] = {}
        self.forwards = 0
        self.answered = 0

    @property
    def is_empty(self) -> bool:
        return not self._entries

    @property
    def is_idle(self) -> bool:
        return not self._entries and not self._busy

    def enter(self, seat: Seat) -> None:
        """Wait for the first turn."""
        with self._lock:
            self._arrivals += 1
            seat.arrival = self._arrivals
            self._entries.append(seat)
            self._advance()
        seat.wait()

    def leave(self, seat: Seat) -> None:
        """Wherever it is: its turn, its place and its question go."""
        with self._lock:
            seat.has_left = True
            if seat in self._entries:
                self._entries.remove(seat)
            steps = [entry for entry in self._entries if isinstance(entry, _Step)]
            if seat.leads is not None:  # it was to run a forward, and was cancelled before it heard of it
                steps.append(seat.leads)
                self._entries.appendleft(seat.leads)
                seat.leads = None
            for step in steps:
                step.questions = [question for question in step.questions if question.seat is not seat]
                if not step.questions:
                    self._entries.remove(step)
            # What was opened for it is not kept for those that stay.
            self._joined = {key: joined for key, joined in self._joined.items() if seat not in joined.seats}
            self._give_away(seat)

    def go_behind(self, seat: Seat) -> None:
        """Give the turn away, and wait for the next one."""
        with self._lock:
            self._entries.append(seat)
            self._give_away(seat)
        seat.wait()

    def ask(self, question: _Question) -> None:
        """Give the turn away until the question is answered, or its forward is to be run."""
        with self._lock:
            for entry in self._entries:
                if isinstance(entry, _Step) and entry.family is question.family:
                    entry.questions.append(question)
                    break
            else:
                self._entries.append(_Step(question.family, [question]))
            self._give_away(question.seat)
        question.seat.wait()

    def answered_all(self, step: _Step, leader: Seat) -> None:
        """All go on, the leader too, when their turn comes."""
        with self._lock:
            for question in step.questions:
                question.seat.begin_anew()
                if not question.seat.has_left:
                    self._entries.append(question.seat)
            self._give_away(leader)
        leader.wait()

    # ── with the lock held ───────────────────────────────────────────────────────────────────────────────────

    def _give_away(self, seat: Seat) -> None:
        if seat.has_turn:
            seat.has_turn = False
            self._busy = False
        self._advance()

    def _advance(self) -> None:
        """Give the turn, if nobody has it, to whoever is next."""
        entry = None if self._busy else self._next()
        if entry is None:
            return
        self._busy = True
        self._entries.remove(entry)
        if isinstance(entry, Seat):
            entry.give_turn()
        else:
            leader = entry.questions[0].seat
            leader.leads = self._taken(entry)
            leader.give_turn()

    def _next(self) -> Seat | _Step | None:
        """Whoever was answered; who is about to ask, if the forward can wait; else the first of the next kind that there
        is: forwards, edits, long ones.
        """
        seats = [entry for entry in self._entries if isinstance(entry, Seat)]
        answered = next((seat for seat in seats if seat.is_answered), None)
        if answered is not None:
            return answered
        seats.sort(key=lambda seat: seat.arrival)
        kinds = (
            next((entry for entry in self._entries if isinstance(entry, _Step)), None),
            next((seat for seat in seats if not seat.is_long), None),
            next((seat for seat in seats if seat.is_long), None),
        )
        step, young, _ = kinds
        if step is not None and young is not None and time.perf_counter() - step.since < _PATIENCE_S:
            return young
        for following in range(1, len(kinds) + 1):
            kind = (self._kind + following) % len(kinds)
            if kinds[kind] is not None:
                self._kind = kind
                return kinds[kind]
        return None

    def _taken(self, step: _Step) -> _Step:
        """As many of its questions as one forward may hold; the rest wait at the end of the line."""
        count, tokens = 1, step.questions[0].tokens
        for question in step.questions[1:]:
            tokens += question.tokens
            if tokens > self._most_tokens:
                break
            count += 1
        if count < len(step.questions):
            self._entries.append(_Step(step.family, step.questions[count:], step.since))
        # In the order of arrival, so that the same edits are the same batch whoever asked first.
        return _Step(step.family, sorted(step.questions[:count], key=lambda question: question.seat.arrival))

    # ── with the turn ────────────────────────────────────────────────────────────────────────────────────────

    def run(self, step: _Step) -> None:
        """Answer the questions. Where they cannot be answered together each is asked alone, and fails alone."""
        try:
            self._answer(step)
        except Exception as error:
            if len(step.questions) == 1:
                step.questions[0].error = error
                return
        else:
            return
        # Only here, where the error and all that its frames held are gone: it may have been for want of memory.
        for question in step.questions:
            self.run(_Step(step.family, [question]))

    def _answer(self, step: _Step) -> None:
        opened = tuple(question.opened for question in step.questions)
        seats = tuple(question.seat for question in step.questions)
        joined = self._joined.get(id(step.family))
        if joined is None or not all(any(one is other for other in joined.opened) for one in opened):
            joined = _Joined(opened, seats, step.family.steps_of(opened))
            with self._lock:
                if not any(seat.has_left for seat in seats):
                    self._joined[id(step.family)] = joined
        places = [next(place for place, one in enumerate(joined.opened) if one is wanted) for wanted in opened]
        asks = [replace(question.ask, edit=place) for question, place in zip(step.questions, places, strict=True)]
        answers = joined.model(asks)
        self.forwards += 1
        self.answered += len(asks)
        for question, answer in zip(step.questions, answers, strict=True):
            question.answer = answer


class _Shared:
    """`TokensToLogits` of one edit."""

    def __init__(self, seat: Seat, family: Family[object], opened: object, tokens: int, sizes: tuple[int, ...]) -> None:
        self._seat, self._family, self._opened, self._tokens, self._sizes = seat, family, opened, tokens, sizes

    @property
    def sizes(self) -> tuple[int, ...]:
        return self._sizes

    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        ask = self._seat.answer_to
        return [ask(_Question(self._seat, self._family, self._opened, one, self._tokens)) for one in asks]


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
