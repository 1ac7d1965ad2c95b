"""How many tokens a step reveals, and which."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.tokens import holes
from torch import Tensor

from engine.tokens.grid import token_mask
from engine.tokens.schedule import halton_order, reveal_counts, steps_for, surest


@given(st.integers(1, 5000), st.integers(1, 70))
def test_no_more_steps_than_tokens_and_each_reveals_some(masked: int, wanted: int):
    counts = reveal_counts(masked, wanted)
    assert len(counts) == min(masked, wanted)
    assert min(counts) >= 1
    assert sum(counts) == masked


def test_the_cosine_reveals_few_at_first():
    assert reveal_counts(100, 8) == [2, 6, 9, 13, 15, 17, 19, 19]
    assert reveal_counts(1, 12) == [1]


@pytest.mark.parametrize(("masked", "steps"), [(0, 8), (5, 0), (-1, 1)])
def test_nothing_to_reveal_is_an_error(masked: int, steps: int):
    with pytest.raises(ValueError, match="masked"):
        reveal_counts(masked, steps)


@given(st.integers(1, 5000), st.integers(1, 40))
def test_few_tokens_deserve_few_steps(masked: int, most: int):
    assert 1 <= steps_for(masked, most) <= min(masked, most)


@given(holes(), st.integers(0, 2**40))
def test_the_halton_order_holds_every_masked_token_once(hole: Tensor, seed: int):
    region = token_mask(hole)
    at = region.nonzero()
    order = halton_order(at, (region.shape[0], region.shape[1]), torch.Generator().manual_seed(seed))
    assert sorted(order.tolist()) == list(range(len(at)))


def test_tokens_that_follow_each_other_lie_apart():
    at = torch.ones(32, 32, dtype=torch.bool).nonzero()
    order = halton_order(at, (32, 32), torch.Generator().manual_seed(3))
    first = at[order[:64]].float()
    nearest = (torch.cdist(first, first) + 99 * torch.eye(64)).amin(-1)
    # 64 tokens on an even grid would be 4 apart; random ones come to about 2.
    assert float(nearest.mean()) > 2.4


def test_the_seed_turns_the_order():
    at = torch.ones(6, 6, dtype=torch.bool).nonzero()
    orders = {tuple(halton_order(at, (6, 6), torch.Generator().manual_seed(s)).tolist()) for s in range(8)}
    assert len(orders) > 4


def test_without_noise_the_surest_come_first_and_noise_mixes_them():
    sureness = torch.linspace(-5, 0, 50)
    generator = torch.Generator().manual_seed(0)
    assert sorted(surest(sureness, 5, 0.0, generator).tolist()) == [45, 46, 47, 48, 49]
    assert sorted(surest(sureness, 5, 50.0, generator).tolist()) != [45, 46, 47, 48, 49]
