"""Levels, ids and codes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tokens.fsq import Fsq

LEVELS = st.lists(st.lists(st.integers(2, 9), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize("levels", [((8, 8, 8), (5, 5, 5)), ((4, 3), (3, 2)), ((2,),)])
def test_every_id_survives_the_way_to_its_code_and_back(levels: tuple[tuple[int, ...], ...]):
    fsq = Fsq(levels)
    most = max(fsq.sizes)
    ids = torch.stack([torch.arange(most) % size for size in fsq.sizes], -1)
    codes = fsq.codes_of(ids)
    assert float(codes.abs().max()) < 1
    again, found = fsq.quantise(torch.atanh(codes))
    assert torch.equal(found, ids)
    assert torch.allclose(again, codes, atol=1e-6)
    for group, size in enumerate(fsq.sizes):
        assert ids[:, group].unique().numel() == size


def test_the_default_is_64_000_codes_in_two_softmaxes():
    assert Fsq(((8, 8, 8), (5, 5, 5))).sizes == (512, 125)


@given(LEVELS, st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_any_number_is_quantised_to_the_nearest_code_inside_the_range(levels: tuple[tuple[int, ...], ...], seed: int):
    fsq = Fsq(levels)
    latent = torch.randn(7, len(fsq.counts), generator=torch.Generator().manual_seed(seed)) * 3
    latent[0], latent[1] = 1e30, -1e30
    codes, ids = fsq.quantise(latent)
    assert torch.equal(ids >= 0, torch.ones_like(ids, dtype=torch.bool))
    assert bool((ids < torch.tensor(fsq.sizes)).all())
    assert bool(((codes - torch.tanh(latent)).abs() <= 1 / fsq.counts + 1e-6).all())
    assert torch.allclose(fsq.codes_of(ids), codes.detach(), atol=1e-6)


def test_the_gradient_passes_straight_through():
    fsq = Fsq(((8, 5),))
    latent = torch.tensor([[0.3, -0.2]], requires_grad=True)
    fsq.quantise(latent)[0].sum().backward()
    assert latent.grad is not None
    assert torch.allclose(latent.grad, 1 - torch.tanh(latent.detach()) ** 2)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_latents_give_whole_levels(dtype: torch.dtype):
    fsq = Fsq(((8, 8, 8), (5, 5, 5)))
    latent = torch.randn(50, 6, generator=torch.Generator().manual_seed(0)).to(dtype)
    codes, ids = fsq.quantise(latent)
    assert torch.allclose(codes, fsq.codes_of(ids), atol=1e-6)


def test_jitter_moves_the_wanted_share_by_one_level_at_most():
    fsq = Fsq(((8, 8, 8), (5, 5, 5)))
    generator = torch.Generator().manual_seed(0)
    ids = torch.stack([torch.randint(size, (4000,), generator=generator) for size in fsq.sizes], -1)
    moved = fsq.jitter(ids, 0.5, generator)
    apart = (fsq.levels_of(moved) - fsq.levels_of(ids)).abs().sum(-1)
    assert int(apart.max()) == 1
    # Half are moved, a few of them against the end of the range.
    assert 0.38 < float(apart.float().mean()) < 0.5
    assert torch.equal(fsq.jitter(ids, 0.0, generator), ids)


def test_neighbours_differ_by_one_level_and_share_evenly():
    fsq = Fsq(((4, 3), (3, 2)))
    near = fsq.neighbours(0)
    assert torch.allclose(near.sum(-1), torch.ones(12))
    # Id 0 has levels (0, 0): its neighbours are (1, 0) and (0, 1).
    assert near[0].nonzero()[:, 0].tolist() == [1, 4]
    assert torch.equal(near > 0, near.T > 0)
