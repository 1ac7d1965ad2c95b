"""What `engine.models.memory` states against what a run holds: a middle-sized aMUSEd with random weights.

Hidden size 512, 12 layers, 32×32 tokens, the picture tokenizer as published; the window is selected whole, which is the
dearest edit. Run as ``python -m bridge.bench.open_weights_memory WAY`` it measures one way in this process and prints
what it found: a process of its own, so that its peak is of nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import psutil
import torch
from torch import nn

from bridge.bench.base import Bar
from bridge.bench.child import Child
from bridge.bench.live_bytes import LiveBytes
from engine.host import HOME, environment
from engine.models.amused.model import AmusedModel
from engine.models.amused.network import Network
from engine.models.amused.words import TextEncoder, WordIds
from engine.models.masked.interface import Mode, Published, Words
from engine.models.masked.vq import VqTokenizer
from engine.models.memory import Needs, Networks, Way, bytes_needed
from engine.models.parts import ClipConfig, UvitConfig, VqConfig, clip_part, uvit_part

WAYS = (Way.FP32, Way.BF16)
# Of the stated bytes, that a measured run may differ.
_TOLERANCE = 0.10
_SIDE_TOK = 32
_STEPS = 2
_UVIT = UvitConfig(width=512, layers=12, hidden=1408, channels=384, in_channels=384, text_width=384, pooled_width=384)
_CLIP = ClipConfig(width=384, layers=6, hidden=1536, projection=384, vocabulary=64, positions=77)
_VQ = VqConfig()
_NETWORKS = Networks(uvit_part(_UVIT), (clip_part(_CLIP),), _VQ)
_DTYPES = {Way.FP32: torch.float32, Way.BF16: torch.bfloat16}


def measure_memory(note: Callable[[str], None]) -> tuple[dict[str, float], dict[str, Bar]]:
    """Stated and measured bytes of each way, and that they are within a tenth of each other."""
    figures: dict[str, float] = {}
    bars: dict[str, Bar] = {}
    for way in WAYS:
        note(f"memory in {way}")
        done = subprocess.run(  # noqa: S603 -- our own module
            [sys.executable, "-m", __name__, way.value], capture_output=True, check=True, cwd=HOME, env=environment()
        )
        found = cast(dict[str, int], json.loads(done.stdout.splitlines()[-1]))
        figures |= {f"memory_{way}_{name}_mb": round(value / 1e6, 1) for name, value in found.items()}
        off = abs(found["stated"] - found["held"]) / found["held"]
        bars[f"memory_{way}_off"] = Bar(off, _TOLERANCE)
    return figures, bars


def measure_here(way: Way) -> dict[str, int]:
    """One way, in this process.

    Returns:
        ``stated``; ``held``: weights and the peak of what tensors held; ``resident``: weights and by how much the
        process grew from when they were loaded to its peak, with what convolutions take within themselves.
    """
    model, networks = middle_amused(way)
    weights = sum(value.numel() * value.element_size() for one in networks for value in one.state_dict().values())
    side_px = _SIDE_TOK * model.tokenizer.token_px
    region = torch.ones(_SIDE_TOK, _SIDE_TOK, dtype=torch.bool)
    picture = torch.zeros(1, 3, side_px, side_px)
    process = Child("", "", psutil.Process(), Path())
    process.forget_peak()
    before = process.memory()
    with LiveBytes() as live, torch.inference_mode():
        ids = model.tokenizer.encode(picture)
        opened = model.open(ids, region, Words("a red door"), Mode.EXACT)
        drawn = model.published(opened, Published(_STEPS, 10.0, (2.0, 0.0)), seed=1)
        model.tokenizer.decode(ids.masked_scatter(region, drawn))
    needs: Needs = bytes_needed(_NETWORKS, side_px, way)
    resident = weights + process.peak_memory() - before
    return {"stated": needs.total, "held": weights + live.peak, "resident": resident}


def middle_amused(way: Way) -> tuple[AmusedModel, tuple[nn.Module, ...]]:
    """The model with random weights, and its networks."""
    # Seconds of imports, and of the extra.
    from diffusers.models.autoencoders.vq_model import VQModel  # noqa: PLC0415
    from diffusers.models.unets.uvit_2d import UVit2DModel  # noqa: PLC0415
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection  # noqa: PLC0415

    dtype = _DTYPES[way]
    torch.manual_seed(0)
    blocks = len(_VQ.channels)
    uvit = UVit2DModel(
        hidden_size=_UVIT.width,
        cond_embed_dim=_UVIT.pooled_width,
        encoder_hidden_size=_UVIT.text_width,
        in_channels=_UVIT.in_channels,
        block_out_channels=_UVIT.channels,
        downsample=True,
        upsample=True,
        num_hidden_layers=_UVIT.layers,
        num_attention_heads=8,
        intermediate_size=_UVIT.hidden,
        sample_size=_SIDE_TOK,
    )
    vq = VQModel(
        act_fn="silu",
        block_out_channels=_VQ.channels,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=_VQ.latent,
        layers_per_block=_VQ.layers,
        num_vq_embeddings=_VQ.codes,
        mid_block_add_attention=False,
        lookup_from_codebook=True,
    )
    clip = CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=_CLIP.vocabulary,
            hidden_size=_CLIP.width,
            intermediate_size=_CLIP.hidden,
            projection_dim=_CLIP.projection,
            num_hidden_layers=_CLIP.layers,
            num_attention_heads=6,
            max_position_embeddings=_CLIP.positions,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    networks = tuple(cast(nn.Module, one).to(dtype).eval().requires_grad_(False) for one in (uvit, vq, clip))
    text = TextEncoder(networks[2], _words())
    return AmusedModel(Network(networks[0]), VqTokenizer(networks[1]), text), networks


def _words() -> WordIds:
    """A tokenizer of letters."""
    from transformers import CLIPTokenizer  # noqa: PLC0415

    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    with TemporaryDirectory() as folder:
        vocabulary, merges = Path(folder) / "vocab.json", Path(folder) / "merges.txt"
        vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}))
        merges.write_text("#version: 0.2\n")
        return cast(WordIds, CLIPTokenizer(str(vocabulary), str(merges), model_max_length=_CLIP.positions))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure_here(Way(sys.argv[1]))) + "\n")
