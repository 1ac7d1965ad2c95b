"""``python -m engine.training.upscaler``: train the network that `engine.models.scale` ships, on a CPU.

Pairs are photographs and drawn graphics (letters, lines, shapes) made smaller: by area or by a cubic filter, some then
packed as JPEG. The loss is the mean difference of the colours and of their steps to the right and down. The same seed,
photographs and number of steps give the same file, up to the rounding of the machine's bfloat16.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from engine.models.scale.network import FACTORS, Factor, ScaleNet, fresh
from engine.training.photos import photographs
from engine.weights import read_tensors, write_tensors

Picture = npt.NDArray[np.uint8]  # H×W×3
# A step: so many pairs whose small pictures have this side. Their outer pixels see too little to be judged by.
_BATCH, _SMALL_PX, _EDGE_PX = 16, 32, 4
_RATE, _WARM_UP = 1.5e-3, 100
# The last part runs in float32: by then the steps are finer than bfloat16's.
_FULL_PRECISION = 0.12
_STEP_WEIGHT = 0.5
_GRAPHICS_SHARE, _GRAPHICS, _GRAPHICS_PX, _OVERSAMPLED = 0.15, 160, 384, 3
_JPEG_SHARE, _JPEG_QUALITIES = 0.12, (75, 96)
# Photographs made smaller are sharper than what a lens gives: both are seen.
_SMALLER = 0.6
_HELD_OUT = 8
_TELL_EVERY = 250


class Pairs:
    """Where pairs are drawn from."""

    def __init__(self, folder: Path, seed: int) -> None:
        paths = photographs(folder)
        if len(paths) <= _HELD_OUT:
            raise ValueError(f"{len(paths)} photographs are too few: there must be more than {_HELD_OUT}")
        self._draw = np.random.default_rng(seed)
        self.held_out = [_read(path) for path in paths[-_HELD_OUT:]]
        least = _SMALL_PX * max(FACTORS)
        photos = [_read(path) for path in paths[:-_HELD_OUT]]
        smaller = [_resized(photo, _SMALLER) for photo in photos]
        self._photos = [photo for photo in (*photos, *smaller) if min(photo.shape[:2]) >= least]
        self._graphics = [graphic(np.random.default_rng((seed, number))) for number in range(_GRAPHICS)]

    def batch(self, factor: Factor) -> tuple[Tensor, Tensor]:
        """(N, 3, h, w) small and (N, 3, h·factor, w·factor) large, float32."""
        large = np.stack([self._crop(_SMALL_PX * factor) for _ in range(_BATCH)])
        wanted = torch.from_numpy(large).permute(0, 3, 1, 2).float() / 255
        by_area = torch.from_numpy(self._draw.random(_BATCH) < 0.5).view(-1, 1, 1, 1)
        small = torch.where(by_area, F.avg_pool2d(wanted, factor), _by_cubic(wanted, factor))
        small = (small.clamp(0, 1) * 255).round()
        for number in np.flatnonzero(self._draw.random(_BATCH) < _JPEG_SHARE):
            small[number] = self._as_jpeg(small[number])
        return small / 255, wanted

    def _crop(self, side: int) -> Picture:
        of = self._graphics if self._draw.random() < _GRAPHICS_SHARE else self._photos
        picture = of[self._below(len(of))]
        top, left = (self._below(length - side + 1) for length in picture.shape[:2])
        crop = picture[top : top + side, left : left + side]
        turned = np.rot90(crop, self._below(4))
        return turned[:, :: 1 if self._draw.random() < 0.5 else -1][..., self._draw.permutation(3)]

    def _below(self, end: int) -> int:
        return int(self._draw.integers(end))

    def _as_jpeg(self, small: Tensor) -> Tensor:
        packed = io.BytesIO()
        quality = int(self._draw.integers(*_JPEG_QUALITIES))
        Image.fromarray(small.permute(1, 2, 0).byte().numpy()).save(packed, "JPEG", quality=quality)
        return torch.from_numpy(np.array(Image.open(packed))).permute(2, 0, 1).float()


def graphic(draw: np.random.Generator) -> Picture:
    """Letters, lines and shapes in flat colours, with smooth edges: what photographs have too little of."""
    side = _GRAPHICS_PX * _OVERSAMPLED
    image = Image.new("RGB", (side, side), _colour(draw))
    pen = ImageDraw.Draw(image)
    for _ in range(int(draw.integers(6, 40))):
        x, y = (int(at) for at in draw.integers(-side // 8, side, 2))
        wide, high = (int(length) for length in draw.integers(4, side // 3, 2))
        colour = _colour(draw)
        match int(draw.integers(6)):
            case 0:
                pen.rectangle((x, y, x + wide, y + high), colour)
            case 1:
                pen.ellipse((x, y, x + wide, y + high), colour)
            case 2:
                corners = draw.integers(-side // 8, side, (3, 2)) // 3 + (x // 2, y // 2)
                pen.polygon([(int(one), int(other)) for one, other in corners], colour)
            case 3:
                pen.line((x, y, x + wide, y + high - side // 6), colour, int(draw.integers(2, 24)))
            case _:
                font = ImageFont.load_default(int(draw.integers(10, 64)) * _OVERSAMPLED)
                letters = "".join(chr(code) for code in draw.integers(33, 127, int(draw.integers(2, 24))))
                pen.text((x, y), letters, colour, font)
    return np.array(image.resize((_GRAPHICS_PX, _GRAPHICS_PX), Image.Resampling.BOX))


def _colour(draw: np.random.Generator) -> tuple[int, int, int]:
    if draw.random() < 0.4:  # black, white and greys are what most letters are
        grey = int(draw.choice([0, 16, 40, 128, 200, 240, 255]))
        return grey, grey, grey
    red, green, blue = (int(value) for value in draw.integers(0, 256, 3))
    return red, green, blue


def train(net: ScaleNet, pairs: Pairs, steps: int, highest: float, keep: Callable[[int], None]) -> None:
    """``steps`` of Adam, with a rate that rises and then falls as a cosine.

    Args:
        highest: the rate where it is highest.
        keep: called now and then with the number of steps done.
    """
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    adam = torch.optim.Adam(net.parameters(), lr=highest)
    began, running = time.monotonic(), 0.0
    for step in range(steps):
        rate = highest * min(1.0, (step + 1) / _WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        for group in adam.param_groups:
            group["lr"] = rate
        factor = FACTORS[step % len(FACTORS)]
        small, wanted = pairs.batch(factor)
        with torch.autocast("cpu", torch.bfloat16, enabled=step < steps * (1 - _FULL_PRECISION)):
            made = net(small.contiguous(memory_format=torch.channels_last), factor)
        loss = _loss(made.float(), wanted, _EDGE_PX * factor)
        adam.zero_grad()
        loss.backward()
        adam.step()
        running += float(loss.detach())
        if (step + 1) % _TELL_EVERY == 0:
            told = ", ".join(f"{each}x {gain:+.2f} dB" for each, gain in gains(net, pairs.held_out).items())
            minutes = (time.monotonic() - began) / 60
            sys.stdout.write(f"{step + 1}/{steps}: loss {running / _TELL_EVERY:.4f}, {told}, {minutes:.1f} min\n")
            sys.stdout.flush()
            running = 0.0
            keep(step + 1)


def _loss(made: Tensor, wanted: Tensor, edge: int) -> Tensor:
    away = (made - wanted)[..., edge:-edge, edge:-edge]
    steps = away.diff(dim=2).abs().mean() + away.diff(dim=3).abs().mean()
    return away.abs().mean() + _STEP_WEIGHT * steps


def gains(net: ScaleNet, pictures: list[Picture]) -> dict[int, float]:
    """By how many dB of PSNR the network is ahead of Pillow's cubic filter, on pictures made smaller by area."""
    gains: dict[int, float] = {}
    with torch.inference_mode():
        for factor in FACTORS:
            ahead: list[float] = []
            for picture in pictures:
                height, width = (side // factor * factor for side in picture.shape[:2])
                wanted = torch.from_numpy(picture[:height, :width]).permute(2, 0, 1)[None].float() / 255
                small = (F.avg_pool2d(wanted, factor) * 255).round() / 255
                made = net(small.contiguous(memory_format=torch.channels_last), factor).clamp(0, 1)
                cubic = F.interpolate(small, (height, width), mode="bicubic", antialias=True, align_corners=False)
                errors = [float((each.clamp(0, 1) - wanted).square().mean()) for each in (cubic, made)]
                ahead.append(10 * math.log10(errors[0] / errors[1]))
            gains[factor] = sum(ahead) / len(ahead)
    return gains


def _by_cubic(wanted: Tensor, factor: int) -> Tensor:
    size = [side // factor for side in wanted.shape[2:]]
    return F.interpolate(wanted, size, mode="bicubic", antialias=True, align_corners=False)


def _read(path: Path) -> Picture:
    with Image.open(path) as opened:
        return np.array(opened.convert("RGB"))


def _resized(picture: Picture, scale: float) -> Picture:
    image = Image.fromarray(picture)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.array(image.resize(size, Image.Resampling.LANCZOS))


def main() -> int:
    parser = argparse.ArgumentParser("python -m engine.training.upscaler", description=__doc__)
    parser.add_argument("file", type=Path, help="Where to write scale.safetensors.")
    parser.add_argument("--photos", type=Path, required=True, help="Folder of photographs.")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=_RATE, help="The highest.")
    parser.add_argument("--begin", type=Path, help="Go on from this file.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    pairs = Pairs(given.photos, given.seed)
    net = fresh(given.seed)
    if given.begin is not None:
        net.load_state_dict(read_tensors(given.begin)[0])
    given.file.parent.mkdir(parents=True, exist_ok=True)

    def keep(done: int) -> None:
        header = {"seed": str(given.seed), "steps": f"{done} of {given.steps}", "license": "Apache-2.0"}
        write_tensors(given.file, net.state_dict(), header)

    train(net, pairs, given.steps, given.rate, keep)
    keep(given.steps)
    return 0


if __name__ == "__main__":
    sys.exit(main())
