"""Grids as sequences, for every window and every mask."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dimoo import SPECIALS, TINY

from engine.models.dimoo.sequence import picture_ids, sequenced


@st.composite
def windows(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor, list[int]]:
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    count = rows * columns
    codes = draw(st.lists(st.integers(0, TINY.codes - 1), min_size=count, max_size=count))
    region = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    prefix = draw(st.lists(st.integers(1, 39), max_size=5))
    return torch.tensor(codes).view(rows, columns), torch.tensor(region).view(rows, columns), prefix


@settings(max_examples=60, deadline=None)
@given(windows())
def test_a_sequence_holds_the_known_codes_and_masks_where_the_region_is(
    window: tuple[torch.Tensor, torch.Tensor, list[int]],
):
    codes, region, prefix = window
    made = sequenced(prefix, codes, region, TINY)
    before = [*prefix, SPECIALS.answer_start, SPECIALS.picture_start]
    ids = made.ids.tolist()
    assert ids[: len(before)] == before
    assert ids[-2:] == [SPECIALS.picture_end, SPECIALS.answer_end]
    grid = made.ids[len(before) : -2].view(codes.shape[0], codes.shape[1] + 1)
    assert (grid[:, -1] == SPECIALS.newline).all()
    assert torch.equal(grid[:, :-1] == SPECIALS.mask, region)
    assert torch.equal(grid[:, :-1][~region], codes[~region] + TINY.first_code)
    assert torch.equal(
        made.ids.index_copy(0, made.places, codes[region] + TINY.first_code)[len(before) : -2].view_as(grid)[:, :-1],
        codes + TINY.first_code,
    )
    assert picture_ids(codes, TINY) == sequenced([], codes, torch.zeros_like(region), TINY).ids[2:-2].tolist()
