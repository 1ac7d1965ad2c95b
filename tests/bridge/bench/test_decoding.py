"""The seam's figure: a step counts, texture does not."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.bench.decoding import seam_jump


@settings(max_examples=20, deadline=None)
@given(step=st.floats(0.1, 0.5), seed=st.integers(0, 99))
def test_a_step_at_the_border_is_seen_in_any_texture(step: float, seed: int) -> None:
    picture = np.random.default_rng(seed).normal(0.5, 0.02, (64, 64, 3)).astype(np.float32)
    selected = np.zeros((64, 64), np.bool_)
    selected[20:40, 15:50] = True
    assert 0.8 < seam_jump(picture, selected) < 1.2
    assert seam_jump(np.where(selected[..., None], picture + np.float32(step), picture), selected) > 3
