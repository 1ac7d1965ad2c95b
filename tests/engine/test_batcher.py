"""Edits that share forwards draw what they draw alone, whoever comes and goes."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import box_hole, make_window, toy_tokenizer, toy_transformer
from torch import Tensor

from engine.batcher import Batcher, Seat, model_for, pause, uninterrupted
from engine.errors import Cancelled
from engine.tokens.regenerate import Answer, Ask, Recipe, Regeneration, regenerate
from engine.tokens.region import RegionFamily, Worded, decode_drawn, open_region
from engine.tokens.schedule import Order
from engine.tokens.text import START

# Only so that a fault does not hang the suite.
SAFETY_S = 10.0


@dataclass
class Case:
    """One edit of the toy model."""

    box: tuple[int, int, int, int]
    words: tuple[int, ...]
    recipe: Recipe
    seed: int


CASES = [
    Case((8, 8, 40, 40), (START, 4, 5), Recipe(steps=4, guidance=(1.5, 2.5)), 0),
    Case((3, 3, 9, 9), (START,), Recipe(steps=9), 1),
    Case((0, 0, 48, 48), (START, 6, 7, 8, 3), Recipe(order=Order.CONFIDENCE, guidance=(2.0, 2.0)), 2),
    Case((8, 8, 40, 40), (START, 9), Recipe(steps=3, guidance=(1.0, 2.0), temperature=(1.0, 0.5)), 3),
    Case((0, 16, 48, 40), (START, 9), Recipe(steps=12, least_share=0.1), 4),
]
MODEL, TOKENIZER = toy_transformer(), toy_tokenizer()
FAMILY = RegionFamily(MODEL)


def drawn(case: Case, after_step: Callable[[Regeneration], None] = lambda _: None) -> Tensor:
    """The pixels of the case's box, drawn by whatever model its thread is given."""
    window = make_window(box_hole(48, 48, case.box), case.seed)
    region = open_region(MODEL, window.ground, window.known, window.region)
    model = model_for(FAMILY, Worded(region, case.words), tokens=len(region.at))
    ids = regenerate(model, region.at, region.size_tok, case.recipe, seed=case.seed, after_step=after_step)
    revealed = torch.ones(len(ids), dtype=torch.bool)
    return decode_drawn(TOKENIZER, region, ids, revealed, window.ground, window.known)[1]


ALONE = [drawn(case) for case in CASES]


def run_all(works: Sequence[Callable[[], object]]) -> list[object]:
    """Each in a thread of its own; what it gave or raised."""
    results: list[object] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            results[number] = work()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SAFETY_S)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


def seated(batcher: Batcher, work: Callable[[Seat], object], check: Callable[[], None] = lambda: None) -> object:
    with batcher.edit(check) as seat:
        return work(seat)


@dataclass
class StubAnswer:
    value: int

    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        return torch.full((len(at), 3), float(self.value))


@dataclass
class StubModel:
    family: StubFamily
    opened: Sequence[str]
    sizes: tuple[int, ...] = (3,)

    def __call__(self, asks: Sequence[Ask]) -> list[Answer]:
        names = [self.opened[ask.edit] for ask in asks]
        self.family.forwards.append(names)
        time.sleep(self.family.takes_s)
        for name in names:
            if name.startswith("bad"):
                raise MemoryError(name)
        return [StubAnswer(len(name)) for name in names]


@dataclass
class StubFamily:
    """A model that tells who was in its forwards, and has no memory for whose name begins with “bad”."""

    takes_s: float = 0.001
    forwards: list[list[str]] = field(default_factory=list[list[str]])

    def steps_of(self, opened: Sequence[str]) -> StubModel:
        return StubModel(self, tuple(opened))


def stepping(family: StubFamily, name: str, steps: int, tokens: int = 1) -> Callable[[Seat], int]:
    def work(_: Seat) -> int:
        model = model_for(family, name, tokens)
        for _step in range(steps):
            answer = model([Ask(0, torch.zeros(tokens, 1, dtype=torch.int64), torch.zeros(tokens).bool(), 1.0)])[0]
            assert float(answer.logits(torch.zeros(1), torch.zeros(1, 0))[0, 0]) == len(name)
        return steps

    return work


@given(
    st.lists(
        st.tuples(st.integers(0, len(CASES) - 1), st.floats(0, 0.02), st.floats(0, 0.003)), min_size=2, max_size=7
    ),
    st.sampled_from([1, 20, 64, 4096]),
)
@settings(max_examples=10, deadline=None)
def test_whoever_comes_when_draws_what_it_draws_alone(arrivals: list[tuple[int, float, float]], most_tokens: int):
    batcher = Batcher(most_tokens)

    def edit(number: int, comes_s: float, looks_s: float) -> object:
        time.sleep(comes_s)
        return seated(batcher, lambda _: drawn(CASES[number], lambda _: time.sleep(looks_s)))

    results = run_all([lambda each=each: edit(*each) for each in arrivals])
    for (number, _, _), result in zip(arrivals, results, strict=True):
        assert isinstance(result, Tensor), result
        assert torch.equal(result, ALONE[number])


def test_edits_that_are_there_at_once_share_their_forwards():
    batcher, barrier = Batcher(), threading.Barrier(4)
    cases = [CASES[0]] * 4

    def edit(case: Case) -> object:
        barrier.wait(SAFETY_S)
        return seated(batcher, lambda _: drawn(case))

    for result in run_all([lambda case=case: edit(case) for case in cases]):
        assert isinstance(result, Tensor) and torch.equal(result, ALONE[0])
    steps = Regeneration(torch.zeros(16, 2).long(), (6, 6), (12, 6), CASES[0].recipe, seed=0).steps
    assert batcher.answered == 4 * steps
    # The first may be a step or two ahead of the others; one after another they would be four times as many.
    assert batcher.forwards <= 2 * steps


def test_one_that_is_cancelled_in_the_middle_leaves_the_others_as_they_are():
    batcher = Batcher()
    told = threading.Event()

    def check() -> None:
        if told.is_set():
            raise Cancelled

    def after(state: Regeneration) -> None:
        if state.step == 2:
            told.set()
        check()

    works = [
        lambda: seated(batcher, lambda _: drawn(CASES[2], after), check),
        lambda: seated(batcher, lambda _: drawn(CASES[0])),
        lambda: seated(batcher, lambda _: drawn(CASES[4])),
    ]
    first, *others = run_all(works)
    assert isinstance(first, Cancelled)
    for result, number in zip(others, (0, 4), strict=True):
        assert isinstance(result, Tensor) and torch.equal(result, ALONE[number])
    assert isinstance(seated(batcher, lambda _: drawn(CASES[1])), Tensor)


def test_one_that_waits_is_cancelled_without_its_turn():
    batcher, begun, told, ended = Batcher(), threading.Event(), threading.Event(), threading.Event()

    def check() -> None:
        if told.is_set():
            raise Cancelled

    def deaf(_: Seat) -> bool:
        begun.set()
        return ended.wait(SAFETY_S)

    def waiting() -> object:
        begun.wait(SAFETY_S)
        told.set()
        try:
            return seated(batcher, lambda _: "had a turn", check)
        finally:
            ended.set()

    results = run_all([lambda: seated(batcher, deaf), waiting])
    assert results[0] is True and isinstance(results[1], Cancelled)


def test_a_question_without_an_answer_costs_only_its_edit():
    batcher, family, barrier = Batcher(), StubFamily(0.01), threading.Barrier(3)

    def edit(name: str) -> object:
        barrier.wait(SAFETY_S)
        return seated(batcher, stepping(family, name, 4))

    good, bad, other = run_all([lambda name=name: edit(name) for name in ("good", "bad", "others")])
    assert (good, other) == (4, 4)
    assert isinstance(bad, MemoryError) and str(bad) == "bad"


def test_an_edit_that_fails_by_itself_gives_its_turn_away():
    batcher, family = Batcher(), StubFamily()
    results = run_all([lambda: seated(batcher, lambda _: 1 // 0), lambda: seated(batcher, stepping(family, "good", 3))])
    assert isinstance(results[0], ZeroDivisionError) and results[1] == 3


def test_no_forward_is_wider_than_allowed_and_everybody_goes_on():
    batcher, family = Batcher(most_tokens=10), StubFamily(0.002)
    tokens = {"a": 4, "bb": 4, "ccc": 4, "dddd": 25, "eeeee": 2}
    results = run_all(
        [lambda n=name: seated(batcher, stepping(family, n, 6, tokens[n])) for name in tokens]  # type: ignore[misc]
    )
    assert results == [6] * 5
    for names in family.forwards:
        assert len(names) == 1 or sum(tokens[name] for name in names) <= 10
    assert max(len(names) for names in family.forwards) > 1


def test_a_newcomer_is_in_the_next_forward():
    batcher, family = Batcher(), StubFamily(0.005)
    waited: list[int] = []

    def newcomer() -> object:
        time.sleep(0.05)

        def work(seat: Seat) -> int:
            before = batcher.forwards
            stepping(family, "newcomer", 1)(seat)
            waited.append(batcher.forwards - before)
            return 1

        return seated(batcher, work)

    old = [lambda n=name: seated(batcher, stepping(family, n, 40)) for name in ("a", "bb", "ccc")]  # type: ignore[misc]
    run_all([*old, newcomer])
    assert waited == [1]


def long(seconds: float, done: list[str], name: str) -> Callable[[Seat], None]:
    """Work without steps that reports every few milliseconds."""

    def work(_: Seat) -> None:
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            sum(range(20_000))
            pause()
        done.append(name)

    return work


def computing_until(ended: threading.Event) -> Callable[[Seat], int]:
    """Work without steps that goes on until the others have ended; how often it reported."""

    def work(_: Seat) -> int:
        reports = 0
        while not ended.is_set():
            sum(range(20_000))
            pause()
            reports += 1
        return reports

    return work


def test_a_long_fill_does_not_hold_up_steps(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.batcher._LONG_S", 0.05)
    batcher, family, begun, ended = Batcher(), StubFamily(0.001), threading.Event(), threading.Event()

    def fill(seat: Seat) -> int:
        begun.set()
        return computing_until(ended)(seat)

    def later(name: str) -> object:
        begun.wait(SAFETY_S)
        return seated(batcher, stepping(family, name, 10))

    def steps() -> object:
        results = run_all([lambda: later("a"), lambda: later("bb")])
        ended.set()
        return results

    reports, results = run_all([lambda: seated(batcher, fill), steps])
    assert results == [10, 10] and isinstance(reports, int) and reports > 10
    assert sum(len(names) == 2 for names in family.forwards) >= 9


def test_steps_do_not_hold_up_a_long_fill(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.batcher._LONG_S", 0.05)
    batcher, family, begun, ended = Batcher(), StubFamily(0.001), threading.Event(), threading.Event()

    def for_ever(seat: Seat) -> int:
        steps = 0
        while not ended.is_set():
            steps += stepping(family, "a", 1)(seat)
            begun.set()
        return steps

    def fill() -> object:
        begun.wait(SAFETY_S)
        done = list[str]()
        seated(batcher, long(0.2, done, "fill"))
        ended.set()
        return done

    steps, done = run_all([lambda: seated(batcher, for_ever), fill])
    assert done == ["fill"]
    assert isinstance(steps, int) and steps > 3, "it went on beside the fill"


def test_a_forward_waits_for_those_who_are_about_to_ask(monkeypatch: pytest.MonkeyPatch):
    """And not where there is no patience."""

    def widths(patience_s: float) -> list[int]:
        monkeypatch.setattr("engine.line.PATIENCE_S", patience_s)
        batcher, family, barrier = Batcher(), StubFamily(), threading.Barrier(4)

        def edit(name: str) -> object:
            barrier.wait(SAFETY_S)

            def work(seat: Seat) -> int:
                long(0.02, [], "before its steps")(seat)
                return stepping(family, name, 6)(seat)

            return seated(batcher, work)

        run_all([lambda name=name: edit(name) for name in ("a", "bb", "ccc", "dddd")])
        return [len(names) for names in family.forwards]

    assert widths(60.0) == [4] * 6
    assert max(widths(0.0)[:2]) < 4


@pytest.mark.parametrize("long_s", [0.1, 60.0])
def test_of_two_that_compute_without_steps_the_first_ends_first(long_s: float, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.batcher._LONG_S", long_s)
    batcher, done, first = Batcher(), list[str](), threading.Event()

    def one(seat: Seat) -> None:
        first.set()
        long(0.3, done, "first")(seat)

    def two() -> object:
        first.wait(SAFETY_S)
        return seated(batcher, long(0.2, done, "second"))

    run_all([lambda: seated(batcher, one), two])
    assert done == ["first", "second"]


def test_who_comes_during_anothers_steps_comes_to_its_own_beside_them():
    batcher, family, done, begun = Batcher(), StubFamily(0.01), list[str](), threading.Event()

    def first(seat: Seat) -> None:
        stepping(family, "first", 1)(seat)
        begun.set()
        stepping(family, "first", 30)(seat)
        done.append("first")

    def second(seat: Seat) -> None:
        long(0.05, [], "before its steps")(seat)
        stepping(family, "other", 3)(seat)
        done.append("second")

    def later() -> object:
        begun.wait(SAFETY_S)
        return seated(batcher, second)

    run_all([lambda: seated(batcher, first), later])
    assert done == ["second", "first"]
    assert sum(len(names) == 2 for names in family.forwards) == 3


def test_who_holds_a_lock_keeps_its_turn_where_it_reports():
    batcher, lock, barrier = Batcher(), threading.Lock(), threading.Barrier(2)

    def loading(_: Seat) -> bool:
        with uninterrupted(), lock:
            for _step in range(5):
                time.sleep(0.02)
                pause()
        return True

    def edit() -> object:
        barrier.wait(SAFETY_S)
        return seated(batcher, loading)

    assert run_all([edit, edit]) == [True, True]


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_that_comes_and_goes_and_is_cancelled_at_random_ends(seed: int):
    draw = random.Random(seed)
    batcher, family = Batcher(most_tokens=6), StubFamily(0.0005)

    def edit(name: str, comes_s: float, steps: int, lives_s: float, rests: bool) -> object:
        time.sleep(comes_s)
        end = time.monotonic() + lives_s

        def check() -> None:
            if time.monotonic() > end:
                raise Cancelled

        def work(seat: Seat) -> int:
            for _ in range(steps):
                stepping(family, name, 1, draw.randint(1, 4))(seat)
                check()
                if rests:
                    time.sleep(0.011)
                    pause()
            return steps

        return seated(batcher, work, check)

    plans = [
        (
            ("bad" if draw.random() < 0.1 else "n") * draw.randint(1, 3) + str(number),
            draw.random() * 0.2,
            draw.randint(1, 20),
            draw.choice([0.01, 0.1, 60.0]),
            draw.random() < 0.3,
        )
        for number in range(24)
    ]
    results = run_all([lambda plan=plan: edit(*plan) for plan in plans])
    for plan, result in zip(plans, results, strict=True):
        assert result == plan[2] or isinstance(result, MemoryError if plan[0].startswith("bad") else Cancelled), plan
    assert batcher.is_idle and not batcher._line._joined, "nothing is kept for those that have left"


def test_without_a_batcher_a_model_is_itself():
    family = StubFamily()
    assert isinstance(model_for(family, "alone", 1), StubModel)
    pause()


def test_a_forward_of_nothing_is_refused():
    with pytest.raises(ValueError, match="0 tokens"):
        Batcher(0)
