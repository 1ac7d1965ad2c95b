"""Coarse to fine: every part of the hole is drawn anew, nothing else is, and what is there is heard."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.models.nano import Nano, draw_plan
from engine.models.nano.refine import parts_of, refined, scales


def picture_and_hole(height: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    hole = torch.zeros(height, width, dtype=torch.bool)
    hole[height // 6 : height - height // 6, width // 5 : width - width // 5] = True
    return torch.rand(3, height, width, generator=draw), hole


def last(nano: Nano, picture: Tensor, hole: Tensor, scale: float = 4.0, finest: float = 1.0, seed: int = 1) -> Tensor:
    *_, finished = refined(nano, picture, hole, "grass", scale=scale, finest=finest, seed=seed)
    return finished


@given(st.floats(0.5, 500), st.floats(0.1, 60))
def test_scales_halve_down_to_the_finest(coarse: float, finest: float) -> None:
    found = scales(coarse, finest)
    wanted = max(finest, 1.0)
    assert (found == []) == (coarse <= wanted * 1.000001)
    for before, after in zip([coarse, *found], found, strict=False):
        assert after >= before / 2 * 0.999
        assert after < before
    if found:
        assert found[-1] == pytest.approx(wanted, rel=1e-4)


@given(st.integers(1, 80), st.integers(1, 80), st.floats(1, 100), st.integers(0, 99))
def test_parts_cover_the_hole_once(height: int, width: int, side: float, seed: int) -> None:
    hole = torch.rand(height, width, generator=torch.Generator().manual_seed(seed)) < 0.2
    hole[height // 2, width // 2] = True
    covered = torch.zeros(height, width, dtype=torch.int64)
    for part in parts_of(hole, side):
        covered[part.slices()] += 1
        assert max(part.width, part.height) <= math.ceil(side) + 1
    assert bool((covered[hole] == 1).all())
    assert int(covered.max()) == 1


@settings(max_examples=8, deadline=None)
@given(st.integers(8, 120), st.integers(8, 120), st.integers(0, 99))
def test_whatever_the_size_nothing_but_the_hole_changes(toy: Nano, height: int, width: int, seed: int) -> None:
    picture, hole = picture_and_hole(height, width, seed)
    finished = last(toy, picture, hole)
    assert torch.equal(finished[:, ~hole], picture[:, ~hole])
    assert bool(torch.isfinite(finished).all())
    assert not torch.equal(finished[:, hole], picture[:, hole])


def test_every_part_is_drawn_anew_and_shown(toy: Nano) -> None:
    picture, hole = picture_and_hole(100, 140)
    before = picture
    shown = list(refined(toy, picture, hole, "grass", scale=2.0, finest=1.0, seed=1))
    parts = list(parts_of(hole, toy.window_px * 0.6))
    assert len(shown) == len(parts) > 4
    for part, after in zip(parts, shown, strict=True):
        changed = (after != before).any(0)
        assert bool(changed[part.slices()].any())
        outside = changed.clone()
        outside[part.slices()] = False
        assert not bool(outside.any())
        before = after


def test_the_coarse_plan_is_heard(toy: Nano) -> None:
    picture, hole = picture_and_hole(80, 80)
    plan = draw_plan(toy, picture, hole, "grass", seed=1).picture
    other = torch.where(hole, 1 - plan, plan)
    assert not torch.equal(last(toy, plan, hole), last(toy, other, hole))


def test_the_same_seed_refines_the_same_and_another_one_something_else(toy: Nano) -> None:
    picture, hole = picture_and_hole(80, 80)
    assert torch.equal(last(toy, picture, hole, seed=1), last(toy, picture, hole, seed=1))
    assert not torch.equal(last(toy, picture, hole, seed=1), last(toy, picture, hole, seed=2))


def test_what_is_fine_enough_stays(toy: Nano) -> None:
    picture, hole = picture_and_hole(40, 40)
    assert list(refined(toy, picture, hole, "grass", scale=1.0, finest=1.0, seed=1)) == []
