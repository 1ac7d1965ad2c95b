"""What the built-in tokenizer keeps of a picture, with the weights that are shipped.

``psnr`` in dB and ``texture`` (half the L1 distance of gradient histograms, 0: same) of what is decoded from codes,
over the pixels of blob-shaped holes: ``alone`` when nothing of the window is known, ``guided`` when everything around
the hole is. ``kept`` is the largest change of a known pixel within a token of the hole. ``used`` is the share of each
group's codes that occur. On crops of the check photographs where they are there, else of scikit-image's bundled ones,
and on worlds of seeds that nothing was trained on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.fill import Picture, between, texture_distance
from bridge.bench.fill import pictures as fill_pictures
from bridge.bench.photos import check_photographs
from engine.models.nano import Nano, load
from engine.tokens.config import TOKEN_PX
from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.training.masks import holes
from engine.training.worlds import world

NAME = "tokenizer"
SUMMARY = "what a picture keeps on its way through the codes: photographs and worlds, alone and guided"

_SIDE_PX = 128
_CROPS, _QUICK_CROPS = 12, 3
_WORLDS, _QUICK_WORLDS = 64, 12
_SEED = 20261124
# No training run begins here: its seeds are 2⁴⁰ and more.
_WORLD_SEEDS = 9_000_000
_CODES_USED = 0.6


@dataclass(frozen=True, slots=True)
class _Kept:
    psnr: float
    texture: float
    kept: float


def run(options: BenchOptions) -> Figures:
    """Measure, and write a sheet: the picture, its hole, guided, alone."""
    nano = load()
    figures: dict[str, float] = {}
    used: list[Tensor] = []
    rows: list[Tensor] = []
    for title, crops in (("photographs", _photographs(options.quick)), ("worlds", _worlds(options.quick))):
        draw = torch.Generator().manual_seed(_SEED)
        hole = holes(len(crops), _SIDE_PX, draw)[:, None]
        nothing = torch.zeros_like(hole)
        guided, ids = _through(nano, crops, ~hole)
        alone, _ = _through(nano, crops, nothing)
        used.append(ids)
        for name, drawn in (("guided", guided), ("alone", alone)):
            kept = _kept(crops, drawn, hole)
            figures |= {f"{title}.{name}.psnr": kept.psnr, f"{title}.{name}.texture": kept.texture}
            if name == "guided":
                figures[f"{title}.known_changed"] = kept.kept
        options.note(f"{title}: {figures[f'{title}.guided.psnr']:.2f} dB in the hole, {len(crops)} crops")
        shown = slice(0, len(crops), max(1, len(crops) // 8))
        emptied = torch.where(hole, 0.5, crops)
        rows += [torch.cat(list(each[shown][:8].clamp(0, 1)), 2) for each in (crops, emptied, guided, alone)]
    shares = _shares_used(nano, torch.cat(used))
    figures |= {f"used.group_{number}": share for number, share in enumerate(shares)}
    sheet = torch.cat(rows, 1).permute(1, 2, 0).mul(255).round().byte().numpy()
    Image.fromarray(sheet).save(options.out / "tokenizer.png")
    known_changed = max(figures["photographs.known_changed"], figures["worlds.known_changed"])
    return Figures(
        figures,
        {
            "codes used, the least used group": Bar(min(shares), _CODES_USED, at_most=False),
            "change of a known pixel near a hole": Bar(known_changed, 0.0),
        },
    )


@torch.inference_mode()
def _through(nano: Nano, picture: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Encoded and decoded where not known, and the ids of those tokens (n, G)."""
    ground = fill_ground(picture, known)
    ids = nano.tokenizer.encode(picture, ground, known)
    coded = token_mask(~known[:, 0])
    return nano.tokenizer.decode(nano.tokenizer.fsq.codes_of(ids), coded, ground, known), ids[coded]


def _kept(picture: Tensor, drawn: Tensor, hole: Tensor) -> _Kept:
    error = (drawn.clamp(0, 1) - picture).square()
    psnr = -10 * float((error * hole).sum().div(hole.sum() * 3).clamp(min=1e-10).log10())
    near = (F.max_pool2d(hole.float(), 2 * TOKEN_PX + 1, 1, TOKEN_PX) > 0) & ~hole
    true, fill = (_bytes(each) for each in (picture, drawn))
    texture = texture_distance(true, fill, hole[:, 0].reshape(-1, hole.shape[-1]).numpy())
    return _Kept(psnr, texture, float(((drawn - picture).abs() * near).max()))


def _bytes(pictures: Tensor) -> Picture:
    """(B, 3, S, S) as one tall (B·S, S, 3) picture."""
    return pictures.clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1).reshape(-1, pictures.shape[-1], 3).numpy()


def _shares_used(nano: Nano, ids: Tensor) -> list[float]:
    return [ids[:, group].unique().numel() / size for group, size in enumerate(nano.tokenizer.fsq.sizes)]


def _photographs(quick: bool) -> Tensor:
    """(B, 3, side, side): crops at the pictures' own size."""
    draw = np.random.default_rng(_SEED)
    crops: list[Tensor] = []
    folder = check_photographs()
    if folder is None:
        named: list[Picture] = [picture for _, picture in fill_pictures(quick)]
    else:
        listed = json.loads((folder / "manifest.json").read_text("utf-8"))["images"]
        named = [np.array(Image.open(folder / str(entry["file"])).convert("RGB"), np.uint8) for entry in listed]
    for picture in named:
        for _ in range(_QUICK_CROPS if quick else _CROPS):
            top, left = (between(draw, 0, side - _SIDE_PX + 1) for side in picture.shape[:2])
            crop = picture[top : top + _SIDE_PX, left : left + _SIDE_PX]
            crops.append(torch.from_numpy(np.ascontiguousarray(crop)).permute(2, 0, 1).float() / 255)
    return torch.stack(crops)


def _worlds(quick: bool) -> Tensor:
    """(B, 3, side, side)."""
    count = _QUICK_WORLDS if quick else _WORLDS
    return torch.cat([world(_SIDE_PX, _WORLD_SEEDS + number, batch=2).pictures for number in range(count)])
