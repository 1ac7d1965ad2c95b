"""A picture tokenizer of the published kind, tiny and random, that draws pictures with contrast."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from engine.models.masked.vq import VqTokenizer

BLOCKS = 5


def tiny_vq_model(seed: int = 0, *, codes: int = 64, blocks: int = BLOCKS, attention: bool = False) -> nn.Module:
    """diffusers' VQModel with 2^(blocks-1) pixels a token, five blocks as published."""
    from diffusers.models.autoencoders.vq_model import VQModel  # noqa: PLC0415 -- seconds, not wanted where it is not used

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VQModel(
            block_out_channels=(32,) * blocks,
            down_block_types=("DownEncoderBlock2D",) * blocks,
            up_block_types=("UpDecoderBlock2D",) * blocks,
            latent_channels=8,
            layers_per_block=2,
            norm_num_groups=8,
            num_vq_embeddings=codes,
            mid_block_add_attention=attention,
            lookup_from_codebook=True,
            force_upcast=True,
        )
        with torch.no_grad():
            # As of a trained codebook; the untrained one is so small that every picture would be the same grey.
            model.quantize.embedding.weight.normal_()
            model.decoder.conv_out.bias.fill_(0.5)
    return cast(nn.Module, model.eval())


def tiny_tokenizer(seed: int = 0, *, codes: int = 64, blocks: int = BLOCKS, attention: bool = False) -> VqTokenizer:
    return VqTokenizer(tiny_vq_model(seed, codes=codes, blocks=blocks, attention=attention))
