"""Meissonic and EditMGT with random weights in the layout of their hubs, small enough for tests."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import Gemma2Config, Gemma2ForCausalLM, PreTrainedTokenizerFast

from engine.models.meissonic.config import config_from_json
from engine.models.meissonic.network import Network
from support.meissonic_cases import EDIT_TINY, MEISSONIC_TINY
from support.open_models import tiny_clip, tiny_vq
from support.seeded import fill

WIDTH = 32


def write_meissonic(folder: Path, *, edits: bool = False, seed: int = 0) -> Path:
    """All files of a published model, as `load` reads them."""
    config: dict[str, Any] = EDIT_TINY if edits else MEISSONIC_TINY | {"joint_attention_dim": WIDTH}
    network = Network(config_from_json(json.dumps(config)))
    fill(network, seed)
    part = folder / ("editmgt" if edits else "transformer")
    part.mkdir(parents=True)
    (part / "config.json").write_text(json.dumps({"_class_name": "Transformer2DModel", **config}))
    save_file(network.state_dict(), str(part / "diffusion_pytorch_model.safetensors"), {"format": "pt"})
    tiny_vq(seed).save_pretrained(str(folder / "vqvae"))
    encoder, tokenizer = tiny_clip(folder / "words", seed, WIDTH)
    encoder.save_pretrained(str(folder / "text_encoder"))
    tokenizer.save_pretrained(str(folder / "tokenizer"))
    (folder / "scheduler").mkdir()
    scheduler = {"_class_name": "Scheduler", "mask_token_id": network.config.mask_id, "masking_schedule": "cosine"}
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler))
    if edits:
        model, words = tiny_gemma(seed)
        model.save_pretrained(str(folder / "llm_encoder"))
        words.save_pretrained(str(folder / "llm_encoder"))
    return folder


def tiny_gemma(seed: int = 0) -> tuple[Any, Any]:
    """transformers' Gemma2ForCausalLM and a tokenizer of letters that fills up on the left, as Gemma's does."""
    torch.manual_seed(seed)
    vocabulary = {word: number for number, word in enumerate(["<pad>", "<bos>", "<unk>", *string.ascii_lowercase])}
    config = Gemma2Config(
        vocab_size=len(vocabulary),
        hidden_size=EDIT_TINY["joint_attention_dim"],
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
    )
    letters = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    letters.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=letters, pad_token="<pad>", bos_token="<bos>", unk_token="<unk>", padding_side="left"
    )
    return Gemma2ForCausalLM(config).eval(), tokenizer
