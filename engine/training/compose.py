"""Windows for the transformer: what is known, what is to be drawn, and what the words say of it.

Four kinds: a photograph or a world to be continued, and a world put into a hole of a photograph or of another world,
where the words are all there is to go by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.training.data import Pictures, augmented, windows
from engine.training.masks import holes

PHOTO, WORLD, WORLD_IN_PHOTO, WORLD_IN_WORLD = range(4)
KINDS = ("photo", "world", "world in photo", "world in world")
_SHARES = (0.26, 0.24, 0.28, 0.22)
# A scene put into a hole is mostly fitted into the hole's box; of a material any part will do.
_FITTED = 0.8
# Some edges of what was put in are soft, and lie inside the hole: people select generously.
_GENEROUS = 0.4
_WHOLE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """A batch.

    Attributes:
        picture: (B, 3, S, S). hole: (B, S, S) bool. captions: of what is in the hole. kind: (B,) int64, see `KINDS`.
    """

    picture: Tensor
    hole: Tensor
    captions: tuple[str, ...]
    kind: Tensor


def compose(photos: Pictures, worlds: Pictures, batch: int, side_px: int, draw: torch.Generator) -> Windows:
    """A batch of all four kinds."""
    kind = torch.multinomial(torch.tensor(_SHARES), batch, replacement=True, generator=draw)
    photo_at = torch.randint(len(photos), (batch,), generator=draw)
    world_at = torch.randint(len(worlds), (batch,), generator=draw)
    inner_at = torch.randint(len(worlds), (batch,), generator=draw)
    under = torch.where(
        ((kind == PHOTO) | (kind == WORLD_IN_PHOTO))[:, None, None, None],
        augmented(windows(photos, photo_at, side_px, draw), draw),
        windows(worlds, world_at, side_px, draw),
    )
    shape = holes(batch, side_px, draw, whole=_WHOLE)
    put_in = (kind == WORLD_IN_PHOTO) | (kind == WORLD_IN_WORLD)
    inner = windows(worlds, inner_at, side_px, draw)
    fitted = (torch.rand(batch, generator=draw) < _FITTED) & worlds.is_scene[inner_at]
    for number in map(int, (fitted & put_in).nonzero()[:, 0]):
        inner[number] = _fitted(worlds.pixels[int(inner_at[number])], shape[number])
    generous = torch.rand(batch, generator=draw) < _GENEROUS
    cover = shape[:, None].float()
    soft = F.avg_pool2d(cover, 5, 1, 2, count_include_pad=False)
    cover = torch.where(generous[:, None, None, None], soft, cover)
    wider = F.max_pool2d(shape[:, None].float(), 9, 1, 4)[:, 0] > 0
    hole = torch.where((generous & put_in)[:, None, None], wider, shape)
    picture = torch.where(put_in[:, None, None, None], under + (inner - under) * cover, under)
    captions = tuple(
        worlds.captions[int(i)] if inside else worlds.captions[int(w)] if k == WORLD else photos.captions[int(p)]
        for i, inside, w, k, p in zip(inner_at, put_in, world_at, kind, photo_at, strict=True)
    )
    return Windows(picture, hole, captions, kind)


def _fitted(pixels: Tensor, hole: Tensor) -> Tensor:
    """(3, S, S) float32: the picture scaled so that it fills the hole's box."""
    side = hole.shape[-1]
    ys, xs = hole.any(1).nonzero()[:, 0], hole.any(0).nonzero()[:, 0]
    y0, y1, x0, x1 = int(ys[0]), int(ys[-1]) + 1, int(xs[0]), int(xs[-1]) + 1
    long = max(y1 - y0, x1 - x0, 8)
    scaled = F.interpolate(pixels[None].float() / 255, (long, long), mode="bilinear", antialias=True)[0]
    top, left = (long - (y1 - y0)) // 2, (long - (x1 - x0)) // 2
    out = torch.zeros(3, side, side)
    out[:, y0:y1, x0:x1] = scaled[:, top : top + y1 - y0, left : left + x1 - x0]
    return out


def without_words(captions: Sequence[str], share: float, draw: torch.Generator) -> tuple[str, ...]:
    """Some captions left out, so that the model also learns to draw without any."""
    dropped = torch.rand(len(captions), generator=draw) < share
    return tuple("" if drop else caption for caption, drop in zip(captions, dropped, strict=True))
