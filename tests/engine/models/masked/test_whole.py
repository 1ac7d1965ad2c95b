"""Weights that a folder lacks or has too many of: refused, but for those that published files are known to hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from support.meissonic_folder import write_meissonic
from support.open_models import amused_pipeline
from torch import nn

from engine.errors import BrokenWeights
from engine.models.amused.uvit import load_uvit
from engine.models.amused.words import load_text_encoder
from engine.models.masked.vq_module import load_vq_model
from engine.models.masked.whole import whole
from engine.models.meissonic.words import load_words

CPU = torch.device("cpu")


def load_gemma(folder: Path, device: torch.device, dtype: torch.dtype) -> object:
    return load_words(folder, device, dtype, edits=True)


PARTS = [
    ("transformer/diffusion_pytorch_model.safetensors", load_uvit, "aMUSEd's transformer"),
    ("vqvae/diffusion_pytorch_model.safetensors", load_vq_model, "The picture tokenizer"),
    ("text_encoder/model.safetensors", load_text_encoder, "The text encoder"),
    ("llm_encoder/model.safetensors", load_gemma, "EditMGT's language model"),
]
Load = Callable[[Path, torch.device, torch.dtype], object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """aMUSEd's folder, with EditMGT's language model in it."""
    made = tmp_path_factory.mktemp("model")
    amused_pipeline(made / "words").save_pretrained(str(made))
    editmgt = write_meissonic(tmp_path_factory.mktemp("editmgt") / "model", edits=True)
    (editmgt / "llm_encoder").rename(made / "llm_encoder")
    return made


def changed(folder: Path, file: str, names: tuple[str, ...], load: Load) -> object:
    """What is loaded when the file holds these weights too."""
    path = folder / file
    before = path.read_bytes()
    weights = load_file(str(path))
    save_file(weights | {name: torch.zeros(3) for name in names}, str(path), {"format": "pt"})
    try:
        return load(folder, CPU, torch.float32)
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(("file", "load", "what"), PARTS)
def test_a_weight_too_many_is_refused_by_its_name(folder: Path, file: str, load: Load, what: str):
    assert changed(folder, file, (), load) is not None
    with pytest.raises(BrokenWeights) as caught:
        changed(folder, file, ("other.weight",), load)
    assert str(caught.value) == f"{what} has weights that are not its own (1): other.weight."


@pytest.mark.parametrize(
    ("file", "load", "names"),
    [
        (
            "text_encoder/model.safetensors",
            load_text_encoder,
            (
                "text_model.embeddings.position_ids",
                "vision_model.embeddings.class_embedding",
                "visual_projection.weight",
                "logit_scale",
            ),
        ),
        ("llm_encoder/model.safetensors", load_gemma, ("lm_head.weight",)),
    ],
)
def test_what_published_files_are_known_to_hold_is_left(folder: Path, file: str, load: Load, names: tuple[str, ...]):
    assert changed(folder, file, names, load) is not None


def test_a_name_must_be_known_whole_and_nothing_may_be_missing():
    network = nn.Linear(1, 1)
    none = dict[str, object](missing_keys=[], unexpected_keys=[])
    assert whole((network, none), "It") is network
    assert whole((network, none | {"unexpected_keys": {"a.b"}}), "It", r"a\.b") is network
    for wrong in ({"unexpected_keys": {"a.b.c"}}, {"unexpected_keys": ["xa.b"]}, {"missing_keys": ["a.b"]}):
        with pytest.raises(BrokenWeights):
            whole((network, none | wrong), "It", r"a\.b")
