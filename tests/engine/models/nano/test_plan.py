import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import Cancelled, EmptySelection
from engine.models.nano import Nano, Plan, draw_plan


def picture_and_hole(height: int, width: int, seed: int) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    hole = torch.zeros(height, width, dtype=torch.bool)
    hole[height // 4 : height // 4 + max(1, height // 3), width // 4 : width // 4 + max(1, width // 3)] = True
    return torch.rand(3, height, width, generator=draw), hole


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 120), st.integers(1, 120), st.integers(0, 99))
def test_whatever_the_size_the_hole_is_drawn_and_nothing_else(toy: Nano, height: int, width: int, seed: int) -> None:
    picture, hole = picture_and_hole(height, width, seed)
    picture[:, hole] = torch.nan
    drawn = draw_plan(toy, picture, hole, "brick wall", seed=seed).picture
    assert bool(torch.isfinite(drawn).all())
    assert torch.equal(drawn[:, ~hole], picture[:, ~hole])


@pytest.mark.parametrize("shape", ["line", "dot", "ring", "border", "all"])
def test_any_selection_is_drawn(toy: Nano, shape: str) -> None:
    y, x = torch.meshgrid(torch.arange(90), torch.arange(200), indexing="ij")
    hole = {
        "line": (y >= 40) & (y < 43),
        "dot": (y >= 40) & (y < 47) & (x >= 90) & (x < 97),
        "ring": ((y - 45.0) ** 2 + (x - 100.0) ** 2).sqrt().sub(30).abs() < 3,
        "border": (x < 20) | (y > 80),
        "all": torch.ones(90, 200, dtype=torch.bool),
    }[shape]
    picture = torch.where(hole, torch.nan, torch.rand(3, 90, 200, generator=torch.Generator().manual_seed(1)))
    plan = draw_plan(toy, picture, hole, "grass", seed=1)
    assert plan.steps >= 1
    assert bool(torch.isfinite(plan.picture).all())


def test_the_same_seed_draws_the_same_and_another_one_something_else(toy: Nano) -> None:
    picture, hole = picture_and_hole(64, 96, 0)
    first, again, other = (draw_plan(toy, picture, hole, "grass", seed=seed).picture for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_words_change_what_is_drawn_and_unknown_ones_are_left_out(toy: Nano) -> None:
    picture, hole = picture_and_hole(64, 96, 0)
    grass, brick, odd = (draw_plan(toy, picture, hole, w, seed=1).picture for w in ("grass", "brick", "grass zyx"))
    assert not torch.equal(grass, brick)
    assert torch.equal(grass, odd)


def test_what_the_hole_held_is_never_looked_at(toy: Nano) -> None:
    picture, hole = picture_and_hole(64, 96, 0)
    other = torch.where(hole, 1 - picture, picture)
    drawn = [draw_plan(toy, each, hole, "red wall", seed=1).picture for each in (picture, other)]
    assert torch.equal(*drawn)


def test_each_step_shows_what_is_known_so_far_and_the_last_one_is_the_plan(toy: Nano) -> None:
    picture, hole = picture_and_hole(64, 96, 0)
    seen: list[tuple[Plan, float]] = []
    plan = draw_plan(toy, picture, hole, "grass", seed=1, look=lambda shown, done: seen.append((shown, done)))
    assert len(seen) == plan.steps
    assert [done for _, done in seen] == sorted(done for _, done in seen)
    assert seen[-1][1] == pytest.approx(1)
    assert torch.equal(seen[-1][0].picture, plan.picture)


def test_a_long_strip_is_drawn_piece_by_piece(toy: Nano) -> None:
    picture, hole = torch.rand(3, 40, 400), torch.zeros(40, 400, dtype=torch.bool)
    hole[10:30] = True
    plan = draw_plan(toy, picture, hole, "grass", seed=1)
    one = draw_plan(toy, picture[..., :40], hole[:, :40], "grass", seed=1)
    assert plan.steps > one.steps
    assert plan.scale < 400 / 32


def test_looking_may_stop_it(toy: Nano) -> None:
    def stop(_plan: Plan, _done: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        draw_plan(toy, *picture_and_hole(64, 96, 0), "grass", seed=1, look=stop)


def test_an_empty_selection_is_refused(toy: Nano) -> None:
    with pytest.raises(EmptySelection):
        draw_plan(toy, torch.rand(3, 20, 20), torch.zeros(20, 20, dtype=torch.bool), "grass", seed=1)
