"""Which kind of pattern surrounds a hole, tried from the plainest, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from engine.imaging.pattern.lattice import along_lattice
from engine.imaging.pattern.profile import along_lines

# A pattern holds where what it says of known pixels is so near to them: root mean square, as a share of the picture's
# own spread, or in plain numbers (half an 8-bit step) for what is almost plain.
_MOST_ERROR, _LEAST_ERROR = 0.12, 0.002
# It is tried on the known pixels within so many of the hole's own sides.
_TRIED = 0.12
_LEAST_TRIED_PX = 6


@dataclass(frozen=True, slots=True, eq=False)
class Continued:
    """``picture``: (C, H, W) with its unknown pixels replaced. ``is_lines``: it varies in one direction at most."""

    picture: Tensor
    is_lines: bool


def continued(
    picture: Tensor, unknown: Tensor, usable: Tensor, check: Callable[[], None] = lambda: None
) -> Continued | None:
    """The hole filled by the pattern around it, or None where there is none that holds.

    The pattern is asked for known pixels next to the hole too, without being told them: that is how it is judged.

    Args:
        picture: (C, H, W) float32, finite. unknown: (H, W) bool. usable: (H, W) bool: known pixels to learn from.
        check: called now and then; raises to stop.

    """
    known = usable & ~unknown
    if not bool(unknown.any()) or not bool(known.any()):
        return None
    grow = max(_LEAST_TRIED_PX, round(_TRIED * float(unknown.sum()) ** 0.5))
    wider = _grown(unknown, grow)
    tried = wider & known
    if not bool((known & ~wider).any()) or not bool(tried.any()):
        return None
    spread = float(picture[:, known].std(1).square().mean().sqrt())
    limit = max(_LEAST_ERROR, _MOST_ERROR * spread)
    for pattern in (along_lines, along_lattice):
        judged = pattern(picture, wider, known & ~wider, check)
        if judged is None:
            continue
        error = float((judged - picture)[:, tried].square().mean().sqrt())
        if error <= limit:
            # Once more, with all that is known.
            filled = pattern(picture, unknown, known, check)
            return Continued(judged if filled is None else filled, pattern is along_lines)
    return None


def _grown(flags: Tensor, by: int) -> Tensor:
    """(H, W) bool, larger by so many pixels each way: by running sums, so that large ones cost no more."""
    out = flags
    for dim in (0, 1):
        out = out.movedim(dim, 0)
        total = F.pad(out.int().cumsum(0), (0, 0, by + 1, by), mode="constant")
        total[-by:] = total[-by - 1]
        out = (total[2 * by + 1 :] > total[: -(2 * by + 1)]).movedim(0, dim)
    return out
