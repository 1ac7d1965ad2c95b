import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.models.nano.choose import best_fit, small, small_hole


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
