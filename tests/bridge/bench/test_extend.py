"""The figures of `inlay bench extend` where the answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import picture

from bridge.bench.extend import Score, cuts, mirrored, replicated, summary, worth
from engine.geometry import Size

TRUTH = picture(120, 160, seed=2)


def test_each_side_is_cut_once_and_both_shares_in_turn():
    found = list(cuts(Size(100, 200), 0))
    assert [(cut.side, cut.share) for cut in found] == [
        ("left", 0.12),
        ("right", 0.25),
        ("top", 0.12),
        ("bottom", 0.25),
    ]
    assert [cut.known_px.as_tuple() for cut in found] == [
        (12, 0, 100, 200), (0, 0, 75, 200), (0, 24, 100, 200), (0, 0, 100, 150)
    ]  # fmt: skip
    assert [cut.share for cut in cuts(Size(100, 200), 1)] == [0.25, 0.12, 0.25, 0.12]


@pytest.mark.parametrize("cut", list(cuts(Size(160, 120), 1)), ids=lambda cut: cut.side)
def test_padding_is_found_out(cut):  # pyright: ignore
    known = np.ascontiguousarray(TRUTH[cut.known_px.slices()])
    size = Size(160, 120)
    turned = worth(TRUTH, mirrored(known, cut.known_px, size), cut, 1.0)
    drawn_out = worth(TRUTH, replicated(known, cut.known_px, size), cut, 1.0)
    true = worth(TRUTH, TRUTH, cut, 1.0)
    assert turned.mirrored > 0.95 and drawn_out.stretched > 0.95
    assert true.texture == 0 and true.mirrored < 0.9 and true.stretched < 0.5
    assert drawn_out.seam < true.seam


def test_the_summary_is_of_medians_and_a_worse_texture_breaks_the_bar():
    good, bad = Score(0.1, 1, 0.5, 0.5, 0, 20, 0.5, 30), Score(0.4, 1, 0.5, 0.5, 0, 20, 0.5, 30)
    told = summary({"truth": [good], "inlay": [bad, bad, good], "mirror": [good] * 3, "replicate": [good] * 3})
    assert told.figures["inlay.texture"] == 0.4 and told.figures["texture, ours over replicate"] > 3
    assert not told.bars["texture distance"].holds and told.bars["seam ratio"].holds
