import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.geometry import PixelRect
from engine.models.masked.window import Window, region_of, view_of, windows_of

SIDE, TOKEN = 64, 16


@st.composite
def holes(draw: st.DrawFn) -> Tensor:
    """(H, W) bool: one to three boxes, dots and lines among them, also over the picture's borders."""
    height, width = draw(st.integers(1, 260)), draw(st.integers(1, 260))
    hole = torch.zeros(height, width, dtype=torch.bool)
    for _ in range(draw(st.integers(1, 3))):
        x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        hole[y0 : y0 + draw(st.integers(1, height)), x0 : x0 + draw(st.integers(1, width))] = True
    return hole


def region_px(hole: Tensor, window: Window) -> Tensor:
    """(H, W) bool of the picture: where a window's region lies."""
    region = region_of(hole, window, TOKEN)
    inside = region.repeat_interleave(TOKEN, 0).repeat_interleave(TOKEN, 1)
    rect, size = window.rect_px, window.size_px
    out = torch.zeros_like(hole)
    ys = (torch.arange(rect.height) * size.height) // rect.height
    xs = (torch.arange(rect.width) * size.width) // rect.width
    out[rect.slices()] = inside[ys][:, xs]
    return out


@settings(max_examples=150, deadline=None)
@given(hole=holes())
def test_every_selected_pixel_belongs_to_one_window_and_lies_in_its_region(hole: Tensor) -> None:
    owners = torch.zeros(hole.shape, dtype=torch.int64)
    drawn = torch.zeros_like(hole)
    for window in windows_of(hole, SIDE):
        assert window.rect_px.contains(window.own_px)
        owners[window.own_px.slices()] += 1
        own = torch.zeros_like(hole)
        own[window.own_px.slices()] = True
        drawn |= region_px(hole, window) & own
    assert bool((owners[hole] == 1).all())
    assert bool(drawn[hole].all())


@settings(max_examples=150, deadline=None)
@given(hole=holes())
def test_windows_lie_in_the_picture_and_no_token_of_the_padding_is_drawn(hole: Tensor) -> None:
    height, width = hole.shape
    for window in windows_of(hole, SIDE):
        assert PixelRect(0, 0, width, height).contains(window.rect_px)
        assert window.size_px.width <= SIDE and window.size_px.height <= SIDE
        assert window.scale >= 0.99
        region = region_of(hole, window, TOKEN)
        assert region.shape == (SIDE // TOKEN, SIDE // TOKEN)
        for row, column in region.nonzero().tolist():
            assert row * TOKEN < window.size_px.height and column * TOKEN < window.size_px.width


@settings(max_examples=60, deadline=None)
@given(hole=holes(), seed=st.integers(0, 9))
def test_a_view_shows_nothing_of_what_is_unknown(hole: Tensor, seed: int) -> None:
    picture = torch.rand(3, *hole.shape, generator=torch.Generator().manual_seed(seed))
    other = torch.where(hole, 1 - picture, picture)
    for window in windows_of(hole, SIDE):
        one, two = (view_of(each, hole, window) for each in (picture, other))
        assert torch.equal(one.pixels, two.pixels)
        assert bool(torch.isfinite(one.pixels).all())
        assert not bool(one.known[window.size_px.height :].any())


@settings(max_examples=100, deadline=None)
@given(
    thin=st.sampled_from(["line", "dot", "ring"]),
    at=st.tuples(st.integers(0, 400), st.integers(0, 400)),
    scale=st.integers(1, 9),
)
def test_thin_masks_touch_tokens(thin: str, at: tuple[int, int], scale: int) -> None:
    side = 450 * scale // 3
    hole = torch.zeros(side, side, dtype=torch.bool)
    y, x = (place * scale // 3 % side for place in at)
    match thin:
        case "line":
            hole[y : y + 3] = True
        case "dot":
            hole[y : y + 7, x : x + 7] = True
        case _:
            hole[y : y + 60, x : x + 60] = True
            hole[y + 6 : y + 54, x + 6 : x + 54] = False
    for window in windows_of(hole, SIDE):
        assert bool(region_of(hole, window, TOKEN).any())


def test_a_small_selection_is_drawn_at_the_pictures_own_scale_with_context_all_around() -> None:
    hole = torch.zeros(300, 400, dtype=torch.bool)
    hole[100:110, 200:230] = True
    (window,) = windows_of(hole, SIDE)
    assert window.scale == 1
    assert window.rect_px == PixelRect(183, 73, 247, 137)


def test_a_selection_of_twice_that_is_made_smaller_and_a_larger_one_is_drawn_in_overlapping_windows() -> None:
    hole = torch.zeros(600, 600, dtype=torch.bool)
    hole[100:170, 100:170] = True
    (window,) = windows_of(hole, SIDE)
    assert 1.7 < window.scale < 2
    hole[100:300, 100:170] = True
    first, *others = windows_of(hole, SIDE)
    assert others and first.scale < 2
    assert all(a.rect_px.meets(b.rect_px) for a, b in zip([first, *others], others, strict=False))


def test_a_huge_selection_takes_no_more_windows_than_anybody_waits_for() -> None:
    assert len(windows_of(torch.ones(2000, 3000, dtype=torch.bool), SIDE)) <= 24


def test_a_picture_smaller_than_a_window_is_mirrored() -> None:
    picture = torch.rand(3, 20, 40)
    hole = torch.zeros(20, 40, dtype=torch.bool)
    hole[5:9, 5:9] = True
    (window,) = windows_of(hole, SIDE)
    view = view_of(picture, hole, window)
    assert torch.equal(view.pixels[0, :, 20:39], view.pixels[0, :, 0:19].flip(1))
    assert torch.equal(view.pixels[0, :, :20, :40][:, view.known[:20, :40]], picture[:, ~hole])
    assert int(view.known.sum()) == 20 * 40 - 16
    assert bool((region_of(hole, window, TOKEN)[2:] == False).all())  # noqa: E712 -- a tensor


def test_where_nothing_is_known_the_window_is_grey() -> None:
    hole = torch.ones(30, 30, dtype=torch.bool)
    (window,) = windows_of(hole, SIDE)
    assert torch.equal(view_of(torch.rand(3, 30, 30), hole, window).pixels, torch.full((1, 3, SIDE, SIDE), 0.5))
