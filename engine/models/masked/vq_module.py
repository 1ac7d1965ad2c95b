"""The shape of diffusers' VQModel as far as `vq.VqTokenizer` walks it: its parts and their types, nothing that runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from engine.errors import BrokenWeights
from engine.models.masked.whole import whole

_FOLDER = "vqvae"


class VqConfig(Protocol):
    """``config.json`` of a published tokenizer."""

    block_out_channels: Sequence[int]
    layers_per_block: int
    num_vq_embeddings: int
    latent_channels: int
    norm_type: str
    lookup_from_codebook: bool
    force_upcast: bool


class Resnet(Protocol):
    norm1: nn.GroupNorm
    conv1: nn.Conv2d
    norm2: nn.GroupNorm
    conv2: nn.Conv2d
    conv_shortcut: nn.Conv2d | None
    nonlinearity: nn.Module
    output_scale_factor: float


class Upsampler(Protocol):
    conv: nn.Conv2d


class UpBlock(Protocol):
    resnets: Sequence[Resnet]
    upsamplers: Sequence[Upsampler] | None


class Decoder(Protocol):
    conv_in: nn.Conv2d
    mid_block: nn.Module
    up_blocks: Sequence[UpBlock]
    conv_norm_out: nn.GroupNorm
    conv_act: nn.Module
    conv_out: nn.Conv2d


class Codebook(Protocol):
    embedding: nn.Embedding


class Latents(Protocol):
    latents: Tensor


class Sample(Protocol):
    sample: Tensor


class VqModule(Protocol):
    """diffusers' ``VQModel``."""

    config: VqConfig
    quantize: Codebook
    post_quant_conv: nn.Conv2d
    decoder: Decoder

    def encode(self, x: Tensor) -> Latents: ...
    def decode(self, h: Tensor, force_not_quantize: bool, return_dict: bool, shape: tuple[int, ...]) -> Sample: ...


def vq_module(model: nn.Module) -> VqModule:
    """A diffusers VQModel, typed.

    Raises:
        BrokenWeights: it looks ids up in another way than every published masked-token model does.
    """
    module = cast(VqModule, model)
    if module.config.norm_type != "group" or not module.config.lookup_from_codebook:
        raise BrokenWeights("The picture tokenizer in this folder is of a kind that Inlay does not know.")
    return module


def load_vq_model(folder: Path, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """The VQModel in ``folder`` (``vqvae`` of a published model), safetensors only.

    Half floats become float32 where its config says that they overflow.

    Raises:
        BrokenWeights: it cannot be read.
    """
    # Seconds of imports, and not everybody has the extra.
    from diffusers.models.autoencoders.vq_model import VQModel  # noqa: PLC0415

    part = folder / _FOLDER if (folder / _FOLDER).is_dir() else folder
    try:
        loaded = cast(
            object,
            VQModel.from_pretrained(str(part), use_safetensors=True, local_files_only=True, output_loading_info=True),
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BrokenWeights(f"The picture tokenizer cannot be read: {error}") from error
    model = whole(loaded, "The picture tokenizer")
    upcast = dtype is torch.float16 and vq_module(model).config.force_upcast
    return model.to(device=device, dtype=torch.float32 if upcast else dtype).eval()
