"""A small network that names what a picture shows: an independent eye for `inlay bench prompts`.

It reads the same statistics as the product's own sight, but is a network of its own, trained on worlds of seeds of its
own and on nothing else; it has no part in drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.materials.light import blurred
from engine.models.sight.statistics import COUNT, statistics
from engine.training.worlds import GROUP, world

# Pictures are looked at so large.
_SIDE_PX = 96
# Seeds of worlds: far from those of training (2⁴⁰ and more) and of the benchmarks' fills.
_SEEDS, _HELD_OUT_SEEDS = 1 << 30, 3 << 29
# Every third group is drawn larger and looked at from afar, as fills are: what is thin becomes faint.
_DRAWN_PX, _DRAWN_LARGE_PX, _LARGE_EVERY = 128, 256, 3
_GROUPS, _HELD_OUT_GROUPS = 24, 6
# Half of what it is shown is softer than drawn, by up to so many pixels.
_SOFT_PX = 1.2
# Every world is looked at so often, each time in another part, shape and light.
_LOOKS = 3
_STEPS, _BATCH, _RATE, _JITTER = 3000, 256, 2e-3, 0.05
_WIDTH = 256


class Network(nn.Module):
    """(B, 39) statistics to (B, names) logits."""

    mean: Tensor
    spread: Tensor

    def __init__(self, names: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(COUNT))
        self.register_buffer("spread", torch.ones(COUNT))
        self.say = nn.Sequential(
            nn.Linear(COUNT, _WIDTH),
            nn.SiLU(),
            nn.Dropout(0.2),
            nn.Linear(_WIDTH, _WIDTH),
            nn.SiLU(),
            nn.Dropout(0.2),
            nn.Linear(_WIDTH, names),
        )

    def forward(self, told: Tensor) -> Tensor:
        return self.say((told - self.mean) / self.spread)


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """A trained eye.

    Attributes:
        names: of library entries. right: share of held-out worlds that it names rightly.
    """

    network: Network
    names: tuple[str, ...]
    right: float

    @torch.inference_mode()
    def name(self, pictures: Tensor, shown: Tensor) -> list[str]:
        """A name for each.

        Args:
            pictures: (B, 3, h, w) 0 … 1. shown: (B, h, w) bool: where the thing is.
        """
        told = torch.stack([statistics(*_small(one, where)) for one, where in zip(pictures, shown, strict=True)])
        return [self.names[int(number)] for number in self.network(told).argmax(1)]


def train_eye(
    names: Sequence[str], seed: int, tell: Callable[[str], None], *, groups: int = _GROUPS, steps: int = _STEPS
) -> Eye:
    """Draw, train, and count how much of what was held out is named rightly. The same seed gives the same eye.

    Args:
        groups: worlds a name are ``groups · GROUP``.
    """
    torch.manual_seed(seed)
    draw = torch.Generator().manual_seed(seed)
    tell(f"drawing {groups * GROUP} worlds of each of {len(names)} names")
    pictures, labels = _worlds(names, groups, _SEEDS + seed * 1_000_000)
    told = torch.cat([_told(pictures, draw) for _ in range(_LOOKS)])
    truth = labels.repeat(_LOOKS)
    network = Network(len(names))
    network.mean.copy_(told.mean(0))
    network.spread.copy_(told.std(0).clamp(min=1e-3))
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=0.02)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * (1 - step / steps)
        which = torch.randint(len(truth), (_BATCH,), generator=draw)
        noise = torch.randn(_BATCH, COUNT, generator=draw) * _JITTER * network.spread
        loss = F.cross_entropy(network(told[which] + noise), truth[which], label_smoothing=0.03)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 1000 == 0:
            tell(f"learning to name: step {step} of {steps}, {float(loss.detach()):.2f}")
    network.eval().requires_grad_(False)
    held, held_truth = _worlds(names, min(groups, _HELD_OUT_GROUPS), _HELD_OUT_SEEDS + seed * 1_000_000)
    said = network(_told(held, draw)).argmax(1)
    return Eye(network, tuple(names), float((said == held_truth).float().mean()))


def _worlds(names: Sequence[str], groups: int, first_seed: int) -> tuple[Tensor, Tensor]:
    """(n, 3, side, side) uint8 and (n,) numbers of names."""
    drawn: list[Tensor] = []
    for number, name in enumerate(names):
        for group in range(groups):
            side = _DRAWN_LARGE_PX if group % _LARGE_EVERY == _LARGE_EVERY - 1 else _DRAWN_PX
            found = world(side, first_seed + number * 1000 + group, entry=name).pictures
            small = F.interpolate(found, (_DRAWN_PX, _DRAWN_PX), mode="bilinear", antialias=True, align_corners=False)
            drawn.append((small * 255).round().to(torch.uint8))
    labels = torch.arange(len(names)).repeat_interleave(groups * GROUP)
    return torch.cat(drawn), labels


def _told(pictures: Tensor, draw: torch.Generator) -> Tensor:
    """(n, 39) of pictures as they may come: a part of them or all, in other light, in some shape."""

    def of(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draw)

    out: list[Tensor] = []
    for picture in pictures:
        side = int(_DRAWN_PX * (0.8 + 0.2 * float(of(1))))
        top, left = (int(share * (_DRAWN_PX - side + 1)) for share in of(2))
        part = picture[:, top : top + side, left : left + side].float() / 255
        if float(of(1)) < 0.5:
            part = blurred(part[None], float(of(1)) * _SOFT_PX)[0]
        part = part.clamp(0, 1) ** torch.exp((of(1) - 0.5) * 0.3) * (1 + (of(3, 1, 1) - 0.5) * 0.08)
        out.append(statistics(*_small(part.clamp(0, 1), _selection(side, draw))))
    return torch.stack(out)


def _small(picture: Tensor, shown: Tensor) -> tuple[Tensor, Tensor]:
    size = (_SIDE_PX, _SIDE_PX)
    small = F.interpolate(picture[None], size, mode="bilinear", antialias=True, align_corners=False)[0]
    share = F.interpolate(shown[None, None].float(), size, mode="bilinear", antialias=True, align_corners=False)[0, 0]
    return small, share > min(0.99, float(share.max()) - 1e-6)


def _selection(side: int, draw: torch.Generator) -> Tensor:
    """(side, side) bool: a box, round corners, a disc, as large as the picture or a little smaller."""
    high, wide = (float(one) * 0.3 + 0.8 for one in torch.rand(2, generator=draw))
    power = float(torch.rand((), generator=draw)) * 6 + 2
    along = ((torch.arange(side) + 0.5) / side * 2 - 1).abs()
    return (along[:, None] / high) ** power + (along[None] / wide) ** power <= 1
