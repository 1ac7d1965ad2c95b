import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiny_vq import tiny_tokenizer
from torch import Tensor

from engine.models.masked.paste import brought_back, without_seam
from engine.models.masked.window import region_of, view_of, windows_of

SIDE = 96


def ramp(height: int = SIDE, width: int = SIDE) -> Tensor:
    """(3, H, W): a smooth picture."""
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    return torch.stack([0.3 + 0.3 * x, 0.3 + 0.3 * y, 0.5 - 0.2 * x * y])


def middle(value: bool = True) -> Tensor:
    hole = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    hole[32:64, 36:60] = value
    return hole


def tokens_around(hole: Tensor) -> Tensor:
    drawn = torch.zeros_like(hole)
    drawn[16:80, 16:80] = True
    return drawn & torch.ones_like(hole)


@settings(max_examples=20, deadline=None)
@given(shift=st.tuples(*(st.floats(-0.15, 0.15) for _ in range(3))), slope=st.floats(-0.1, 0.1))
def test_a_shift_of_colour_that_drifts_over_the_window_is_taken_out(shift: tuple[float, ...], slope: float) -> None:
    picture, hole = ramp(), middle()
    error = torch.tensor(shift).view(3, 1, 1) + slope * (torch.linspace(-1, 1, SIDE).view(1, 1, SIDE))
    out = without_seam(picture + error, picture, ~hole, tokens_around(hole))
    assert float((out - picture)[:, hole].abs().max()) < 0.02


def test_a_step_at_the_border_is_closed_and_fades_inside() -> None:
    picture, hole, drawn = ramp(), middle(), tokens_around(middle())
    # What was drawn is another thing: lighter, beyond the selection's border too.
    decoded = torch.where(drawn, picture + 0.2, picture)
    out = without_seam(decoded, picture, ~hole, drawn)
    step = (out - picture)[:, 32:64, 36:60].mean(0)
    assert float(step[0, 8:16].abs().max()) < 0.05
    assert float(step[16, 12]) == pytest.approx(0.2, abs=0.05)


def test_where_nothing_is_known_there_is_nothing_to_correct() -> None:
    decoded = ramp()
    everything = torch.ones(SIDE, SIDE, dtype=torch.bool)
    assert torch.equal(without_seam(decoded, torch.zeros_like(decoded), ~everything, everything), decoded)


@pytest.mark.parametrize("size", [(200, 230), (40, 200), (30, 30)])
def test_a_window_comes_back_at_the_pictures_size(size: tuple[int, int]) -> None:
    tokenizer = tiny_tokenizer()
    picture = ramp(*size)
    hole = torch.zeros(size, dtype=torch.bool)
    hole[5:15, 7 : 7 + size[1] // 3] = True
    (window,) = windows_of(hole, 64)
    view = view_of(picture, hole, window)
    region = region_of(hole, window, 16)
    back = brought_back(tokenizer, tokenizer.encode(view.pixels), region, view, window)
    assert back.shape == (3, window.rect_px.height, window.rect_px.width)
    assert bool(torch.isfinite(back).all())
