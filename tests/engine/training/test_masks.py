from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.masks import holes


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(8, 70), st.integers(0, 10_000))
def test_every_picture_has_a_hole(batch: int, side: int, seed: int):
    found = holes(batch, side, torch.Generator().manual_seed(seed))
    assert found.shape == (batch, side, side)
    assert found.dtype == torch.bool
    assert bool(found.flatten(1).any(1).all())


def test_holes_cover_about_what_was_asked_for_and_differ():
    found = holes(200, 64, torch.Generator().manual_seed(1), least=0.2, most=0.4)
    cover = found.float().mean((1, 2))
    assert 0.15 < float(cover.median()) < 0.4
    assert len({picture.numpy().tobytes() for picture in found}) == 200


def test_whole_holes_are_as_many_as_asked_for():
    found = holes(400, 16, torch.Generator().manual_seed(1), most=0.4, whole=0.25)
    assert 60 < int(found.flatten(1).all(1).sum()) < 140
