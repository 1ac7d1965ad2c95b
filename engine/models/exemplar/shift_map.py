"""A hole filled by a few large shifts of the picture (Pritch et al. 2009; He and Sun 2012, section 4).

Every hole pixel takes one of a few offsets; a change of offset between neighbours costs what the eye would see there.
Where they solve by graph cuts, this is min-sum belief propagation (Felzenszwalb and Huttenlocher 2006) over all labels
at once: a few small matrix operations, on any device.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.exemplar.grid import Grid

_ITERATIONS = 12
# New messages are mixed half and half with old ones: on a grid full of loops plain messages swing.
_DAMPING = 0.5
# A step that costs more costs no more: the eye does not tell a large seam from a larger one.
_MOST_SEAM = 1.0
# Cost of an offset that leads nowhere. Above any sum of seams, and not infinite: infinities cannot be subtracted.
_NOWHERE = 1e4
# Half side of the window in which a pixel near the border is compared with the known pixels around it.
_CONTEXT_PX = 3
_SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))
_OPPOSITE = (1, 0, 3, 2)


def shift_map(
    flat: Tensor,
    banned: Tensor,
    grid: Grid,
    shifts: Tensor,
    liking: Tensor,
    check: Callable[[], None],
    *,
    dislike: Tensor | None = None,
    change: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Choose one of the shifts for every hole pixel.

    Args:
        flat: (H*W, C); what it holds inside the hole is not looked at.
        banned: (H, W) bool: known but not to be copied.
        shifts: (K, 2) rows and columns. liking: (K,) cost of each by itself, small: how the seed prefers some.
        dislike: (H*W,) cost of copying each pixel. change: cost of another shift next door, whatever it brings.

    Returns:
        (p,) int64 the flat index that each of ``grid.pixels`` copies; (p,) bool: False where none leads to a known one.
    """
    height, width = grid.height, grid.width
    picture = flat.reshape(height, width, -1)
    known = torch.ones(height, width, dtype=torch.bool, device=flat.device)
    known.view(-1)[grid.pixels] = False
    ys, xs = grid.pixels // width, grid.pixels % width
    to_y, to_x, inside = _shifted(ys[:, None], xs[:, None], shifts, height, width)
    allowed = inside & (known & ~banned)[to_y, to_x]
    cost = _against_context(picture, known, ys, xs, shifts) + liking
    if dislike is not None:
        cost = cost + dislike.reshape(height, width)[to_y, to_x]
    own = torch.where(allowed, cost, _NOWHERE)
    check()
    # (p, K, K): how different what two shifts bring here is.
    brought = picture[to_y, to_x]
    differ = torch.cdist(brought, brought).square_().clamp_(max=_MOST_SEAM)
    if change > 0:
        differ = differ + change * (1 - torch.eye(len(shifts), device=flat.device))
    labels = _propagate(own, differ, _beside(ys, xs, height, width), check)
    chosen = labels[:, None]
    copied = (to_y * width + to_x).gather(1, chosen)[:, 0]
    return copied, allowed.gather(1, chosen)[:, 0]


def _shifted(y: Tensor, x: Tensor, shifts: Tensor, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Where pixels (…, 1) come to lie under each shift: rows and columns kept inside, and whether they were."""
    to_y, to_x = y + shifts[:, 0], x + shifts[:, 1]
    inside = (to_y >= 0) & (to_y < height) & (to_x >= 0) & (to_x < width)
    return to_y.clamp(0, height - 1), to_x.clamp(0, width - 1), inside


def _against_context(picture: Tensor, known: Tensor, ys: Tensor, xs: Tensor, shifts: Tensor) -> Tensor:
    """(p, K): squared difference of each shift to the known pixels close by; 0 deep in the hole."""
    height, width = known.shape
    pad = _CONTEXT_PX + 1
    y0, y1 = max(0, int(ys.min()) - pad), min(height, int(ys.max()) + 1 + pad)
    x0, x1 = max(0, int(xs.min()) - pad), min(width, int(xs.max()) + 1 + pad)
    rows = torch.arange(y0, y1, device=known.device)[:, None, None]
    cols = torch.arange(x0, x1, device=known.device)[None, :, None]
    to_y, to_x, inside = _shifted(rows, cols, shifts, height, width)
    counts = inside & known[to_y, to_x] & known[y0:y1, x0:x1, None]
    difference = (picture[to_y, to_x] - picture[y0:y1, x0:x1, None]).square().sum(-1) * counts
    taps = torch.arange(-_CONTEXT_PX, _CONTEXT_PX + 1, device=known.device).float()
    taps = torch.exp(-(taps**2) / (2 * (_CONTEXT_PX / 2) ** 2))
    layers = difference.permute(2, 0, 1)[:, None]
    layers = F.conv2d(layers, taps.view(1, 1, 1, -1), padding=(0, _CONTEXT_PX))
    layers = F.conv2d(layers, taps.view(1, 1, -1, 1), padding=(_CONTEXT_PX, 0))
    return layers[:, 0, ys - y0, xs - x0].T


def _beside(ys: Tensor, xs: Tensor, height: int, width: int) -> list[Tensor]:
    """For each side (p,): the number of the hole pixel there, -1 where there is none."""
    numbers = torch.full((height + 2, width + 2), -1, dtype=torch.int64, device=ys.device)
    numbers[ys + 1, xs + 1] = torch.arange(len(ys), device=ys.device)
    return [numbers[ys + 1 + dy, xs + 1 + dx] for dy, dx in _SIDES]


def _propagate(own: Tensor, differ: Tensor, beside: list[Tensor], check: Callable[[], None]) -> Tensor:
    """(p,) labels. ``own`` (p, K) costs; two neighbours' labels cost their difference at both pixels."""
    messages = [torch.zeros_like(own) for _ in beside]
    for _ in range(_ITERATIONS):
        belief = own + torch.stack(messages).sum(0)
        arrived: list[Tensor] = []
        for side, there in enumerate(beside):
            check()
            neighbour = there.clamp(min=0)
            said = belief[neighbour] - messages[_OPPOSITE[side]][neighbour]
            seam = differ[neighbour] + differ
            message = (seam + said[:, None, :]).amin(2)
            message = torch.where((there >= 0)[:, None], message - message.amin(1, keepdim=True), 0.0)
            arrived.append(torch.lerp(message, messages[side], _DAMPING))
        messages = arrived
    return (own + torch.stack(messages).sum(0)).argmin(1)
