"""Whose turn it is among edits that come together, and what a forward takes along; see `batcher`."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.tokens.regenerate import Answer, Ask, TokensToLogits

if TYPE_CHECKING:
    from engine.batcher import Seat

# A forward lets those who have just come catch up for so long: they save it as many forwards as they have steps. Each
# edit can hold it up for `batcher._LONG_S` between two of its steps.
PATIENCE_S = 0.25
Opened_contra = TypeVar("Opened_contra", contravariant=True)


class Family(Protocol[Opened_contra]):
    """What steps are joined of: the same object, the same forward. `masked.interface.OpenModel` is one."""

    def steps_of(self, opened: Sequence[Opened_contra]) -> TokensToLogits:
        """The model, opened for these edits; a question's `edit` is a place among them."""
        ...


@dataclass(slots=True, eq=False)
class Question:
    """One edit's question, and later its answer or why there is none."""

    seat: Seat
    family: Family[object]
    opened: object
    ask: Ask
    tokens: int
    answer: Answer | None = None
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class Step:
    """A forward of a family's that waits for its turn, since when (`time.perf_counter`); at least one question."""

    family: Family[object]
    questions: list[Question]
    since: float = field(default_factory=time.perf_counter)


@dataclass(slots=True, eq=False)
class _Joined:
    """A model opened for some edits, kept while they are the ones that ask."""

    opened: tuple[object, ...]
    seats: tuple[Seat, ...]
    model: TokensToLogits


class Line:
    """Who is next. Its lock is held for moments; who has the turn computes without it."""

    def __init__(self, most_tokens: int) -> None:
        self._most_tokens = most_tokens
        self._lock = threading.Lock()
        self._entries: deque[Seat | Step] = deque()
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
            steps = [entry for entry in self._entries if isinstance(entry, Step)]
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

    def ask(self, question: Question) -> None:
        """Give the turn away until the question is answered, or its forward is to be run."""
        with self._lock:
            for entry in self._entries:
                if isinstance(entry, Step) and entry.family is question.family:
                    entry.questions.append(question)
                    break
            else:
                self._entries.append(Step(question.family, [question]))
            self._give_away(question.seat)
        question.seat.wait()

    def answered_all(self, step: Step, leader: Seat) -> None:
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
        if not isinstance(entry, Step):
            entry.give_turn()
        else:
            leader = entry.questions[0].seat
            leader.leads = self._taken(entry)
            leader.give_turn()

    def _next(self) -> Seat | Step | None:
        """Whoever was answered; who is about to ask, if the forward can wait; else the first of the next kind that
        there is: forwards, edits, long ones.
        """
        seats = [entry for entry in self._entries if not isinstance(entry, Step)]
        answered = next((seat for seat in seats if seat.is_answered), None)
        if answered is not None:
            return answered
        seats.sort(key=lambda seat: seat.arrival)
        kinds = (
            next((entry for entry in self._entries if isinstance(entry, Step)), None),
            next((seat for seat in seats if not seat.is_long), None),
            next((seat for seat in seats if seat.is_long), None),
        )
        step, young, _ = kinds
        if step is not None and young is not None and time.perf_counter() - step.since < PATIENCE_S:
            return young
        for following in range(1, len(kinds) + 1):
            kind = (self._kind + following) % len(kinds)
            if kinds[kind] is not None:
                self._kind = kind
                return kinds[kind]
        return None

    def _taken(self, step: Step) -> Step:
        """As many of its questions as one forward may hold; the rest wait at the end of the line."""
        count, tokens = 1, step.questions[0].tokens
        for question in step.questions[1:]:
            tokens += question.tokens
            if tokens > self._most_tokens:
                break
            count += 1
        if count < len(step.questions):
            self._entries.append(Step(step.family, step.questions[count:], step.since))
        # In the order of arrival, so that the same edits are the same batch whoever asked first.
        return Step(step.family, sorted(step.questions[:count], key=lambda question: question.seat.arrival))

    # ── with the turn ────────────────────────────────────────────────────────────────────────────────────────

    def run(self, step: Step) -> None:
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
            self.run(Step(step.family, [question]))

    def _answer(self, step: Step) -> None:
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
