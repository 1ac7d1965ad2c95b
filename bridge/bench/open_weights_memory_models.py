"""Middle-sized open models with random weights, and the same as `engine.models.memory` counts them.

Transformers of width 512 and 12 layers, a small text encoder, the picture tokenizer as published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from diffusers.models.unets.uvit_2d import UVit2DModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer, Gemma2Config, Gemma2Model

from engine.models.amused.model import AmusedModel
from engine.models.amused.network import Network as AmusedNetwork
from engine.models.amused.words import TextEncoder, WordIds
from engine.models.dimoo.config import Config as DimooConfig
from engine.models.dimoo.model import DimooModel
from engine.models.dimoo.transformer import Dimoo
from engine.models.masked.interface import OpenModel
from engine.models.masked.vq import VqTokenizer
from engine.models.meissonic.config import GEMMA_WORDS
from engine.models.meissonic.config import Config as MeissonicConfig
from engine.models.meissonic.model import MeissonicModel
from engine.models.meissonic.network import Network as MeissonicNetwork
from engine.models.meissonic.words import ClipWords, GemmaWords
from engine.models.memory import Networks, dimoo_step, meissonic_step
from engine.models.parts import (
    ClipConfig,
    GemmaConfig,
    MmditConfig,
    UvitConfig,
    VqConfig,
    clip_part,
    gemma_part,
    llada_part,
    mmdit_part,
    uvit_part,
)

SIDE_TOK = 32
_WIDTH = 512
_UVIT = UvitConfig(_WIDTH, 12, 1408, channels=384, in_channels=384, text_width=_WIDTH, pooled_width=_WIDTH)
_MMDIT = MmditConfig(_WIDTH, 128, 4, 8, text_width=_WIDTH)
_MEISSONIC = MeissonicConfig(heads=4, layers=4, single_layers=8, words_dim=_WIDTH, pooled_dim=_WIDTH)
_EDIT_MMDIT = replace(_MMDIT, connected_width=_WIDTH)
_EDIT_MGT = replace(_MEISSONIC, edits=True)
_GEMMA = GemmaConfig(_WIDTH, 6, 2048, heads=8, key_heads=4, head_width=64, vocabulary=64)
_DIMOO = DimooConfig(width=_WIDTH, heads=8, layers=12, hidden=1536)
_CLIP = ClipConfig(width=_WIDTH, layers=6, hidden=2048, projection=_WIDTH, vocabulary=64)
_VQ = VqConfig()
_WORDS = (1, 2, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Middle:
    """
    Attributes:
        model: as a family loads it. counted: for `memory.bytes_needed`.
    """

    model: OpenModel
    counted: Networks


def amused(dtype: torch.dtype) -> Middle:
    uvit = _ready(
        UVit2DModel(
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
            sample_size=SIDE_TOK,
        ),
        dtype,
    )
    vq, clip = _vq(dtype), _clip(dtype)
    model = AmusedModel(AmusedNetwork(uvit), VqTokenizer(vq), TextEncoder(clip, _words()))
    return Middle(model, Networks(uvit_part(_UVIT), (clip_part(_CLIP),), _VQ))


def meissonic(dtype: torch.dtype) -> Middle:
    network, vq, clip = _ready(MeissonicNetwork(_MEISSONIC), dtype), _vq(dtype), _clip(dtype)
    words = ClipWords(TextEncoder(clip, _words()))
    model = MeissonicModel(cast(MeissonicNetwork, network), VqTokenizer(vq), words)
    return Middle(model, Networks(mmdit_part(_MMDIT), (clip_part(_CLIP),), _VQ))


def editmgt(dtype: torch.dtype) -> Middle:
    network, vq, clip = _ready(MeissonicNetwork(_EDIT_MGT), dtype), _vq(dtype), _clip(dtype)
    gemma = _gemma(dtype)
    words = GemmaWords(TextEncoder(clip, _words()), gemma, _SameWords())
    model = MeissonicModel(cast(MeissonicNetwork, network), VqTokenizer(vq), words)
    parts = (clip_part(_CLIP), gemma_part(_GEMMA))
    counted = Networks(mmdit_part(_EDIT_MMDIT), parts, _VQ, step=meissonic_step(_EDIT_MGT))
    return Middle(model, counted)


def dimoo(dtype: torch.dtype) -> Middle:
    network, vq = _ready(Dimoo(_DIMOO), dtype), _vq(torch.float32)
    model = DimooModel(cast(Dimoo, network), _text_ids, VqTokenizer(vq), device=torch.device("cpu"), dtype=dtype)
    step = partial(dimoo_step, _DIMOO)
    counted = Networks(llada_part(_DIMOO), (), _VQ, always_float32=True, vq_stays=True, step=step)
    return Middle(model, counted)


MIDDLE: Mapping[str, Callable[[torch.dtype], Middle]] = {
    "amused": amused,
    "meissonic": meissonic,
    "editmgt": editmgt,
    "dimoo": dimoo,
}


def _text_ids(text: str) -> tuple[int, ...]:
    """Others without words, else a model would compute both at once."""
    return _WORDS[:2] if "<uncondition>" in text else _WORDS


def _ready(network: object, dtype: torch.dtype) -> nn.Module:
    return cast(nn.Module, network).to(dtype).eval().requires_grad_(False)


def _vq(dtype: torch.dtype) -> nn.Module:
    blocks = len(_VQ.channels)
    model = VQModel(
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
    return _ready(model, dtype)


def _clip(dtype: torch.dtype) -> nn.Module:
    config = CLIPTextConfig(
        vocab_size=_CLIP.vocabulary,
        hidden_size=_CLIP.width,
        intermediate_size=_CLIP.hidden,
        projection_dim=_CLIP.projection,
        num_hidden_layers=_CLIP.layers,
        num_attention_heads=8,
        max_position_embeddings=_CLIP.positions,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return _ready(CLIPTextModelWithProjection(config), dtype)


def _gemma(dtype: torch.dtype) -> nn.Module:
    config = Gemma2Config(
        vocab_size=_GEMMA.vocabulary,
        hidden_size=_GEMMA.width,
        intermediate_size=_GEMMA.hidden,
        num_hidden_layers=_GEMMA.layers,
        num_attention_heads=_GEMMA.heads,
        num_key_value_heads=_GEMMA.key_heads,
        head_dim=_GEMMA.head_width,
    )
    return _ready(Gemma2Model(config), dtype)


class _SameWords:
    """In place of Gemma's tokenizer: as many words as it fills up to."""

    @dataclass(slots=True, eq=False)
    class Found:
        input_ids: Tensor

    def __call__(
        self, text: list[str], *, return_tensors: str, padding: str, truncation: bool, max_length: int
    ) -> Found:
        return self.Found(torch.ones(len(text), GEMMA_WORDS, dtype=torch.int64))


def _words() -> WordIds:
    """A tokenizer of letters."""
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    with TemporaryDirectory() as folder:
        vocabulary, merges = Path(folder) / "vocab.json", Path(folder) / "merges.txt"
        vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}))
        merges.write_text("#version: 0.2\n")
        return cast(WordIds, CLIPTokenizer(str(vocabulary), str(merges), model_max_length=_CLIP.positions))
