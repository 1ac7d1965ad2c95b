"""Several cuts are heard, by how far each can be believed."""

from __future__ import annotations

import numpy as np
import pytest

from engine.matting.agreement import agreed, reaching
from engine.matting.picture import lab_of
from engine.matting.superpixels import Superpixels, superpixels

SIDE = 48


def two_tone() -> tuple[Superpixels, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A red square on blue: patches, share selected, places, a timid prior, and where the square is."""
    square = np.zeros((SIDE, SIDE), np.bool_)
    square[14:34, 14:34] = True
    rgb = np.where(square[..., None], [0.8, 0.1, 0.1], [0.1, 0.2, 0.7]).astype(np.float32)
    patches = superpixels(lab_of(rgb), 100)
    selected = np.zeros((SIDE, SIDE), np.float32)
    selected[8:40, 8:40] = 1
    where = ((patches.centre + 0.5 - SIDE / 2) / 16).astype(np.float32)
    prior = np.clip(patches.mean_of(square.astype(np.float32)), 0.3, 0.7) * (patches.mean_of(selected) >= 0.5)
    return patches, patches.mean_of(selected), where, prior.astype(np.float32), square


def test_cuts_that_agree_decide_what_the_prior_only_suspects():
    patches, inside, where, prior, square = two_tone()
    likely = agreed(patches, inside, where, prior, (square, square, square))
    on = patches.mean_of(square.astype(np.float32)) > 0.9
    off = (patches.mean_of(square.astype(np.float32)) < 0.1) & (inside >= 0.5)
    assert likely[on].min() > 0.6 and likely[off].max() < 0.3
    assert (likely[inside < 0.5] == 0).all()


@pytest.mark.parametrize("odd", [0, 1, 2])
def test_one_cut_that_is_inside_out_is_not_believed(odd: int):
    patches, inside, where, prior, square = two_tone()
    cuts = [square, square, square]
    cuts[odd] = ~square
    likely = agreed(patches, inside, where, prior, (cuts[0], cuts[1], cuts[2]))
    on = patches.mean_of(square.astype(np.float32)) > 0.9
    off = (patches.mean_of(square.astype(np.float32)) < 0.1) & (inside >= 0.5)
    assert likely[on].min() > likely[off].max() + 0.3


def test_nothing_selected_is_nothing_likely_and_one_patch_is_no_trouble():
    patches, inside, where, prior, square = two_tone()
    assert (agreed(patches, np.zeros_like(inside), where, prior, (square,) * 3) == 0).all()
    one = superpixels(np.zeros((2, 2, 3), np.float32), 1)
    flags = np.ones((2, 2), np.bool_)
    said = agreed(one, np.ones(1, np.float32), np.zeros((1, 2), np.float32), np.ones(1, np.float32), (flags,) * 3)
    assert said.shape == (1,) and np.isfinite(said).all()


def test_a_side_that_is_left_free_is_searched_again_and_one_that_is_reached_is_not():
    allowed, found, likely = (np.zeros((60, 60), np.float32) for _ in range(3))
    allowed[10:50, 10:50], found[12:30, 12:48] = 1, 1
    likely[40:48, 20:26] = 0.35  # a foot below, of another colour
    likely[40:48, 40:46] = 0.20  # hardly anything
    likely[10:12, 20:26] = 0.35  # beside a side that is as good as reached
    out = reaching(found > 0, likely.astype(np.float32), allowed > 0)
    assert out[found > 0].all() and out[40:48, 20:26].all()
    assert not out[40:48, 40:46].any() and not out[10:12].any()
    for turns in range(1, 4):
        turned = reaching(np.rot90(found, turns) > 0, np.rot90(likely, turns), np.rot90(allowed, turns) > 0)
        assert np.array_equal(turned, np.rot90(out, turns))


def test_a_side_on_the_pictures_border_says_nothing():
    allowed, likely = np.ones((40, 40), np.bool_), np.ones((40, 40), np.float32)
    found = np.zeros((40, 40), np.bool_)
    found[15:25, 15:25] = True
    assert np.array_equal(reaching(found, likely, allowed), found)
    assert not reaching(np.zeros((40, 40), np.bool_), likely, allowed).any()
