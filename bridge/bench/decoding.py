"""What a region decode of the open models' picture tokenizer costs and is wrong by, and what is left of its seam.

The tokenizer is as published (aMUSEd, Meissonic: 146 million weights) with random weights: time does not depend on
their values, and for the errors random weights are a hard case, since nothing in them damps what goes wrong.

- ``decode``: seconds of a whole decode and of a region of 5 % with its statistics from each place (`Norms`); how far
  each is from the whole decode, in 8-bit levels.
- ``halo``: the same for smaller halos, with the whole picture's statistics, so that only the halo is at fault.
- ``seam``: photographs through a tokenizer that tints, in a box: the step across the box's border over the same
  statistic near it. ``pasted``: as decoded; ``corrected``: as an edit does; ``photograph``: untouched.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.bench.photos import check_photographs

if TYPE_CHECKING:
    from torch import Tensor

    from engine.models.masked.vq import VqTokenizer

NAME = "decoding"
SUMMARY = (
    "region decodes of the open models' tokenizer against whole ones: seconds, error by halo, what is left of a seam"
)

_PUBLISHED = (128, 256, 256, 512, 768)
_NARROW = (32, 32, 64, 64, 96)
_SIDE_TOK, _QUICK_SIDE_TOK = 32, 20
_SHARE = 0.05
_HALOS = (7, 5, 4, 3, 2, 1, 0)
# Float rounding, as the layers of random weights make it larger.
_ROUNDING_LEVELS = 0.1
# Of the tokenizer that tints: what it makes of white, and of the range.
_TINT, _GAIN = (0.06, -0.03, 0.03), 0.93
_SEAM_BAND_PX = 24
_PHOTOGRAPHS, _QUICK_PHOTOGRAPHS = 8, 3
_LEAST_FASTER = 2.0
_WINDOW_PX = 256


def run(options: BenchOptions) -> Figures:
    """Measure."""
    tokenizer = random_tokenizer(_NARROW if options.quick else _PUBLISHED)
    decoded = of_tokenizer(tokenizer, _QUICK_SIDE_TOK if options.quick else _SIDE_TOK, options.note)
    seams = seams_of_photographs(_QUICK_PHOTOGRAPHS if options.quick else _PHOTOGRAPHS)
    bars = dict(decoded.bars)
    if seams:
        bars["seam corrected, over pasted"] = Bar(seams["seam.corrected"] / seams["seam.pasted"], 0.6)
    return Figures(decoded.figures | seams, bars)


def random_tokenizer(channels: tuple[int, ...], seed: int = 0) -> VqTokenizer:
    """The published tokenizer with so many channels a level and random weights."""
    import torch  # noqa: PLC0415 -- only wanted here
    from diffusers.models.autoencoders.vq_model import VQModel  # noqa: PLC0415

    from engine.models.masked.vq import VqTokenizer  # noqa: PLC0415

    torch.manual_seed(seed)
    model = VQModel(
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        latent_channels=64,
        layers_per_block=2,
        num_vq_embeddings=8192,
        mid_block_add_attention=False,
        lookup_from_codebook=True,
    ).eval()
    with torch.no_grad():
        # As of a trained codebook; the untrained one is so small that every picture would be the same grey.
        model.quantize.embedding.weight.normal_()
        cast("Tensor", model.decoder.conv_out.bias).fill_(0.5)
    return VqTokenizer(model)


def of_tokenizer(tokenizer: VqTokenizer, side_tok: int, note: Callable[[str], None] = lambda _: None) -> Figures:
    """Figures of one tokenizer, for a square window with a square region in its middle."""
    import torch  # noqa: PLC0415

    from engine.geometry import TokenRect  # noqa: PLC0415
    from engine.models.masked.halo_error import error_of_halo  # noqa: PLC0415
    from engine.models.masked.vq import Norms  # noqa: PLC0415

    ids = torch.randint(tokenizer.codes, (side_tok, side_tok), generator=torch.Generator().manual_seed(1))
    side = max(1, round(side_tok * _SHARE**0.5))
    start = (side_tok - side) // 2
    rect = TokenRect(start, start, start + side, start + side)
    tokenizer.decode(ids[:4, :4])  # whatever the first call pays for
    began = time.perf_counter()
    whole = tokenizer.decode(ids)
    figures = {"decode.whole.seconds": time.perf_counter() - began}
    note(f"whole: {figures['decode.whole.seconds']:.2f} s")
    given = tokenizer.statistics(ids, Norms.WHOLE)
    for norms in (Norms.OWN, Norms.SAMPLED):
        began = time.perf_counter()
        tokenizer.decode_region(ids, rect, norms=norms)
        figures[f"decode.{norms}.seconds"] = time.perf_counter() - began
        error = error_of_halo(tokenizer, ids, rect, None, norms=norms, whole=whole)
        figures[f"decode.{norms}.mean_levels"] = error.mean
        note(f"{norms}: {figures[f'decode.{norms}.seconds']:.2f} s, {error.mean:.2f} levels")
    for halo in _HALOS:
        error = error_of_halo(tokenizer, ids, rect, halo, whole=whole, statistics=given)
        figures[f"halo.{halo}.max_levels"] = error.largest
        figures[f"halo.{halo}.mean_levels"] = error.mean
    faster = figures["decode.whole.seconds"] / figures[f"decode.{Norms.SAMPLED}.seconds"]
    return Figures(
        {name: round(value, 4) for name, value in figures.items()},
        {
            "error of the whole halo, levels": Bar(figures[f"halo.{_HALOS[0]}.max_levels"], _ROUNDING_LEVELS),
            "a region decode, times as fast": Bar(faster, _LEAST_FASTER, at_most=False),
        },
    )


def seam_jump(picture: npt.NDArray[np.float32], selected: npt.NDArray[np.bool_]) -> float:
    """Mean step across the selection's border over the mean step between neighbours near it, both ways.

    Args:
        picture: (H, W, C). selected: (H, W), with a border inside the picture.
    """
    across: list[npt.NDArray[np.float32]] = []
    near: list[npt.NDArray[np.float32]] = []
    rows, cols = np.flatnonzero(selected.any(1)), np.flatnonzero(selected.any(0))
    band = (
        slice(max(0, rows[0] - _SEAM_BAND_PX), rows[-1] + 1 + _SEAM_BAND_PX),
        slice(max(0, cols[0] - _SEAM_BAND_PX), cols[-1] + 1 + _SEAM_BAND_PX),
    )
    for axis in (0, 1):
        steps = np.abs(np.diff(picture[band], axis=axis)).mean(-1)
        is_border = np.diff(selected[band].astype(np.int8), axis=axis) != 0
        across.append(steps[is_border])
        near.append(steps[~is_border])
    return float(np.concatenate(across).mean() / max(1e-9, np.concatenate(near).mean()))


def seams_of_photographs(count: int) -> dict[str, float]:
    """Seams of a box in check photographs, decoded by a tokenizer that tints; nothing where there are none."""
    import torch  # noqa: PLC0415

    from engine.models.masked.paste import without_seam  # noqa: PLC0415

    folder = check_photographs()
    if folder is None:
        return {}
    listed = cast("dict[str, list[dict[str, str]]]", json.loads((folder / "manifest.json").read_text("utf-8")))
    jumps: dict[str, list[float]] = {"photograph": [], "pasted": [], "corrected": []}
    for entry in listed["images"][:count]:
        photo = np.asarray(Image.open(folder / entry["file"]).convert("RGB"), np.float32) / 255
        y, x = ((side - _WINDOW_PX) // 2 for side in photo.shape[:2])
        if min(y, x) < 0:
            continue
        source = torch.from_numpy(np.ascontiguousarray(photo[y : y + _WINDOW_PX, x : x + _WINDOW_PX])).permute(2, 0, 1)
        hole = torch.zeros(_WINDOW_PX, _WINDOW_PX, dtype=torch.bool)
        hole[88:170, 72:180] = True
        drawn = torch.zeros_like(hole)
        drawn[64:192, 48:208] = True
        decoded = source * _GAIN + torch.tensor(_TINT).view(3, 1, 1)
        made = without_seam(decoded, decoded, source, ~hole, ~drawn)
        for name, fill in (("photograph", source), ("pasted", decoded), ("corrected", made)):
            shown = torch.where(hole, fill, source).permute(1, 2, 0).numpy()
            jumps[name].append(seam_jump(shown, hole.numpy()))
    return {f"seam.{name}": round(statistics.mean(values), 3) for name, values in jumps.items() if values}
