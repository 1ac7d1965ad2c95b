"""What upstream's code was asked for the golden files of Meissonic and EditMGT: configs, seeds and inputs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from support.seeded import draws, grid

CODES, VOCAB = 64, 72
MEISSONIC_TINY: dict[str, Any] = {
    "num_layers": 2,
    "num_single_layers": 3,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
    "joint_attention_dim": 24,
    "pooled_projection_dim": 32,
    "axes_dims_rope": (4, 6, 6),
    "vocab_size": VOCAB,
    "codebook_size": CODES,
    "downsample": True,
    "upsample": True,
}
EDIT_TINY: dict[str, Any] = MEISSONIC_TINY | {"text_encoder_architecture": "CLIP_Gemma2", "connector_type": "linear"}
# transformer/config.json of MeissonFlow/Meissonic; of WeiChow/EditMGT as its training code writes it (train/train.py).
PUBLISHED: dict[str, dict[str, Any]] = {
    "meissonic": {
        "attention_head_dim": 128,
        "axes_dims_rope": [16, 56, 56],
        "codebook_size": 8192,
        "downsample": True,
        "guidance_embeds": False,
        "in_channels": 64,
        "joint_attention_dim": 1024,
        "num_attention_heads": 8,
        "num_layers": 14,
        "num_single_layers": 28,
        "patch_size": 1,
        "pooled_projection_dim": 1024,
        "upsample": True,
        "vocab_size": 8256,
    }
}
PUBLISHED["editmgt"] = PUBLISHED["meissonic"] | {
    "joint_attention_dim": 2304,
    "text_encoder_architecture": "CLIP_Gemma2",
    "connector_type": "linear",
}


def _forward(family: str, seed: int, size: tuple[int, int], words: int, step: int, **more: Any) -> dict[str, Any]:
    return {"family": family, "seed": seed, "size": size, "words": words, "step": step, "config": {}, **more}


_WHOLE = {"config": {"downsample": False, "upsample": False}}
# Each is a pair of rows, as for guidance, with other words, sizes told and tokens.
FORWARDS: dict[str, dict[str, Any]] = {
    "meissonic": _forward("meissonic", 1, (6, 8), 9, 5),
    "meissonic-other-size": _forward("meissonic", 1, (4, 4), 9, 63),
    "meissonic-whole": _forward("meissonic", 2, (5, 3), 7, 0, **_WHOLE),
    "editmgt": _forward("editmgt", 3, (6, 8), 12, 5, strength=1.0),
    "editmgt-strength": _forward("editmgt", 3, (4, 6), 12, 17, strength=1.4),
    "editmgt-no-source": _forward("editmgt", 3, (6, 8), 12, 5),
}


def forward_inputs(case: dict[str, Any]) -> dict[str, Tensor]:
    """``ids`` (2, h, w), ``hidden`` (2, words, 24), ``pooled`` (2, 32), ``micro`` (2, 5), maybe ``reference``."""
    seed, size = 100 * case["seed"] + case["step"], case["size"]
    ids = grid(seed, CODES, 2, *size)
    ids[:, 1:3, 1:] = VOCAB - 1
    inputs = {
        "ids": ids,
        "hidden": draws(seed + 1, 2, case["words"], 24),
        "pooled": draws(seed + 2, 2, 32),
        "micro": torch.tensor([[1024.0, 1024, 0, 0, 6], [640, 480, 16, 32, 5]]),
    }
    return inputs | ({"reference": grid(seed + 3, CODES, 2, *size)} if "strength" in case else {})


def _box(y0: int, x0: int, y1: int, x1: int, side: int = 8) -> tuple[int, int, int, int, int]:
    return y0, x0, y1, x1, side


def _drawn(family: str, box: tuple[int, ...], steps: int, guidance: float, draw: int, **more: Any) -> dict[str, Any]:
    words = 256 if family == "editmgt" else 77
    usual = {"temperature": (2.0, 0.0), "token_px": 1024 // box[4], "strength": 1.0, "config": {}, "words": words}
    return usual | {"family": family, "seed": 7, "box": box, "steps": steps, "guidance": guidance, "draw": draw} | more


PIPELINES: dict[str, dict[str, Any]] = {
    "meissonic-box": _drawn("meissonic", _box(2, 1, 6, 6), 8, 9.0, 0),
    "meissonic-one": _drawn("meissonic", _box(3, 3, 4, 4), 5, 9.0, 1),
    "meissonic-all": _drawn("meissonic", _box(0, 0, 8, 8), 6, 4.0, 2),
    "meissonic-unguided": _drawn("meissonic", _box(0, 3, 8, 5), 4, 1.0, 3, temperature=(4.0, 1.0)),
    "editmgt-all": _drawn("editmgt", _box(0, 0, 8, 8), 6, 6.0, 4, strength=1.1),
    "editmgt-box": _drawn("editmgt", _box(2, 1, 6, 6), 6, 6.0, 5),
    "editmgt-unguided": _drawn("editmgt", _box(1, 0, 3, 8), 3, 1.0, 6, strength=0.8),
    "editmgt-local": _drawn("editmgt", _box(0, 0, 64, 64, side=64), 4, 6.0, 8, strength=1.1, local=True),
}
# EditMGT's local mask: below this look of the words the source's token is kept; the blocks that are watched: single
# ones as it proposes: in double ones its own code needs other widths than these.
LOCAL: tuple[float, list[int]] = (0.35, [2, 4])


def pipeline_inputs(case: dict[str, Any]) -> dict[str, Tensor]:
    """``ids`` and ``mask`` (h, w); ``hidden`` (2, words, 24) and ``pooled`` (2, 32): not wanted, then wanted."""
    y0, x0, y1, x1, side = case["box"]
    mask = torch.zeros(side, side, dtype=torch.bool)
    mask[y0:y1, x0:x1] = True
    draw = 1000 + case["draw"]
    return {
        "ids": grid(draw, CODES, side, side),
        "mask": mask,
        "hidden": draws(draw + 100, 2, case["words"], 24),
        "pooled": draws(draw + 200, 2, 32),
    }
