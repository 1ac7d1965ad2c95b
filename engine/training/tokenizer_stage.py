"""First stage: the tokenizer learns to say 64 pixels in a code, and to draw them again between known neighbours."""

from __future__ import annotations

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.tokens.grid import token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.tokenizer import Tokenizer
from engine.training.data import Pictures, augmented, windows
from engine.training.masks import holes
from engine.training.presets import StageName, StagePlan
from engine.training.sheets import contact_sheet

# Of the holes so many are the whole window: a code must stand alone where nothing is known.
_WHOLE = 0.3
# From here on some codes are moved by a level: the decoder must bear codes that were drawn and not encoded.
_JITTER_FROM, _JITTER_SHARE = 0.3, 0.06
_EVALUATED = 128
_SHOWN = 10
_SEED = 77


class TokenizerStage:
    """See `engine.training.loop.Stage`."""

    name: StageName = "tokenizer"

    def __init__(self, module: Tokenizer, plan: StagePlan, photos: Pictures, worlds: Pictures, held_out: int) -> None:
        self.module = module
        self._plan = plan
        self._photos, self._photos_held = photos.split(held_out)
        self._worlds, self._worlds_held = worlds.split(held_out)

    def loss(self, draw: torch.Generator, along: float) -> dict[str, Tensor]:
        """Half photographs, half worlds; only what is not known counts, and one pixel around it."""
        plan = self._plan
        picture = mixed(self._photos, self._worlds, plan.batch, plan.window_px, draw)
        known = ~holes(plan.batch, plan.window_px, draw, least=0.15, most=0.7, whole=_WHOLE)[:, None]
        device = next(self.module.parameters()).device
        picture, known = picture.to(device), known.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=plan.bfloat16):
            drawn = self._drawn(picture, known, draw if along > _JITTER_FROM else None)
        return losses(drawn, picture, ~known)

    def _drawn(self, picture: Tensor, known: Tensor, jitter: torch.Generator | None) -> Tensor:
        ground = fill_ground(picture, known)
        codes, ids = self.module.quantise(self.module.latent(picture, ground, known))
        if jitter is not None:
            moved = self.module.fsq.codes_of(self.module.fsq.jitter(ids, _JITTER_SHARE, jitter))
            codes = codes + (moved - codes).detach()
        return self.module.decode(codes, token_mask(~known[:, 0]), ground, known)

    def evaluate(self) -> dict[str, float]:
        """PSNR without anything known, and in a hole, on what was held out; how many codes are used."""
        figures: dict[str, float] = {}
        used: list[Tensor] = []
        for title, pictures in (("photos", self._photos_held), ("worlds", self._worlds_held)):
            draw = torch.Generator().manual_seed(_SEED)
            picture = windows(pictures, range(min(_EVALUATED, len(pictures))), self._plan.window_px, draw)
            nothing = torch.zeros_like(picture[:, :1], dtype=torch.bool)
            known = ~holes(len(picture), self._plan.window_px, draw)[:, None]
            for name, given in (("all", nothing), ("hole", known)):
                drawn = self._drawn(picture, given, None)
                figures[f"{title} {name} psnr"] = psnr(drawn, picture, ~given)
            ids = self.module.encode(picture, fill_ground(picture, nothing), nothing)
            used.append(ids.flatten(0, 2))
        for group, size in enumerate(self.module.fsq.sizes):
            figures[f"group {group} used"] = torch.cat(used)[:, group].unique().numel() / size
        return figures

    def sheet(self, path: Path) -> None:
        """Held-out pictures above what their codes give, alone and in a hole."""
        draw = torch.Generator().manual_seed(_SEED)
        rows: list[Tensor] = []
        for pictures in (self._photos_held, self._worlds_held):
            shown = range(0, len(pictures), max(1, len(pictures) // _SHOWN))[:_SHOWN]
            picture = windows(pictures, shown, self._plan.window_px, draw)
            nothing = torch.zeros_like(picture[:, :1], dtype=torch.bool)
            known = ~holes(len(picture), self._plan.window_px, draw)[:, None]
            rows += [picture, self._drawn(picture, nothing, None), self._drawn(picture, known, None)]
        contact_sheet(rows, path)


def mixed(photos: Pictures, worlds: Pictures, batch: int, side_px: int, draw: torch.Generator) -> Tensor:
    """(batch, 3, side, side): half of each."""
    half = batch // 2
    from_photos = windows(photos, torch.randint(len(photos), (half,), generator=draw), side_px, draw)
    from_worlds = windows(worlds, torch.randint(len(worlds), (batch - half,), generator=draw), side_px, draw)
    return torch.cat([augmented(from_photos, draw), from_worlds])


def losses(drawn: Tensor, picture: Tensor, hole: Tensor) -> dict[str, Tensor]:
    """L1, L2, gradients, and how much texture there is, over the hole and a pixel around it.

    L1 and L2 alone answer with the mean of all textures that fit, which is none; the last term asks for as strong
    gradients as the picture has near each place, wherever exactly they lie. All need no other network.
    """
    weight = F.max_pool2d(hole.float(), 3, 1, 1)
    count = weight.sum().clamp(min=1) * 3
    error = drawn - picture
    far = (error.abs() * weight).sum() / count
    square = (error.square() * weight).sum() / count
    steps = sum(
        (error.diff(dim=dim).abs() * weight.narrow(dim, 1, weight.shape[dim] - 1)).sum() / count for dim in (2, 3)
    )
    texture = (_texture(drawn) - _texture(picture)).abs()
    lived = F.avg_pool2d(hole.float(), 8)
    strength = (texture * lived).sum() / (lived.sum().clamp(min=1) * 3)
    return {"loss": far + 4 * square + 0.5 * steps + 0.3 * strength, "l1": far, "square": square, "texture": strength}


def _texture(picture: Tensor) -> Tensor:
    """(B, 3, h, w): mean length of the gradient in each 8×8 cell."""
    down = F.pad(picture.diff(dim=2), (0, 0, 0, 1))
    right = F.pad(picture.diff(dim=3), (0, 1, 0, 0))
    return F.avg_pool2d((down.square() + right.square() + 1e-6).sqrt(), 8)


def psnr(drawn: Tensor, picture: Tensor, hole: Tensor) -> float:
    """dB over the hole."""
    error = ((drawn.clamp(0, 1) - picture).square() * hole).sum() / (hole.sum() * 3).clamp(min=1)
    return -10 * math.log10(max(float(error), 1e-10))
