"""Meissonic and EditMGT from a folder as their hubs have it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from support.meissonic_folder import WIDTH, write_meissonic
from transformers import AutoModelForCausalLM, AutoTokenizer, CLIPTextModelWithProjection

from engine.errors import BrokenWeights
from engine.models.masked.interface import Mode, Published, Words
from engine.models.meissonic.config import GEMMA_WORDS, config_from_json
from engine.models.meissonic.loading import load

CPU = torch.device("cpu")
KINDS = pytest.mark.parametrize("edits", [False, True], ids=["meissonic", "editmgt"])


@pytest.fixture
def folder(tmp_path: Path, edits: bool) -> Path:
    return write_meissonic(tmp_path / "model", edits=edits)


@KINDS
def test_a_published_folder_is_loaded_and_draws(folder: Path, edits: bool) -> None:
    model = load(folder, CPU, torch.float32)
    assert (model.name, model.native_px) == ("editmgt" if edits else "meissonic", 1024)
    assert model.cosine is edits
    picture = torch.rand(3, 128, 96, generator=torch.Generator().manual_seed(1))
    ids = model.tokenizer.encode(picture[None])
    region = torch.zeros(8, 6, dtype=torch.bool)
    region[2:5, 1:4] = True
    opened = model.open(ids, region, Words("a cat", "a dog", "make it red", picture=picture), Mode.EXACT)
    drawn = model.published(opened, Published(4, 3.0, (2.0, 0.0)), seed=1)
    assert drawn.shape == (9,)
    assert torch.equal(drawn, model.published(opened, Published(4, 3.0, (2.0, 0.0)), seed=1))


@KINDS
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_folder_is_loaded_in_half_floats(folder: Path, dtype: torch.dtype) -> None:
    model = load(folder, CPU, dtype)
    assert model.dtype is dtype
    region = torch.ones(4, 4, dtype=torch.bool)
    opened = model.open(torch.zeros(4, 4, dtype=torch.int64), region, Words("a cat"), Mode.EXACT)
    assert model.published(opened, Published(3, 3.0, (2.0, 0.0)), seed=1).shape == (16,)


@pytest.mark.parametrize("edits", [True])
def test_words_are_read_as_editmgt_reads_them(folder: Path) -> None:
    """CLIP's pooled vector; all 256 places of Gemma's last layer but one, with nothing masked (encode_prompt)."""
    hidden, pooled = load(folder, CPU, torch.float32).text("make it red")
    part = str(folder / "llm_encoder")
    gemma, words = AutoModelForCausalLM.from_pretrained(part), AutoTokenizer.from_pretrained(part)
    clip = CLIPTextModelWithProjection.from_pretrained(str(folder / "text_encoder"))
    ids = words(["make it red"], truncation=True, padding="max_length", max_length=256, return_tensors="pt").input_ids
    with torch.no_grad():
        theirs = gemma(input_ids=ids, return_dict=True, output_hidden_states=True).hidden_states[-2][0]
    assert hidden.shape == (GEMMA_WORDS, 24)
    assert (ids[0] == words.pad_token_id).any()
    assert torch.allclose(hidden, theirs, atol=1e-6)
    assert pooled.shape == (clip.config.projection_dim,) == (WIDTH,)


@KINDS
@pytest.mark.parametrize("damage", ["missing", "unexpected", "shape", "gone", "cut", "mask", "text"])
def test_a_damaged_folder_is_told_as_broken_weights(folder: Path, edits: bool, damage: str) -> None:
    path = folder / ("editmgt" if edits else "transformer") / "diffusion_pytorch_model.safetensors"
    weights = load_file(str(path))
    if damage == "missing":
        del weights["embed.conv.weight"]
    elif damage == "unexpected":
        weights["embed.conv.bias"] = torch.zeros(WIDTH)
    elif damage == "shape":
        weights["embed.conv.weight"] = torch.zeros(WIDTH, 1)
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    elif damage == "mask":
        (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps({"mask_token_id": 3}))
    elif damage == "text":
        (folder / "text_encoder" / "model.safetensors").unlink()
    else:
        save_file(weights, str(path))
    with pytest.raises(BrokenWeights):
        load(folder, CPU, torch.float32)


@pytest.mark.parametrize("edits", [False])
def test_weights_in_several_files_are_read_by_their_index_and_nothing_outside(folder: Path, tmp_path: Path) -> None:
    part = folder / "transformer"
    whole = part / "diffusion_pytorch_model.safetensors"
    weights = load_file(str(whole))
    names = sorted(weights)
    index: dict[str, str] = {}
    for number, own in enumerate((names[::2], names[1::2])):
        file = f"diffusion_pytorch_model-0000{number + 1}-of-00002.safetensors"
        save_file({name: weights[name] for name in own}, str(part / file))
        index |= dict.fromkeys(own, file)
    whole.unlink()
    listed = part / "diffusion_pytorch_model.safetensors.index.json"
    listed.write_text(json.dumps({"weight_map": index}))
    assert set(load(folder, CPU, torch.float32).network.state_dict()) == set(names)
    for other in ("../elsewhere.safetensors", "weights.bin"):
        listed.write_text(json.dumps({"weight_map": index | {names[0]: other}}))
        with pytest.raises(BrokenWeights):
            load(folder, CPU, torch.float32)


@pytest.mark.parametrize(
    "change",
    [
        {"connector_type": "qformer"},
        {"upsample": True, "downsample": False},
        {"axes_dims_rope": [16, 56, 54]},
        {"num_layers": "many"},
        {"guidance_embeds": True},
        {"pooled_projection_dim": 768},
    ],
)
def test_a_config_of_another_kind_is_refused(change: dict[str, object]) -> None:
    usual = {"num_attention_heads": 8, "pooled_projection_dim": 1024, "downsample": True, "upsample": True}
    assert config_from_json(json.dumps(usual)).width == 1024
    with pytest.raises(BrokenWeights):
        config_from_json(json.dumps(usual | change))
