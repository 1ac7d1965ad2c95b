"""The shape of diffusers' UVit2DModel as far as `network.Network` walks it: parts and types, nothing that runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from engine.errors import BrokenWeights
from engine.models.masked.whole import whole

_FOLDER = "transformer"


class UvitConfig(Protocol):
    """``config.json`` of a published transformer."""

    hidden_size: int
    block_out_channels: int
    vocab_size: int
    codebook_size: int
    micro_cond_encode_dim: int
    sample_size: int


class Layer(Protocol):
    """Something that takes a tensor and gives one."""

    def __call__(self, x: Tensor) -> Tensor: ...


class Attention(Protocol):
    heads: int
    to_q: Layer
    to_k: Layer
    to_v: Layer
    to_out: Sequence[Layer]


class AdaNorm(Protocol):
    silu: Layer
    linear: Layer
    norm: Layer


class Block(Protocol):
    """diffusers' BasicTransformerBlock with ``ada_norm_continuous``."""

    norm1: AdaNorm
    attn1: Attention
    norm2: AdaNorm
    attn2: Attention
    norm3: AdaNorm
    ff: Layer


class SkipBlock(Protocol):
    """diffusers' SkipFFTransformerBlock: two looks at the text."""

    kv_mapper: Layer | None
    norm1: Layer
    attn1: Attention
    norm2: Layer
    attn2: Attention


class Response(Protocol):
    """Global response norm (Woo et al. 2023, ConvNeXt V2)."""

    gamma: Tensor
    beta: Tensor


class ConvNext(Protocol):
    depthwise: nn.Conv2d
    norm: Layer
    channelwise_linear_1: Layer
    channelwise_act: Layer
    channelwise_norm: Response
    channelwise_linear_2: Layer
    cond_embeds_mapper: Layer


class Resample(Protocol):
    norm: Layer
    conv: nn.Conv2d | nn.ConvTranspose2d


class ConvBlock(Protocol):
    downsample: Resample | None
    res_blocks: Sequence[ConvNext]
    attention_blocks: Sequence[SkipBlock]
    upsample: Resample | None


class Embed(Protocol):
    embeddings: nn.Embedding
    layer_norm: Layer
    conv: nn.Conv2d


class Head(Protocol):
    conv1: nn.Conv2d
    layer_norm: Layer
    conv2: nn.Conv2d


class Uvit(Protocol):
    """diffusers' ``UVit2DModel``."""

    config: UvitConfig
    encoder_proj: Layer
    encoder_proj_layer_norm: Layer
    embed: Embed
    cond_embed: Layer
    down_block: ConvBlock
    project_to_hidden_norm: Layer
    project_to_hidden: Layer
    transformer_layers: Sequence[Block]
    project_from_hidden_norm: Layer
    project_from_hidden: Layer
    up_block: ConvBlock
    mlm_layer: Head


def uvit(model: nn.Module) -> Uvit:
    """A diffusers UVit2DModel, typed."""
    return cast(Uvit, model)


def load_uvit(folder: Path, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """The UVit2DModel in ``folder`` (``transformer`` of a published model), safetensors only.

    Raises:
        BrokenWeights: it cannot be read.
    """
    # Seconds of imports, and not everybody has the extra.
    from diffusers.models.unets.uvit_2d import UVit2DModel  # noqa: PLC0415

    try:
        loaded = cast(
            object,
            UVit2DModel.from_pretrained(
                str(folder / _FOLDER),
                use_safetensors=True,
                local_files_only=True,
                torch_dtype=dtype,
                output_loading_info=True,
            ),
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BrokenWeights(f"aMUSEd's transformer cannot be read: {error}") from error
    return whole(loaded, "aMUSEd's transformer").to(device=device, dtype=dtype).eval()
