"""The finest level's last step: real pixels instead of averages, and no seam at the border."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.imaging.membrane import membrane
from engine.models.exemplar.vote import votes

_CHUNK = 16384


def most_agreed(pixels: Tensor, copied_from: Tensor, trust: Tensor, offsets: Tensor, inner: Tensor) -> Tensor:
    """(n,) int64: for each pixel the one source pixel that most of the patches over it name, by trust.

    An average of patches that disagree is blurred; a pixel that most of them copy is sharp and sits in a region
    that is copied as a whole.

    Args:
        pixels, copied_from, trust, offsets: as `vote.votes`.
        inner: (j,) rows of ``offsets`` that may stand for election: the middle of the patch, for speed.
    """
    chosen = torch.empty_like(pixels)
    for start in range(0, len(pixels), _CHUNK):
        part = pixels[start : start + _CHUNK]
        anchors = part[:, None] - offsets[None]
        inside = anchors >= 0
        anchors = anchors.clamp_(min=0)
        weight = trust[anchors] * inside
        named = copied_from[anchors] + offsets[None]
        support = torch.stack([((named == named[:, j : j + 1]) * weight).sum(1) for j in inner.tolist()], 1)
        # A candidate from beyond the targets supports only itself with weight 0.
        support = torch.where(weight[:, inner] > 0, support, -1.0)
        winner = inner[support.argmax(1)]
        chosen[start : start + _CHUNK] = named.gather(1, winner[:, None])[:, 0]
    return chosen


def mend_seam(
    picture: Tensor, known: Tensor, hole: Tensor, copied_from: Tensor, trust: Tensor, offsets: Tensor
) -> Tensor:
    """(H, W, C): the fill shifted by a membrane so that it meets the known border without a step.

    The patches that reach over the border also say what the known pixels there should be; how wrong they are is
    how wrong their colours are just inside, so that error is spread over the hole and added.

    Args:
        picture: (H, W, C) filled. known: (H, W, C) as given. hole: (H, W). The rest: as `vote.votes`.
    """
    ring_map = (F.max_pool2d(hole[None, None].float(), 3, 1, 1)[0, 0] > 0) & ~hole
    ring = ring_map.reshape(-1).nonzero()[:, 0]
    channels = known.shape[2]
    source = known.reshape(-1, channels)
    error = torch.zeros_like(source)
    error[ring] = source[ring] - votes(ring, copied_from, trust, source, offsets)
    # Known pixels away from the ring say nothing about the error: they are left out of the solve with the box.
    rows, cols = _box(hole)
    correction = membrane(error.reshape(picture.shape)[rows, cols], hole[rows, cols])
    out = picture.clone()
    out[rows, cols] = torch.where(hole[rows, cols][..., None], picture[rows, cols] + correction, picture[rows, cols])
    return out


def _box(hole: Tensor) -> tuple[slice, slice]:
    """The hole's bounding box with one known pixel around it."""
    ys, xs = hole.any(1).nonzero()[:, 0], hole.any(0).nonzero()[:, 0]
    return (
        slice(max(0, int(ys[0]) - 1), int(ys[-1]) + 2),
        slice(max(0, int(xs[0]) - 1), int(xs[-1]) + 2),
    )
