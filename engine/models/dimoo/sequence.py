"""A grid of picture tokens as the sequence that the network reads, and back.

::

    prefix <answer> <image>  row newline  row newline … </image> </answer>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.dimoo.config import Config, Specials


@dataclass(frozen=True, slots=True, eq=False)
class Sequenced:
    """One row of the batch, before anything is drawn.

    Attributes:
        ids: (T,) int64; the region's tokens are masks. places: (R,) int64: where they stand among the T.
    """

    ids: Tensor
    places: Tensor


def lines(ids: Tensor, newline: int) -> Tensor:
    """(h, w) ids to (h · (w+1),): each row ends with a newline."""
    return F.pad(ids, (0, 1), value=newline).flatten()


def picture_ids(codes: Tensor, config: Config) -> list[int]:
    """(h, w) codes as a prefix shows a picture; `words.prefixes` sets the signs around it."""
    return cast("list[int]", lines(codes + config.first_code, config.specials.newline).tolist())


def sequenced(prefix: Sequence[int], codes: Tensor, region: Tensor, config: Config) -> Sequenced:
    """
    Args:
        codes: (h, w) int64, without meaning where ``region`` (h, w) bool.
    """
    signs: Specials = config.specials
    marked = torch.where(region, signs.mask, codes + config.first_code)
    before = [*prefix, signs.answer_start, signs.picture_start]
    ids = [
        torch.tensor(before, dtype=torch.int64, device=codes.device),
        lines(marked, signs.newline),
        torch.tensor([signs.picture_end, signs.answer_end], dtype=torch.int64, device=codes.device),
    ]
    at = region.nonzero()
    return Sequenced(torch.cat(ids), len(before) + at[:, 0] * (region.shape[1] + 1) + at[:, 1])
