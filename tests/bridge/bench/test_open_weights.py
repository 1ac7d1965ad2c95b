"""What the benchmark of open weights looks at."""

from __future__ import annotations

import pytest

from bridge.bench.open_weights import _near
from engine.geometry import TokenRect


@pytest.mark.parametrize("rect_tok", [TokenRect(8, 9, 23, 23), TokenRect(0, 0, 32, 32), TokenRect(15, 3, 17, 32)])
def test_fast_modes_window_holds_the_region_and_is_whole_cells(rect_tok: TokenRect):
    window = _near(rect_tok, 32)
    assert window.intersect(rect_tok) == rect_tok and window.intersect(TokenRect(0, 0, 32, 32)) == window
    assert window.width == window.height and not any(side % 2 for side in window.as_tuple())
