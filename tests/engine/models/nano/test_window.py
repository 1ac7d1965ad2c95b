import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import PixelRect, Size
from engine.models.nano.window import enlarged, pieces_of, shrunk, window_of
from engine.tokens.config import TOKEN_PX

SIDE = 128


@st.composite
def boxes_in_pictures(draw: st.DrawFn) -> tuple[PixelRect, Size]:
    width, height = draw(st.integers(1, 3000)), draw(st.integers(1, 3000))
    x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return PixelRect(x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))), Size(width, height)


@given(boxes_in_pictures())
def test_a_window_holds_its_selection_and_stays_in_the_picture(case: tuple[PixelRect, Size]) -> None:
    box, picture = case
    window = window_of(box, picture, SIDE)
    assert window.rect_px.contains(box)
    assert picture.rect.contains(window.rect_px)


@given(boxes_in_pictures())
def test_a_window_is_whole_tokens_and_no_larger_than_the_model_s_own(case: tuple[PixelRect, Size]) -> None:
    window = window_of(*case, SIDE)
    for side in (window.size_px.width, window.size_px.height):
        assert side % TOKEN_PX == 0
        assert TOKEN_PX <= side <= SIDE


@given(boxes_in_pictures())
def test_a_window_shows_what_is_around_the_selection_wherever_there_is_something(case: tuple[PixelRect, Size]) -> None:
    box, picture = case
    rect = window_of(box, picture, SIDE).rect_px
    if max(box.width, box.height) * 2 < max(picture.width, picture.height):
        assert rect.area > box.area


@given(boxes_in_pictures())
def test_pieces_cover_the_box_without_overlapping_and_are_few(case: tuple[PixelRect, Size]) -> None:
    box, _ = case
    pieces = pieces_of(box)
    assert len(pieces) <= 6
    assert sum(piece.area for piece in pieces) == box.area
    assert all(box.contains(piece) for piece in pieces)
    assert all(not a.meets(b) for n, a in enumerate(pieces) for b in pieces[n + 1 :])


def test_a_box_of_usual_shape_is_one_piece_and_a_strip_is_several() -> None:
    assert len(pieces_of(PixelRect(0, 0, 200, 100))) == 1
    assert len(pieces_of(PixelRect(0, 0, 1000, 100))) == 4
    assert len(pieces_of(PixelRect(0, 0, 1, 5000))) == 6


def test_what_the_hole_holds_never_shows_in_the_small_picture() -> None:
    picture = torch.full((3, 300, 400), 0.25)
    known = torch.ones(300, 400, dtype=torch.bool)
    known[100:180, 120:260] = False
    picture[:, ~known] = torch.nan
    window = window_of(PixelRect(120, 100, 260, 180), Size(400, 300), SIDE)
    small, small_known = shrunk(picture, known, window)
    assert torch.allclose(small[small_known.expand_as(small)], torch.tensor(0.25), atol=1e-5)
    assert not bool(small_known.all())


def test_a_single_selected_pixel_of_a_large_picture_is_still_seen() -> None:
    known = torch.ones(2000, 2000, dtype=torch.bool)
    known[777, 1234] = False
    window = window_of(PixelRect(0, 0, 2000, 2000), Size(2000, 2000), SIDE)
    _, small_known = shrunk(torch.zeros(3, 2000, 2000), known, window)
    assert not bool(small_known.all())


def test_enlarging_brings_the_part_s_own_size_back() -> None:
    window = window_of(PixelRect(10, 10, 500, 300), Size(701, 533), SIDE)
    small = torch.rand(1, 3, window.size_px.height, window.size_px.width)
    assert enlarged(small, window).shape[1:] == (window.rect_px.height, window.rect_px.width)
