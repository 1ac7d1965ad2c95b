"""Open models with random weights, small enough for tests: of the published architectures, in the published layout."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import torch
from diffusers import AmusedInpaintPipeline, AmusedScheduler, UVit2DModel, VQModel
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

# Every letter is a word or an end of one, so that any text of letters has ids.
_LETTERS = [*string.ascii_lowercase, *(f"{letter}</w>" for letter in string.ascii_lowercase)]


def tiny_vq(seed: int = 0, codes: int = 64) -> Any:
    """diffusers' VQModel with 16 pixels a token, as published but narrow."""
    torch.manual_seed(seed)
    return VQModel(
        act_fn="silu",
        block_out_channels=[8, 8, 8, 8, 16],
        down_block_types=["DownEncoderBlock2D"] * 5,
        up_block_types=["UpDecoderBlock2D"] * 5,
        latent_channels=8,
        layers_per_block=1,
        norm_num_groups=4,
        num_vq_embeddings=codes,
        vq_embed_dim=8,
        mid_block_add_attention=False,
        lookup_from_codebook=True,
        force_upcast=True,
    ).eval()


def tiny_uvit(seed: int = 0, codes: int = 64, *, downsample: bool = True, side_tok: int = 16) -> Any:
    """diffusers' UVit2DModel; with ``downsample`` as aMUSEd-512 has it."""
    torch.manual_seed(seed)
    model = UVit2DModel(
        hidden_size=32,
        use_bias=False,
        cond_embed_dim=24,
        micro_cond_encode_dim=8,
        micro_cond_embed_dim=40,
        encoder_hidden_size=24,
        vocab_size=codes + 8,
        codebook_size=codes,
        in_channels=16,
        block_out_channels=16,
        num_res_blocks=2,
        downsample=downsample,
        upsample=downsample,
        block_num_heads=2,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        sample_size=side_tok,
    ).eval()
    with torch.no_grad():  # the response norms begin as nothing; they shall have a say
        for name, value in model.named_parameters():
            if name.endswith(("gamma", "beta")):
                value.normal_(0, 0.5)
            if name == "mlm_layer.conv2.weight":
                value.mul_(8)  # so that not all ids are about as likely
    return model


def tiny_clip(folder: Path, seed: int = 0, width: int = 24) -> tuple[Any, Any]:
    """transformers' CLIPTextModelWithProjection and its tokenizer, whose files go to ``folder``."""
    words = ["<|startoftext|>", "<|endoftext|>", *_LETTERS]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=12)
    torch.manual_seed(seed)
    config = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=32,
        projection_dim=width,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=12,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return CLIPTextModelWithProjection(config).eval(), tokenizer


def amused_pipeline(folder: Path, seed: int = 0, *, downsample: bool = True, side_tok: int = 16) -> Any:
    """diffusers' own AmusedInpaintPipeline of these."""
    encoder, tokenizer = tiny_clip(folder, seed)
    uvit = tiny_uvit(seed, downsample=downsample, side_tok=side_tok)
    pipeline = AmusedInpaintPipeline(
        tiny_vq(seed), tokenizer, encoder, uvit, AmusedScheduler(mask_token_id=uvit.config.vocab_size - 1)
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
