"""An independent eye for `inlay bench prompts`: it names what a picture shows, and has no part in drawing.

The network is of the same kind as the product's own (`engine.models.sight`), trained on other worlds: of seeds of its
own, and of the names that the benchmark asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.sight.network import Network, fitted
from engine.training.data import Pictures
from engine.training.naming_stage import NamingStage
from engine.training.presets import StagePlan
from engine.training.worlds import GROUP, world

# Seeds of worlds: far from those of training (2⁴⁰ and more) and of the benchmarks' fills.
_SEEDS = 1 << 30
_DRAWN_PX = 128
_GROUPS, _HELD_OUT_GROUPS = 14, 3
_STEPS, _BATCH, _RATE = 900, 48, 2e-3


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
        return [self.names[int(number)] for number in self.network(*fitted(pictures, shown)).argmax(1)]


def train_eye(
    names: Sequence[str], seed: int, tell: Callable[[str], None], *, groups: int = _GROUPS, steps: int = _STEPS
) -> Eye:
    """Draw, train, and count how much of what was held out is named rightly. The same seed gives the same eye.

    Args:
        groups: worlds a name are ``groups · GROUP``.
    """
    torch.manual_seed(seed)
    held = min(groups, _HELD_OUT_GROUPS)
    tell(f"drawing {(groups + held) * GROUP} worlds of each of {len(names)} names")
    worlds = _worlds(names, groups + held, _SEEDS + seed * 1_000_000)
    plan = StagePlan(_BATCH, _DRAWN_PX, _RATE, 50, 1, 1.0, bfloat16=False)
    network = Network(len(names))
    stage = NamingStage(network, names, plan, worlds, held * GROUP * len(names))
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, weight_decay=0.02)
    draw = torch.Generator().manual_seed(seed)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / plan.warm_up) * (1 - step / steps)
        loss = stage.loss(draw, step / steps)["loss"]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            tell(f"learning to name: step {step} of {steps}, {float(loss.detach()):.2f}")
    network.eval().requires_grad_(False)
    return Eye(network, tuple(names), stage.evaluate()["named rightly"])


def _worlds(names: Sequence[str], groups: int, first_seed: int) -> Pictures:
    """Group by group every name once, so that the last ones hold as many of each."""
    drawn: list[Tensor] = []
    captions: list[str] = []
    for group in range(groups):
        for number, name in enumerate(names):
            found = world(_DRAWN_PX, first_seed + number * 1000 + group, entry=name)
            drawn.append((found.pictures * 255).round().to(torch.uint8))
            captions += [name] * GROUP
    return Pictures(torch.cat(drawn), tuple(captions), torch.zeros(len(captions), dtype=torch.bool))
