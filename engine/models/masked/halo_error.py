"""How far a region decode is from the same part of a whole decode: measured, for `inlay bench open-weights`."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from engine.geometry import TokenRect
from engine.models.masked.halo import grown
from engine.models.masked.vq import Norms, NormStatistics, VqTokenizer


@dataclass(frozen=True, slots=True)
class HaloError:
    """Differences in 8-bit levels: the largest, the mean, and the mean without the part's shift of each channel.

    The shift is what the seam correction of `paste` takes out.
    """

    largest: float
    mean: float
    mean_unshifted: float


def error_of_halo(
    tokenizer: VqTokenizer,
    ids: Tensor,
    rect_tok: TokenRect,
    halo_tok: int | None,
    *,
    norms: Norms = Norms.SAMPLED,
    whole: Tensor | None = None,
    statistics: NormStatistics | None = None,
) -> HaloError:
    """
    Args:
        ids: (h, w) int64. whole: ``tokenizer.decode(ids)`` where it is at hand.
        statistics: see `VqTokenizer.decode_region`.
    """
    whole = tokenizer.decode(ids) if whole is None else whole
    rows, cols = grown(rect_tok, tokenizer.token_px, 0, (ids.shape[0], ids.shape[1]))
    drawn = tokenizer.decode_region(ids, rect_tok, halo_tok, norms=norms, statistics=statistics)
    error = (drawn - whole[:, :, rows, cols]) * 255
    unshifted = error - error.mean((2, 3), keepdim=True)
    return HaloError(float(error.abs().max()), float(error.abs().mean()), float(unshifted.abs().mean()))
