"""``python -m engine.training.subjects``: fit the weights with which `engine.matting` finds a subject in a loose box.

To pictures composed of photographs (`engine.training.pasted`), seen as the product sees them. Photographs are split by
their originals: nothing of a held-out picture was fitted to. The same seed and folder give the same numbers, to be
pasted into `engine.matting.evidence` and `engine.matting.agreement`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from engine.imaging.mask import bounding_box
from engine.matting.agreement import cues_agreed
from engine.matting.evidence import cues_inside, logistic
from engine.matting.look import Look, first_cuts, look_at, window_of
from engine.matting.picture import resized
from engine.matting.subject import AGREED
from engine.training.pasted import Composed, pictures
from engine.training.photos import originals_of, photographs

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Weights = tuple[float, ...]
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

# Photographs of the set that the check photographs are from: left out, so that the bench stays a test on strangers.
_LEFT_OUT = "coco_"
_HELD_OUT_OF = 4  # every fourth original, and every fourth picture is made of those alone
_LOOSE = 0.10
_DECAY = 1e-3  # of the fits' weights, cues scaled to a standard deviation of 1
_SHEET_COLUMNS, _SHEET_ROWS, _CELL_PX = 6, 5, 240


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture as `engine.matting` sees it. ``truth``: (N,) how much of each patch is the subject's."""

    look: Look
    truth: Floats

    @property
    def selected(self) -> Flags:
        return self.look.inside >= 0.5

    def overlap(self, share: Floats) -> float:
        """Intersection over union, by patches, of (N,) 0 … 1 and the truth."""
        count = self.look.patches.count
        return float((count * np.minimum(share, self.truth)).sum() / (count * np.maximum(share, self.truth)).sum())


def example_of(one: Composed) -> Example:
    """Through the product's own first look, told by a loose box."""
    hint = loose_box(one.truth)
    box, window = window_of(hint)
    part = window.slices()
    look = look_at(one.rgb[part], hint[part], box, window)
    truth = resized(one.truth[part].astype(np.float32), look.small.shape[1], look.small.shape[0])
    return Example(look, look.patches.mean_of(truth))


def loose_box(truth: Flags) -> Floats:
    """(H, W) 0 or 1: the box of a mask, a tenth longer and wider."""
    box, hint = bounding_box(truth), np.zeros(truth.shape, np.float32)
    down, across = round(_LOOSE / 2 * box.height), round(_LOOSE / 2 * box.width)
    hint[max(0, box.y0 - down) : box.y1 + down, max(0, box.x0 - across) : box.x1 + across] = 1
    return hint


def fitted(examples: Sequence[Example], cues: Sequence[Floats], loss: Loss) -> Weights:
    """Bias and weights of a logistic model of the cues; every picture counts the same.

    Args:
        cues: (N, C) of each picture's patches. loss: of (p, truth, weight), each (n,); the weights add up to 1.
    """
    every = np.concatenate([of[one.selected] for one, of in zip(examples, cues, strict=True)]).astype(np.float64)
    mean, spread = every.mean(0), np.maximum(every.std(0), 1e-6)
    data: list[tuple[Tensor, Tensor, Tensor]] = []
    for one, of in zip(examples, cues, strict=True):
        scaled = (of[one.selected] - mean) / spread
        count = one.look.patches.count[one.selected].astype(np.float64)
        truth = one.truth[one.selected].astype(np.float64)
        data.append((torch.from_numpy(scaled), torch.from_numpy(truth), torch.from_numpy(count / count.sum())))
    theta = torch.zeros(every.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    descent = torch.optim.LBFGS([theta], max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        descent.zero_grad()
        losses = [loss(torch.sigmoid(theta[0] + x @ theta[1:]), truth, share) for x, truth, share in data]
        total = torch.stack(losses).mean() + _DECAY * theta[1:].square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    descent.step(closure)
    found = theta.detach().numpy()
    weights = found[1:] / spread
    return tuple(round(float(value), 3) for value in (found[0] - weights @ mean, *weights))


def cross_entropy(p: Tensor, truth: Tensor, share: Tensor) -> Tensor:
    """What logistic regression makes least."""
    p = p.clamp(1e-6, 1 - 1e-6)
    return -(share * (truth * p.log() + (1 - truth) * (1 - p).log())).sum()


def soft_jaccard(p: Tensor, truth: Tensor, share: Tensor) -> Tensor:
    """One less the expected overlap."""
    both = p * truth
    return 1 - (share * both).sum() / (share * (p + truth - both)).sum().clamp_min(1e-9)


def fit(made: Mapping[str, Sequence[Composed]]) -> dict[str, object]:
    """Both sets of weights, fitted to ``made["fitted"]``, and the overlaps of all that was made."""
    seen = {name: [example_of(one) for one in some] for name, some in made.items()}
    cues = {
        name: [cues_inside(one.look.patches, one.look.inside, one.look.where) for one in some]
        for name, some in seen.items()
    }
    evidence = fitted(seen["fitted"], cues["fitted"], cross_entropy)
    priors = {name: _told(seen[name], cues[name], evidence) for name in seen}
    cuts = {
        name: [first_cuts(one.look, prior) for one, prior in zip(some, priors[name], strict=True)]
        for name, some in seen.items()
    }
    cues = {
        name: [
            cues_agreed(one.look.patches, one.look.inside, one.look.where, prior, three)
            for one, prior, three in zip(some, priors[name], cuts[name], strict=True)
        ]
        for name, some in seen.items()
    }
    agreement = fitted(seen["fitted"], cues["fitted"], soft_jaccard)
    agreed = {name: _told(seen[name], cues[name], agreement) for name in seen}
    overlaps: dict[str, dict[str, float]] = {}
    for name, some in seen.items():
        votes = [
            [one.look.patches.mean_of(cut.astype(np.float32)) for cut in three]
            for one, three in zip(some, cuts[name], strict=True)
        ]
        overlaps[name] = {
            "prior": _mean_overlap(some, [prior > 0.5 for prior in priors[name]]),
            **{f"cut {number + 1}": _mean_overlap(some, [three[number] for three in votes]) for number in range(3)},
            "agreed": _mean_overlap(some, [p > AGREED for p in agreed[name]]),
        }
    return {"evidence": evidence, "agreement": agreement, "overlaps": overlaps}


def _told(examples: Sequence[Example], cues: Sequence[Floats], weights: Weights) -> list[Floats]:
    return [logistic(of, weights, one.selected) for one, of in zip(examples, cues, strict=True)]


def _mean_overlap(examples: Sequence[Example], found: Sequence[Floats | Flags]) -> float:
    overlaps = [one.overlap(share.astype(np.float32)) for one, share in zip(examples, found, strict=True)]
    return round(float(np.mean(overlaps)), 4)


def _sheet(some: Sequence[Composed]) -> Image.Image:
    """Some of the pictures, their masks outlined."""
    sheet = Image.new("RGB", (_SHEET_COLUMNS * _CELL_PX, _SHEET_ROWS * _CELL_PX))
    for number, one in enumerate(some[: _SHEET_COLUMNS * _SHEET_ROWS]):
        pixels = np.ascontiguousarray(np.rint(one.rgb * 255), np.uint8)
        lines, _ = cv2.findContours(one.truth.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(pixels, lines, -1, (255, 0, 255), 1)
        cell = Image.fromarray(pixels)
        cell.thumbnail((_CELL_PX, _CELL_PX))
        sheet.paste(cell, (number % _SHEET_COLUMNS * _CELL_PX, number // _SHEET_COLUMNS * _CELL_PX))
    return sheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Compose, fit, write ``FILE.json`` (numbers, figures, photographs used) and ``FILE.png`` (what was composed)."""
    parser = argparse.ArgumentParser("engine.training.subjects", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, help="Folder of photographs.")
    parser.add_argument("--out", type=Path, required=True, help="A .json file.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120, help="Pictures, held-out ones among them.")
    told = parser.parse_args(arguments)
    paths = [path for path in photographs(told.photos) if not path.name.startswith(_LEFT_OUT)]
    is_held_out = [number % _HELD_OUT_OF == 0 for number in originals_of(told.photos, paths)]
    apart = {
        "fitted": [path for path, held in zip(paths, is_held_out, strict=True) if not held],
        "held out": [path for path, held in zip(paths, is_held_out, strict=True) if held],
    }
    counts = {"held out": told.count // _HELD_OUT_OF, "fitted": told.count - told.count // _HELD_OUT_OF}
    if min(len(some) for some in apart.values()) < 2 or not counts["held out"]:
        parser.error("that is too few photographs or pictures to hold any out")
    made = {name: pictures(some, counts[name], told.seed) for name, some in apart.items()}
    found: dict[str, object] = {"seed": told.seed, "count": told.count, **fit(made)}
    used = {name: sorted({path for one in some for path in one.made_of}) for name, some in made.items()}
    told.out.write_text(json.dumps(found | {"photographs": used}, indent=1) + "\n", "utf-8")
    _sheet(made["fitted"]).save(told.out.with_suffix(".png"))
    for name, value in found.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
