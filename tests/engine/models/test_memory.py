"""What is stated from configurations, against the networks themselves and a measured run."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from diffusers.models.autoencoders.vq_model import VQModel
from diffusers.models.unets.uvit_2d import UVit2DModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, Gemma2Config, Gemma2ForCausalLM

from bridge.bench.live_bytes import LiveBytes
from engine.models.catalogue import entry_of, open_entries
from engine.models.dimoo.config import Config
from engine.models.masked.vq import VqTokenizer
from engine.models.memory import Device, Way, needs_of, why_not
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
    vq_activations,
    vq_part,
)

GPU = Device("cuda", "a GPU", 24_000_000_000, 24_000_000_000, 64_000_000_000)
SMALL_VQ = VqConfig(channels=(16, 16, 32, 32, 48), latent=8, codes=64, layers=1)


def numbers(model: nn.Module) -> int:
    return sum(value.numel() for value in model.parameters())


def vq_of(config: VqConfig) -> nn.Module:
    blocks = len(config.channels)
    return VQModel(
        act_fn="silu",
        block_out_channels=config.channels,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=config.latent,
        layers_per_block=config.layers,
        norm_num_groups=8,
        num_vq_embeddings=config.codes,
        mid_block_add_attention=False,
        lookup_from_codebook=True,
    ).eval()


@pytest.mark.parametrize("resamples", [False, True])
def test_amuseds_transformer_is_counted_to_the_last_number(resamples: bool):
    with torch.device("meta"):
        small = UVit2DModel(
            hidden_size=64,
            cond_embed_dim=24,
            encoder_hidden_size=40,
            block_out_channels=48,
            in_channels=32,
            num_res_blocks=2,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=96,
            block_num_heads=4,
            downsample=resamples,
            upsample=resamples,
        )
    config = UvitConfig(64, 3, 96, 48, 32, 2, text_width=40, pooled_width=24, resamples=resamples)
    assert uvit_part(config).numbers == numbers(small)


def test_the_picture_tokenizer_is_counted_to_the_last_number():
    with torch.device("meta"):
        assert vq_part(VqConfig()).numbers == numbers(vq_of(VqConfig()))
        assert vq_part(SMALL_VQ).numbers == numbers(vq_of(SMALL_VQ))


def test_text_encoders_are_counted_to_the_last_number():
    config = CLIPTextConfig(hidden_size=64, intermediate_size=128, num_hidden_layers=3, num_attention_heads=4)
    config.projection_dim = 32
    gemma = Gemma2Config(
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        vocab_size=100,
    )
    with torch.device("meta"):
        assert clip_part(ClipConfig(64, 3, 128, 32)).numbers == numbers(CLIPTextModelWithProjection(config))
        assert gemma_part(GemmaConfig(64, 2, 96, 4, 2, 16, 100)).numbers == numbers(Gemma2ForCausalLM(gemma))


def test_networks_of_the_published_sizes_have_their_published_numbers():
    assert gemma_part(GemmaConfig()).numbers == 2_614_341_888  # google/gemma-2-2b-it
    # Upstream's own classes with the published configurations, counted on torch's meta device.
    assert uvit_part(UvitConfig()).numbers == 608_257_792
    assert mmdit_part(MmditConfig()).numbers == 1_006_946_304
    assert llada_part(Config()).numbers == 8_081_805_312


@pytest.mark.parametrize("config", [SMALL_VQ, replace(SMALL_VQ, channels=(8, 32, 32, 48, 48), layers=2)])
def test_the_tokenizers_peak_is_within_a_tenth_of_what_is_alive(config: VqConfig):
    tokenizer = VqTokenizer(vq_of(config))
    with LiveBytes() as live:
        ids = tokenizer.encode(torch.zeros(1, 3, 128, 96))
        tokenizer.decode(ids)
    stated = vq_activations(config, (128, 96))
    assert abs(stated - live.peak) <= 0.1 * live.peak


@pytest.mark.parametrize("name", [entry.name for entry in open_entries()])
def test_each_cheaper_way_needs_less(name: str):
    needs = {way: needs_of(entry_of(name), way) for way in Way}
    assert needs[Way.FP32].total > needs[Way.BF16].total > needs[Way.INT8].total > needs[Way.OFFLOAD].total
    assert needs[Way.FP16].total >= needs[Way.BF16].total
    everywhere = needs[Way.OFFLOAD].host + needs[Way.OFFLOAD].weights
    assert everywhere >= needs[Way.BF16].weights + needs[Way.BF16].text_encoder, "all of it is somewhere"


def test_a_device_says_which_ways_it_has_and_what_fits():
    dimoo = entry_of("lumina-dimoo")
    assert GPU.ways == (Way.BF16, Way.INT8, Way.OFFLOAD)
    assert replace(GPU, kind="mps").ways == (Way.FP16, Way.INT8, Way.OFFLOAD)
    assert replace(GPU, kind="cpu").ways == (Way.FP32, Way.BF16)
    assert GPU.fits(needs_of(dimoo, Way.BF16))
    twelve = replace(GPU, free_bytes=14_000_000_000)
    assert not twelve.fits(needs_of(dimoo, Way.BF16)) and twelve.fits(needs_of(dimoo, Way.INT8))
    assert why_not(dimoo, twelve) is None


def test_weights_that_stay_in_the_computers_memory_must_fit_there():
    small = replace(GPU, free_bytes=6_000_000_000, host_bytes=8_000_000_000)
    assert not small.fits(needs_of(entry_of("lumina-dimoo"), Way.OFFLOAD))
    reason = why_not(entry_of("lumina-dimoo"), small)
    assert reason is not None and "GB" in reason and "a GPU" in reason
    assert why_not(entry_of("exemplar"), small) is None
