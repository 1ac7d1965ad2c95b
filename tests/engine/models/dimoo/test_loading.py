"""A folder as it is published, at a tiny width but with the published ids: read whole, or refused with a reason."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from support.dimoo import SIGNS, WORDS, Codes, config_json, published_folder, random_weights
from support.tiny_vq import tiny_tokenizer, tiny_vq_model
from torch import Tensor

from engine.errors import BrokenWeights
from engine.models.dimoo.config import Config
from engine.models.dimoo.loading import Way, load
from engine.models.dimoo.model import DimooModel
from engine.models.dimoo.words import GENERATE
from engine.models.masked.interface import Mode, Published, Words

SMALL = Config(width=8, heads=2, layers=2, hidden=12)
GENERATE_WORDS = [1 + (*SIGNS, *WORDS).index(word) for word in GENERATE.lower().replace(".", " .").split()]
CPU = torch.device("cpu")


class Grey(Codes):
    codes = 8192


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published_folder(tmp_path_factory.mktemp("dimoo"), SMALL)


@pytest.fixture
def changed(folder: Path, tmp_path: Path) -> Path:
    """The folder's files, to be spoilt."""
    for file in folder.iterdir():
        (tmp_path / file.name).hardlink_to(file)
    return tmp_path


def drawn(model: DimooModel) -> Tensor:
    region = torch.zeros(3, 4, dtype=torch.bool)
    region[1] = True
    opened = model.open(torch.arange(12).view(3, 4), region, Words("a red door"), Mode.EXACT)
    return model.published(opened, Published(3, 5.0, (1.0, 1.0)), seed=2)


def test_a_published_folder_is_read_with_its_words_and_signs(folder: Path):
    model = load(folder, CPU, torch.float32, tokenizer=Grey())
    assert model.config == SMALL
    opened = model.open(
        torch.zeros(1, 1, dtype=torch.int64), torch.ones(1, 1, dtype=torch.bool), Words("a door"), Mode.EXACT
    )
    assert opened.said.ids.tolist()[-6:] == [126354, 126349, 126336, 126084, 126350, 126355]
    assert opened.said.ids.tolist()[:-6] == [1, *GENERATE_WORDS, 2, 3, 6, 7, 4]
    assert opened.unsaid.ids.tolist()[:-6] == [1, *GENERATE_WORDS, 2, 3, 5, 4]
    weights = random_weights({name: value.shape for name, value in model.network.state_dict().items()}, 1)
    assert all(torch.equal(value, weights[name]) for name, value in model.network.state_dict().items())


@pytest.mark.parametrize("way", ["bf16", "fp16", "int8", "offload"])
def test_every_way_to_load_draws(folder: Path, way: Way):
    model = load(folder, CPU, torch.float32, way=way, tokenizer=Grey())
    tokens = drawn(model)
    assert tokens.shape == (4,)
    assert 0 <= int(tokens.min()) <= int(tokens.max()) < 8192
    if way == "offload":
        assert torch.equal(tokens, drawn(load(folder, CPU, torch.float32, tokenizer=Grey())))


def test_eight_bits_are_near_and_smaller(folder: Path):
    plain, small = (load(folder, CPU, torch.float32, way=way, tokenizer=Grey()) for way in ("fp32", "int8"))
    ids = torch.arange(40)[None]
    with torch.inference_mode():
        exact, near = plain.network(ids), small.network(ids)
    assert 0 < (exact - near).abs().mean() < 0.05 * exact.abs().mean()
    blocks = [
        sum(
            value.numel() * value.element_size()
            for name, value in model.network.state_dict().items()
            if "blocks" in name
        )
        for model in (plain, small)
    ]
    assert blocks[1] < blocks[0] / 2


def test_weights_in_one_file_without_an_index_are_read_too(folder: Path, changed: Path):
    index = json.loads((changed / "model.safetensors.index.json").read_text(encoding="utf-8"))
    everything: dict[str, Tensor] = {}
    for file in set(index["weight_map"].values()):
        everything |= load_file(changed / file)
    (changed / "model.safetensors.index.json").unlink()
    save_file(everything, changed / "model.safetensors")
    assert torch.equal(
        drawn(load(changed, CPU, torch.float32, tokenizer=Grey())),
        drawn(load(folder, CPU, torch.float32, tokenizer=Grey())),
    )


def test_the_folders_own_picture_tokenizer_is_read_and_stays_in_full_precision(changed: Path):
    tiny_vq_model(codes=8192).save_pretrained(changed / "vqvae")
    model = load(changed, CPU, torch.bfloat16)
    picture = torch.rand(1, 3, 48, 64)
    assert torch.equal(model.tokenizer.encode(picture), tiny_tokenizer(codes=8192).encode(picture))
    region = torch.ones(3, 4, dtype=torch.bool)
    opened = model.open(
        model.tokenizer.encode(picture), region, Words(instruction="red", picture=picture[0]), Mode.EXACT
    )
    drawn = model.published(opened, Published(2, 3.5, (1.0, 1.0)), seed=1)
    assert model.tokenizer.decode(drawn.view(3, 4)).shape == (1, 3, 48, 64)


def test_a_picture_tokenizer_of_other_codes_is_refused(changed: Path):
    with pytest.raises(BrokenWeights, match="64 codes"):
        load(changed, CPU, torch.float32, tokenizer=Codes())


def rewrite(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, encoding="utf-8")


def other_config(**said: object) -> Callable[[Path], None]:
    return lambda folder: rewrite(folder / "config.json", json.dumps({**config_json(SMALL), **said}))


def other_index(change: Callable[[dict[str, str]], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "model.safetensors.index.json"
        said = json.loads(path.read_text(encoding="utf-8"))
        change(said["weight_map"])
        rewrite(path, json.dumps(said))

    return spoil


def cut_short(folder: Path) -> None:
    path = folder / "model-00001-of-00002.safetensors"
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[: len(whole) // 2])


NORM = "model.transformer.ln_f.weight"
SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "a weight is missing": (other_index(lambda files: files.pop(NORM)), "missing: model.transformer.ln_f.weight"),
    "a weight is too many": (
        other_index(lambda files: files.update({"lora": files[NORM]})),
        "not of Lumina-DiMOO: lora",
    ),
    "a file out of the folder": (other_index(lambda files: files.update({NORM: "../x.safetensors"})), "no safetensors"),
    "a pickle": (other_index(lambda files: files.update({NORM: "pytorch_model.bin"})), "no safetensors"),
    "a file that is not there": (other_index(lambda files: files.update({NORM: "y.safetensors"})), "cannot be read"),
    "half a file": (cut_short, "cannot be read"),
    "another width": (other_config(d_model=16), "another shape"),
    "another network": (other_config(attention_layer_norm=True), "attention_layer_norm"),
    "keys shared by heads": (other_config(n_kv_heads=1), "shares keys"),
    "no layers": (other_config(n_layers=None), "n_layers"),
    "no config": (lambda folder: (folder / "config.json").unlink(), "config.json"),
    "a config that is no table": (lambda folder: rewrite(folder / "config.json", "[]"), "no table"),
    "no tokenizer": (
        lambda folder: [path.unlink() for path in folder.glob("tokenizer*")] and None,
        "text tokenizer",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_broken_is_refused_with_its_reason(changed: Path, what: str):
    spoil, reason = SPOILT[what]
    spoil(changed)
    with pytest.raises(BrokenWeights, match=reason):
        load(changed, CPU, torch.float32, tokenizer=Grey())
