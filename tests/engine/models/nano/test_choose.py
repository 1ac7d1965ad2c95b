import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.geometry import PixelRect
from engine.models.nano.choose import Beside, beside, best_fit, small, small_hole


def horizon(at: float) -> Tensor:
    """Light above, dark below."""
    rows = torch.linspace(0, 1, 40)[None, :, None]
    return (rows < at).float().expand(3, 40, 60).contiguous()


@given(st.integers(0, 3), st.integers(0, 2**31))
def test_the_drawing_with_the_plan_s_layout_is_chosen_though_the_plan_is_soft_and_noisy(right: int, seed: int) -> None:
    drawings = [horizon(at) for at in (0.2, 0.4, 0.6, 0.8)]
    noise = torch.randn(3, 40, 60, generator=torch.Generator().manual_seed(seed)) * 0.1
    assert best_fit(drawings[right] * 0.7 + 0.1 + noise, torch.ones(40, 60, dtype=torch.bool), drawings) == right


def test_only_what_is_in_the_hole_counts() -> None:
    hole = torch.zeros(40, 60, dtype=torch.bool)
    hole[:, :10] = True
    inside, outside = torch.zeros(3, 40, 60), torch.zeros(3, 40, 60)
    inside[..., :20] = 1
    outside[..., 30:] = 1
    plan = torch.ones(3, 40, 60)
    assert best_fit(plan, hole, [outside, inside]) == 1


@given(st.integers(1, 300), st.integers(1, 300))
def test_small_pictures_keep_their_shape_and_any_hole(height: int, width: int) -> None:
    shrunk = small(torch.rand(3, height, width), 64)
    assert min(shrunk.shape[1:]) >= 1
    assert max(shrunk.shape[1:]) <= 64
    hole = torch.zeros(height, width, dtype=torch.bool)
    hole[height // 2, width // 2] = True
    assert bool(small_hole(hole, (shrunk.shape[1], shrunk.shape[2])).any())


def test_between_drawings_that_fit_the_plan_alike_the_one_that_meets_what_is_around_is_chosen() -> None:
    picture, known = horizon(0.6), torch.ones(40, 60, dtype=torch.bool)
    box = PixelRect(20, 0, 40, 40)
    known[box.slices()] = False
    near = beside(picture, known, box, (40, 20))
    drawings = [horizon(at)[..., :20] for at in (0.2, 0.4, 0.6, 0.8)]
    undecided = torch.full((3, 40, 20), 0.5)
    everywhere = torch.ones(40, 20, dtype=torch.bool)
    assert best_fit(undecided, everywhere, drawings, near) == 2
    assert best_fit(undecided, everywhere, drawings[::-1], near) == 1


def test_colours_are_told_to_the_hole_s_border_and_nothing_is_said_of_its_middle_or_of_known_pixels() -> None:
    picture, known = torch.full((3, 60, 60), 0.25), torch.ones(60, 60, dtype=torch.bool)
    known[10:50, 10:50] = False
    picture[:, 10:50, 10:50] = torch.nan
    near = beside(picture, known, PixelRect(5, 5, 55, 55), (50, 50))
    assert float(near.weight[5, 25]) > 0
    assert float(near.weight[25, 25]) == 0
    assert float(near.weight[2, 25]) == 0
    told = near.colours[:, near.weight > 0]
    assert torch.allclose(told, torch.full_like(told, 0.25), atol=1e-5)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 99))
def test_what_lies_beyond_the_picture_is_not_known(height: int, width: int, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    picture, known = torch.rand(3, height, width, generator=draw), torch.zeros(height, width, dtype=torch.bool)
    near = beside(picture, known, PixelRect(0, 0, width, height), (min(height, 40), min(width, 40)))
    assert near.weight.shape == (min(height, 40), min(width, 40))
    assert float(near.weight.sum()) == 0


def test_where_nothing_is_known_the_plan_alone_decides() -> None:
    drawings = [horizon(at) for at in (0.2, 0.8)]
    nothing = Beside(torch.zeros(3, 40, 60), torch.zeros(40, 60))
    assert best_fit(horizon(0.75), torch.ones(40, 60, dtype=torch.bool), drawings, nothing) == 1
