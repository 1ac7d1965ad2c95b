"""A small network that names what a picture shows: an independent eye for `inlay bench prompts`.

It is trained on worlds of seeds of its own, and on nothing else; it has no part in drawing, and is another kind of
network than what the product itself looks with (`engine.models.sight`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.materials.light import blurred
from engine.training.worlds import GROUP, world

SIDE_PX = 96
# Seeds of worlds: far from those of training (2⁴⁰ and more) and of the benchmarks' fills.
_SEEDS, _HELD_OUT_SEEDS = 1 << 30, 3 << 29
_DRAWN_PX = 128
_GROUPS, _HELD_OUT_GROUPS = 14, 3
_STEPS, _BATCH, _RATE = 700, 48, 2e-3
# What is not the thing itself is this grey, for the network not to judge by it.
_ELSEWHERE = 0.5
_WIDTHS = (32, 64, 128, 192)


class Network(nn.Module):
    """(B, 3, 96, 96) 0 … 1 to (B, names) logits."""

    def __init__(self, names: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width in _WIDTHS:
            layers += [
                nn.Conv2d(before, width, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.Conv2d(width, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            before = width
        self.look = nn.Sequential(*layers)
        # What is there anywhere, and how much of it; and, for scenes, what is above and what below.
        self.say = nn.Linear(before * 4, names)

    def forward(self, pictures: Tensor) -> Tensor:
        seen = self.look(pictures * 4 - 2)
        halves = F.adaptive_avg_pool2d(seen, (2, 1)).flatten(1)
        return self.say(torch.cat([seen.mean((2, 3)), seen.amax((2, 3)), halves], 1))


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """A trained namer.

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
        cover = shown[:, None].float()
        inside = torch.where(shown[:, None], pictures, 0.0)
        small = F.interpolate(inside, (SIDE_PX, SIDE_PX), mode="bilinear", antialias=True)
        share = F.interpolate(cover, (SIDE_PX, SIDE_PX), mode="bilinear", antialias=True)
        return [self.names[int(i)] for i in self.network(small + (1 - share) * _ELSEWHERE).argmax(1)]


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
    network = Network(len(names))
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=0.02)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / 50) * (1 - step / steps)
        which = torch.randint(len(labels), (min(_BATCH, len(labels)),), generator=draw)
        loss = F.cross_entropy(network(_seen(pictures[which], draw)), labels[which], label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            tell(f"learning to name: step {step} of {steps}, {float(loss.detach()):.2f}")
    network.eval().requires_grad_(False)
    held, truth = _worlds(names, min(groups, _HELD_OUT_GROUPS), _HELD_OUT_SEEDS + seed * 1_000_000)
    with torch.inference_mode():
        said = torch.cat([network(_seen(held[at : at + 64], draw)).argmax(1) for at in range(0, len(held), 64)])
    return Eye(network, tuple(names), float((said == truth).float().mean()))


def _worlds(names: Sequence[str], groups: int, first_seed: int) -> tuple[Tensor, Tensor]:
    """(n, 3, side, side) uint8 and (n,) numbers of names."""
    drawn: list[Tensor] = []
    for number, name in enumerate(names):
        for group in range(groups):
            found = world(_DRAWN_PX, first_seed + number * 1000 + group, entry=name)
            drawn.append((found.pictures * 255).round().to(torch.uint8))
    labels = torch.arange(len(names)).repeat_interleave(groups * GROUP)
    return torch.cat(drawn), labels


def _seen(pictures: Tensor, draw: torch.Generator) -> Tensor:
    """As they may come: a part of them or all, mirrored, in other light, a little soft, in some shape, grainy."""
    batch = len(pictures)

    def of(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draw)

    full = pictures.float() / 255
    cut: list[Tensor] = []
    for number in range(batch):
        side = int(_DRAWN_PX * (0.7 + 0.3 * float(of(1))))
        top, left = (int(v * (_DRAWN_PX - side + 1)) for v in of(2))
        part = full[number : number + 1, :, top : top + side, left : left + side]
        cut.append(F.interpolate(part, (SIDE_PX, SIDE_PX), mode="bilinear", antialias=True))
    out = torch.cat(cut)
    out = torch.where(of(batch, 1, 1, 1) < 0.5, out.flip(-1), out)
    soft = blurred(out, 1.0)
    out = out + (soft - out) * of(batch, 1, 1, 1) * (of(batch, 1, 1, 1) < 0.3)
    out = out ** torch.exp((of(batch, 1, 1, 1) - 0.5) * 0.3) * (1 + (of(batch, 3, 1, 1) - 0.5) * 0.08)
    out = out + torch.randn(out.shape, generator=draw) * of(batch, 1, 1, 1) ** 2 * 0.04
    return torch.where(_selections(batch, draw), out.clamp(0, 1), _ELSEWHERE)


def _selections(batch: int, draw: torch.Generator) -> Tensor:
    """(B, 1, side, side) bool: boxes, round corners, discs, as large as the picture or a little smaller."""
    radii, power = (
        torch.rand(2, batch, 1, 1, generator=draw) * 0.3 + 0.8,
        torch.rand(batch, 1, 1, generator=draw) * 6 + 2,
    )
    along = ((torch.arange(SIDE_PX) + 0.5) / SIDE_PX * 2 - 1).abs()
    inside = (along[None, :, None] / radii[0]) ** power + (along[None, None] / radii[1]) ** power
    return (inside <= 1)[:, None]
