"""Random numbers of the published loop that are stepped over, not drawn."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.models.masked import draws
from engine.models.masked.draws import exponentials


@given(st.sets(st.integers(0, 19)), st.integers(1, 70), st.integers(0, 2**32))
def test_rows_of_random_numbers_are_those_of_the_whole_array(rows: set[int], width: int, seed: int) -> None:
    plain, stepping = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    wanted = sorted(rows)
    whole = torch.empty(20, width).exponential_(1, generator=plain)
    assert torch.equal(exponentials(wanted, 20, width, stepping), whole[wanted])
    assert torch.equal(torch.rand(3, generator=plain), torch.rand(3, generator=stepping))


def test_stepping_over_goes_beyond_what_is_stepped_over_at_once() -> None:
    plain, stepping = torch.Generator().manual_seed(4), torch.Generator().manual_seed(4)
    torch.empty(3_000_001).exponential_(1, generator=plain)
    exponentials([], 1, 3_000_001, stepping)
    assert torch.equal(torch.rand(3, generator=plain), torch.rand(3, generator=stepping))


def test_this_torch_draws_one_number_after_the_other() -> None:
    """Else all of them are drawn: still right, only slower. Then look at `exponentials`."""
    assert draws.is_serial()
