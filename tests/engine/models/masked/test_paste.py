import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiny_vq import tiny_tokenizer
from torch import Tensor

from engine.geometry import TokenRect
from engine.models.masked.paste import brought_back, without_seam
from engine.models.masked.window import region_of, view_of, windows_of

SIDE = 96


def ramp(height: int = SIDE, width: int = SIDE) -> Tensor:
    """(3, H, W): a smooth picture."""
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    return torch.stack([0.3 + 0.3 * x, 0.3 + 0.3 * y, 0.5 - 0.2 * x * y])


def middle() -> Tensor:
    hole = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    hole[32:64, 36:60] = True
    return hole


def tokens_around() -> Tensor:
    drawn = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    drawn[16:80, 16:80] = True
    return drawn


@settings(max_examples=20, deadline=None)
@given(shift=st.tuples(*(st.floats(-0.15, 0.15) for _ in range(3))), slope=st.floats(-0.1, 0.1))
def test_a_shift_of_colour_that_drifts_over_the_window_is_taken_out(shift: tuple[float, ...], slope: float) -> None:
    picture, hole = ramp(), middle()
    error = torch.tensor(shift).view(3, 1, 1) + slope * (torch.linspace(-1, 1, SIDE).view(1, 1, SIDE))
    out = without_seam(picture + error, picture + error, picture, ~hole, ~tokens_around())
    assert float((out - picture)[:, hole].abs().max()) < 0.02


def test_a_step_at_the_border_is_closed_and_fades_inside() -> None:
    picture, hole, drawn = ramp(), middle(), tokens_around()
    # What was drawn is another thing: lighter, beyond the selection's border too.
    decoded = torch.where(drawn, picture + 0.2, picture)
    out = without_seam(decoded, decoded, picture, ~hole, ~drawn)
    step = (out - picture)[:, 32:64, 36:60].mean(0)
    assert float(step[0, 8:16].abs().max()) < 0.05
    assert float(step[16, 12]) == pytest.approx(0.2, abs=0.05)


def test_where_nothing_is_known_there_is_nothing_to_correct() -> None:
    decoded = ramp()
    everything = torch.ones(SIDE, SIDE, dtype=torch.bool)
    nothing = ~everything
    assert torch.equal(without_seam(decoded, decoded, torch.zeros_like(decoded), nothing, nothing), decoded)


@pytest.mark.parametrize("size", [(200, 230), (40, 200), (30, 30)])
def test_a_window_comes_back_at_the_pictures_size(size: tuple[int, int]) -> None:
    tokenizer = tiny_tokenizer()
    picture = ramp(*size)
    hole = torch.zeros(size, dtype=torch.bool)
    hole[5:15, 7 : 7 + size[1] // 3] = True
    (window,) = windows_of(hole, 64)
    view = view_of(picture, hole, window)
    region = region_of(hole, window, 16)
    ids = tokenizer.encode(view.pixels)
    back = brought_back(tokenizer, ids, ids, region, view, window)
    assert back.shape == (3, window.rect_px.height, window.rect_px.width)
    assert bool(torch.isfinite(back).all())


class _Tinted:
    """A tokenizer of four known greys that gives everything back too dark."""

    token_px, codes = 16, 4

    def encode(self, picture: Tensor) -> Tensor:
        means = torch.nn.functional.avg_pool2d(picture.mean(1), 16)[0]
        return (means * 4).long().clamp(0, 3)

    def decode(self, ids: Tensor) -> Tensor:
        picture = (ids + 0.5) / 4 - 0.1
        return picture.repeat_interleave(16, 0).repeat_interleave(16, 1).expand(1, 3, -1, -1)

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        return self.decode(ids[rect_tok.y0 : rect_tok.y1, rect_tok.x0 : rect_tok.x1])


@pytest.mark.parametrize("margin", [40, 12])
def test_a_tint_is_taken_out_also_where_no_token_of_the_window_stayed(margin: int) -> None:
    picture = torch.full((3, 128, 128), 0.625)
    hole = torch.zeros(128, 128, dtype=torch.bool)
    hole[margin:-margin, margin:-margin] = True
    (window,) = windows_of(hole, 128)
    view, region = view_of(picture, hole, window), region_of(hole, window, 16)
    assert bool(region.all()) == (margin < 16)
    ids = _Tinted().encode(view.pixels)
    assert float((brought_back(_Tinted(), ids, ids, region, view, window) - picture).abs().max()) < 0.01
