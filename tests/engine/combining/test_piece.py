"""What another picture shows, cut out of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.pictures import RGB8, disc, picture

from engine.api import Alpha, Depth, LayerFormat, Reference
from engine.combining.piece import cut_piece, rect_of, scaled
from engine.combining.studio import plain_ground
from engine.errors import SubjectNotFound
from engine.geometry import PixelRect, Size
from engine.matting.picture import Picture

RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)


def product() -> np.ndarray:
    """A dark thing on white, a soft grey shadow at its foot, as (H, W, 3) uint8."""
    shadow = np.zeros((200, 240), np.float32)
    shadow[150:156, 60:190] = 1
    ground = 255 * (1 - 0.3 * cv2.GaussianBlur(shadow, (0, 0), 7))
    pixels = ground[..., None].repeat(3, -1)
    pixels[40:152, 80:160] = (150, 40, 30)
    return np.rint(pixels).astype(np.uint8)


def test_a_pictures_own_transparency_is_the_cut_out_as_it_is():
    pixels = np.zeros((50, 60, 4), np.uint8)
    pixels[10:40, 20:50] = (10, 200, 30, 128)
    piece = cut_piece(Reference(pixels, RGBA8), 1, 500)
    assert piece.size == Size(30, 30) and not piece.cut
    assert piece.alpha == pytest.approx(128 / 255) and piece.colour[..., 1] == pytest.approx(200 / 255, abs=1e-3)


def test_a_thing_on_white_is_found_to_the_pixel_and_its_shadow_is_black_not_grey():
    piece = cut_piece(Reference(product(), RGB8), 1, 500)
    assert piece.core.width == pytest.approx(80, abs=3) and piece.core.height == pytest.approx(112, abs=5)
    assert piece.size.width > piece.core.width + 10
    faint = (piece.alpha > 0.02) & (piece.alpha < 0.4)
    below = np.zeros_like(faint)
    below[piece.core.y1 - 3 :] = True
    assert piece.colour[faint & below].max() < 0.1
    inside = piece.core.grow(0)
    middle = piece.alpha[inside.y0 + 8 : inside.y1 - 12, inside.x0 + 8 : inside.x1 - 8]
    assert (middle > 0.99).all()


def test_a_photograph_is_no_plain_ground():
    pixels = picture(80, 100).astype(np.float32) / 255
    assert plain_ground(Picture(pixels, np.ones((80, 100), np.float32))) is None


def test_what_its_picture_cuts_off_is_known():
    pixels = np.full((100, 100, 3), 250, np.uint8)
    pixels[40:100, 30:70] = (20, 60, 160)
    pixels[0:2, 0:2] = 249
    alpha = np.where(pixels[..., :1] < 100, np.uint8(255), np.uint8(0))
    assert cut_piece(Reference(np.concatenate([pixels, alpha], -1), RGBA8), 1, 500).cut == {"bottom"}


def test_small_parts_that_were_found_with_a_thing_are_left_away():
    pixels = np.full((120, 160, 3), 250, np.uint8)
    pixels[disc(120, 160, 60, 60, 30) > 0] = (180, 30, 30)
    pixels[disc(120, 160, 60, 140, 4) > 0] = (180, 30, 30)
    assert cut_piece(Reference(pixels, RGB8), 1, 500).core.width < 70


def test_a_large_picture_is_cut_out_no_larger_than_needed_and_scaled_into_its_place():
    piece = cut_piece(Reference(product(), RGB8), 1, 120)
    assert max(piece.size.width, piece.size.height) <= 120
    where = rect_of(piece, PixelRect(100, 100, 180, 212))
    assert where.contains(PixelRect(100, 100, 180, 212).intersect(where)) and where.width > 80
    colour, alpha = scaled(piece, where.size)
    assert colour.shape == (where.height, where.width, 3) and alpha.min() >= 0 and alpha.max() <= 1


def test_an_invisible_picture_and_an_empty_one_are_said():
    with pytest.raises(SubjectNotFound, match="image 3"):
        cut_piece(Reference(np.zeros((20, 20, 4), np.uint8), RGBA8), 3, 500)
    with pytest.raises(SubjectNotFound, match="image 2"):
        cut_piece(Reference(np.full((1, 1, 3), 9, np.uint8), RGB8), 2, 500)
