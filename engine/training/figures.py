"""``python -m engine.training.figures``: train the network that `engine.models.figure` ships, on a CPU.

Scenes (`engine.training.figure_scenes`) are composed once, then seen again and again, mirrored and in other light. The
loss is cross entropy and one less the expected overlap; what is kept is a running mean of the weights. Checkpoints
are whole files; ``--begin`` goes on from one.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.models.figure.network import FigureNet, fresh
from engine.training.figure_scenes import Sources, scene
from engine.training.photos import originals_of, photographs
from engine.weights import read_tensors, write_tensors

# Photographs of the set that the check photographs are from are left out, so that the bench stays a test on strangers.
_LEFT_OUT = "coco_"
_HELD_OUT_OF = 8  # every eighth original
_HELD_OUT_SCENES = 300
_BATCH, _RATE, _WARM_UP, _DECAY = 32, 2e-3, 100, 2e-2
# How much of the running mean each step keeps, once it has run for a while.
_KEEP = 0.998
_GAMMA, _TINT, _CONTRAST = 0.15, 0.08, 0.25
_TELL_EVERY = 100

Scenes = tuple[Tensor, Tensor]


def composed_scenes(sources: Sources, count: int, seed: int) -> Scenes:
    """(N, 3, S, S) and (N, S, S) uint8; the same arguments give the same."""
    draw = np.random.default_rng(seed)
    made = [scene(sources, draw) for _ in range(count)]
    rgb, truth = np.stack([one[0] for one in made]), np.stack([one[1] for one in made])
    return torch.from_numpy(rgb).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(truth)


def train(net: FigureNet, scenes: Scenes, steps: int, highest: float, seed: int, keep: Callable[[int], None]) -> None:
    """``steps`` of AdamW, with a rate that rises and then falls as a cosine; ``net`` ends as the running mean.

    Args:
        highest: the rate where it is highest. keep: called now and then with the number of steps done, the net being
            the running mean by then.
    """
    draw = torch.Generator().manual_seed(seed)
    now = copy.deepcopy(net)
    now.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    adam = torch.optim.AdamW(now.parameters(), lr=highest, weight_decay=_DECAY)
    now.train()
    for step in range(steps):
        rate = highest * min(1.0, (step + 1) / _WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        for group in adam.param_groups:
            group["lr"] = rate
        rgb, truth = _batch(scenes, draw)
        with torch.autocast("cpu", torch.bfloat16):
            told = now(rgb.contiguous(memory_format=torch.channels_last))
        loss = loss_of(told.float(), truth)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(now.parameters(), 2.0)
        adam.step()
        _follow(net, now, min(_KEEP, (step + 1) / (step + 51)))
        if (step + 1) % _TELL_EVERY == 0:
            keep(step + 1)


def _follow(mean: FigureNet, now: FigureNet, share: float) -> None:
    with torch.no_grad():
        for ours, theirs in zip(mean.state_dict().values(), now.state_dict().values(), strict=True):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1 - share)
            else:
                ours.copy_(theirs)


def _batch(scenes: Scenes, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, 3, S, S) 0 … 1 in other light, half of them mirrored; (N, S/2, S/2) 0 … 1."""
    chosen = torch.randint(len(scenes[0]), (_BATCH,), generator=draw)
    rgb, truth = scenes[0][chosen].float() / 255, scenes[1][chosen].float() / 255

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw)

    gamma, tint = torch.exp(_GAMMA * normal(_BATCH, 1, 1, 1)), torch.exp(_TINT * normal(_BATCH, 3, 1, 1))
    rgb = rgb.clamp(min=1e-4) ** gamma * tint
    middle = rgb.mean((1, 2, 3), keepdim=True)
    rgb = ((rgb - middle) * (1 + _CONTRAST * normal(_BATCH, 1, 1, 1)).clamp(0.4, 1.6) + middle).clamp(0, 1)
    if torch.rand((), generator=draw) < 0.5:
        rgb, truth = rgb.flip(-1), truth.flip(-1)
    return rgb, F.avg_pool2d(truth[:, None], 2)[:, 0]


def loss_of(told: Tensor, truth: Tensor) -> Tensor:
    """Of logits and shares, both (N, h, w)."""
    p = torch.sigmoid(told)
    both, either = (p * truth).sum((1, 2)), (p + truth - p * truth).sum((1, 2))
    return F.binary_cross_entropy_with_logits(told, truth) + (1 - both / either.clamp(min=1e-3)).mean()


def overlap(net: FigureNet, scenes: Scenes) -> float:
    """Mean intersection over union of what is likelier than not."""
    net.eval()
    with torch.inference_mode():
        parts = (scenes[0][first : first + _BATCH] for first in range(0, len(scenes[0]), _BATCH))
        told = torch.cat([net(part.float() / 255) for part in parts]) > 0
    truth = F.avg_pool2d(scenes[1][:, None].float() / 255, 2)[:, 0] > 0.5
    either = (told | truth).sum((1, 2)).clamp(min=1)
    return float(((told & truth).sum((1, 2)) / either).mean())


def main() -> int:
    parser = argparse.ArgumentParser("python -m engine.training.figures", description=__doc__)
    parser.add_argument("file", type=Path, help="Where to write figure.safetensors, and a .json of what was used.")
    parser.add_argument("--photos", type=Path, required=True, help="Folder of photographs.")
    parser.add_argument("--scenes", type=int, default=13_000)
    parser.add_argument("--steps", type=int, default=2_500)
    parser.add_argument("--rate", type=float, default=_RATE, help="The highest.")
    parser.add_argument("--begin", type=Path, help="Go on from this file.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    paths = [path for path in photographs(given.photos) if not path.name.startswith(_LEFT_OUT)]
    is_held_out = [number % _HELD_OUT_OF == 0 for number in originals_of(given.photos, paths)]
    apart = [
        [path for path, held in zip(paths, is_held_out, strict=True) if held is wanted] for wanted in (False, True)
    ]
    sources, strangers = (Sources.of(some) for some in apart)
    held_out = composed_scenes(strangers, _HELD_OUT_SCENES, given.seed)
    scenes = composed_scenes(sources, given.scenes, given.seed)
    net = fresh(given.seed)
    if given.begin is not None:
        net.load_state_dict({name: value.float() for name, value in read_tensors(given.begin)[0].items()})
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.with_suffix(".json").write_text(
        json.dumps({"photographs": sorted(sources.used)}, indent=1) + "\n", "utf-8"
    )
    began = time.monotonic()

    def keep(done: int) -> None:
        minutes = (time.monotonic() - began) / 60
        sys.stdout.write(f"{done}/{given.steps}: held-out IoU {overlap(net, held_out):.3f}, {minutes:.1f} min\n")
        sys.stdout.flush()
        header = {"seed": str(given.seed), "steps": f"{done} of {given.steps}", "license": "Apache-2.0"}
        write_tensors(given.file, {name: _halved(value) for name, value in net.state_dict().items()}, header)

    train(net, scenes, given.steps, given.rate, given.seed, keep)
    keep(given.steps)
    return 0


def _halved(value: Tensor) -> Tensor:
    """Floats with 16 bits: half the file, and no answer differs to the eye."""
    return value.half() if value.dtype.is_floating_point else value


if __name__ == "__main__":
    sys.exit(main())
