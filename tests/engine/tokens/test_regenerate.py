"""The loop, with an honest stub for the model."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import Cancelled
from engine.tokens.regenerate import Answer, Ask, Begun, Recipe, Regeneration, draw, regenerate, regenerate_many
from engine.tokens.schedule import Order

SIZES = (12, 6)


class Stub:
    """Logits that depend on what is revealed, as a model's would; it keeps what it was asked."""

    sizes = SIZES

    def __init__(self) -> None:
        self.asked: list[list[Ask]] = []

    def __call__(self, asks: list[Ask]) -> list[Answer]:
        self.asked.append(list(asks))
        return [StubAnswer(ask) for ask in asks]


class StubAnswer:
    def __init__(self, ask: Ask) -> None:
        count = ask.revealed.shape[0]
        told = (ask.ids * ask.revealed[:, None]).sum().item() + int(ask.revealed.sum())
        generator = torch.Generator().manual_seed(int(told))
        self.by_group = [torch.randn(count, size, generator=generator) * 2 for size in SIZES]

    def logits(self, at: Tensor, earlier: Tensor) -> Tensor:
        shift = earlier.sum(-1, keepdim=True).float() * 0.1
        return self.by_group[earlier.shape[1]][at] + shift * torch.arange(SIZES[earlier.shape[1]]).cos()


def block(rows: int, columns: int) -> Tensor:
    return torch.ones(rows, columns, dtype=torch.bool).nonzero()


recipes = st.builds(
    Recipe,
    steps=st.integers(1, 12),
    order=st.sampled_from(Order),
    temperature=st.tuples(st.floats(0, 2), st.floats(0, 2)),
    least_share=st.sampled_from([0.0, 0.05]),
    noise=st.floats(0, 5),
    remask_share=st.floats(0, 0.5),
    remask_steps=st.integers(1, 3),
)


@given(recipes, st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**40))
@settings(max_examples=80, deadline=None)
def test_every_token_is_drawn_in_no_more_steps_than_there_are_tokens(
    recipe: Recipe, rows: int, columns: int, seed: int
):
    model = Stub()
    ids = regenerate(model, block(rows, columns), (rows, columns), recipe, seed=seed)
    assert ids.shape == (rows * columns, 2)
    assert bool((ids >= 0).all())
    assert bool((ids < torch.tensor(SIZES)).all())
    assert len(model.asked) <= rows * columns
    assert not bool(model.asked[0][0].revealed.any())


@given(recipes, st.integers(0, 2**40))
@settings(max_examples=40, deadline=None)
def test_what_is_revealed_stays_until_the_second_pass_asks_for_it_again(recipe: Recipe, seed: int):
    model = Stub()
    state = Regeneration(block(5, 5), (5, 5), SIZES, recipe, seed=seed)
    passes = 0
    while not state.done:
        before, ids = state.revealed, state.ids
        state.advance(model([state.ask()])[0])
        assert torch.equal(state.ids[before], ids[before])
        passes += bool((before & ~state.revealed).any())
    assert passes <= 1
    assert bool(state.revealed.all())


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=4), recipes)
@settings(max_examples=30, deadline=None)
def test_a_seed_gives_the_same_alone_and_batched(sizes: list[tuple[int, int]], recipe: Recipe):
    alone = [regenerate(Stub(), block(*size), size, recipe, seed=seed) for seed, size in enumerate(sizes)]
    states = [Regeneration(block(*size), size, SIZES, recipe, seed=seed) for seed, size in enumerate(sizes)]
    together = regenerate_many(Stub(), states)
    for one, other in zip(alone, together, strict=True):
        assert other is not None
        assert torch.equal(one, other)


@pytest.mark.parametrize("order", Order)
def test_another_seed_gives_another_draw(order: Order):
    drawn = [regenerate(Stub(), block(4, 4), (4, 4), Recipe(order=order), seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_the_global_generator_is_neither_read_nor_moved():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    regenerate(Stub(), block(4, 4), (4, 4), Recipe(order=Order.CONFIDENCE), seed=1)
    assert torch.equal(before, torch.random.get_rng_state())


def test_temperature_and_guidance_go_from_start_to_end():
    model = Stub()
    recipe = Recipe(steps=5, guidance=(1.0, 3.0), remask_share=0.2, remask_steps=2)
    regenerate(model, block(5, 5), (5, 5), recipe, seed=0)
    assert [asks[0].guidance for asks in model.asked] == [1.0, 1.5, 2.0, 2.5, 3.0, 3.0, 3.0]


def test_the_second_pass_draws_the_least_sure_again():
    model = Stub()
    state = Regeneration(block(5, 5), (5, 5), SIZES, Recipe(steps=4, remask_share=0.2), seed=0)
    for _ in range(4):
        state.advance(model([state.ask()])[0])
    again = ~state.revealed
    assert int(again.sum()) == 5
    assert float(state.sureness[again].max()) <= float(state.sureness[~again].min())


def test_a_lone_token_is_one_step():
    model = Stub()
    regenerate(model, torch.tensor([[7, 3]]), (9, 9), Recipe(steps=12, remask_share=0.9), seed=0)
    assert len(model.asked) == 1


def test_the_callback_sees_each_step_and_may_stop_it():
    seen: list[int] = []

    def watch(state: Regeneration) -> None:
        seen.append(int(state.revealed.sum()))
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        regenerate(Stub(), block(5, 5), (5, 5), Recipe(), seed=0, after_step=watch)
    assert len(seen) == 3
    assert seen == sorted(seen)


def test_one_cancelled_edit_does_not_stop_the_others():
    def watch(edit: int, state: Regeneration) -> None:
        if edit == 1 and state.step == 2:
            raise Cancelled

    model = Stub()
    states = [Regeneration(block(4, 4), (4, 4), SIZES, Recipe(), seed=seed) for seed in range(3)]
    results = regenerate_many(model, states, watch)
    assert results[1] is None
    assert torch.equal(
        torch.stack([each for each in results if each is not None]),
        torch.stack([regenerate(Stub(), block(4, 4), (4, 4), Recipe(), seed=seed) for seed in (0, 2)]),
    )
    assert [ask.edit for ask in model.asked[-1]] == [0, 2]


def test_nothing_masked_is_an_error():
    with pytest.raises(ValueError, match="masked"):
        Regeneration(torch.zeros(0, 2, dtype=torch.int64), (4, 4), SIZES, Recipe(), seed=0)


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"temperature": (-1.0, 1.0)}, {"remask_share": 1.0}, {"least_share": -0.1}, {"noise": -1.0}]
)
def test_a_recipe_that_cannot_be_is_refused(wrong: dict[str, float]):
    with pytest.raises(ValueError, match=r"."):
        Recipe(**wrong)  # type: ignore[arg-type]  # hostile values


def test_draws_follow_the_probabilities():
    logits = torch.tensor([0.1, 0.2, 0.3, 0.4]).log().expand(20_000, 4)
    ids, sure = draw(logits, torch.rand(20_000, generator=torch.Generator().manual_seed(0)), 1.0)
    shares = torch.bincount(ids, minlength=4) / 20_000
    assert torch.allclose(shares, torch.tensor([0.1, 0.2, 0.3, 0.4]), atol=0.015)
    assert torch.allclose(sure, torch.tensor([0.1, 0.2, 0.3, 0.4]).log()[ids], atol=1e-4)


@given(st.integers(0, 2**31), st.sampled_from([0.0, 1e-7, 0.5, 1 - 1e-6]))
@settings(max_examples=40, deadline=None)
def test_an_impossible_id_is_never_drawn(seed: int, uniform: float):
    generator = torch.Generator().manual_seed(seed)
    impossible = torch.rand(16, 40, generator=generator) < 0.7
    impossible[:, 20] = False
    logits = torch.where(impossible, float("-inf"), torch.randn(16, 40, generator=generator) * 5)
    ids, sure = draw(logits, torch.full((16,), uniform), 1.0)
    assert not bool(impossible.gather(1, ids[:, None]).any())
    assert bool(sure.isfinite().all())


def test_no_temperature_takes_the_likeliest_and_min_p_drops_the_tail():
    logits = torch.tensor([[0.0, 3.0, 1.0]]).expand(500, 3)
    uniform = torch.rand(500, generator=torch.Generator().manual_seed(0))
    assert draw(logits, uniform, 0.0)[0].unique().tolist() == [1]
    assert draw(logits, uniform, 1.0)[0].unique().tolist() == [0, 1, 2]
    assert draw(logits, uniform, 1.0, 0.1)[0].unique().tolist() == [1, 2]


@given(recipes, st.integers(0, 2**40), st.integers(1, 24))
@settings(max_examples=40, deadline=None)
def test_what_was_begun_goes_on_and_what_stays_is_never_drawn_again(recipe: Recipe, seed: int, masked: int):
    at = block(5, 5)
    draw_seed = torch.Generator().manual_seed(seed)
    ids = torch.stack([torch.randint(size, (25,), generator=draw_seed) for size in SIZES], 1)
    revealed = torch.ones(25, dtype=torch.bool)
    revealed[torch.randperm(25, generator=draw_seed)[:masked]] = False
    model = Stub()
    out = regenerate(model, at, (5, 5), recipe, seed=seed, begun=Begun(ids, revealed))
    assert torch.equal(out[revealed], ids[revealed])
    assert len(model.asked) <= masked
    assert torch.equal(model.asked[0][0].revealed, revealed)


def test_a_region_of_which_all_stays_is_refused():
    everything = torch.ones(9, dtype=torch.bool)
    with pytest.raises(ValueError, match="masked"):
        regenerate(
            Stub(),
            block(3, 3),
            (3, 3),
            Recipe(),
            seed=1,
            begun=Begun(torch.zeros(9, 2, dtype=torch.int64), everything),
        )
