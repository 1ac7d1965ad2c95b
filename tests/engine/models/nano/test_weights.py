from pathlib import Path

import pytest
import torch

from engine.errors import BrokenWeights
from engine.models.nano import draw_plan, load
from engine.tokens.config import PRESETS
from engine.tokens.text import Vocabulary
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer
from engine.training.pipeline import write_weights
from engine.weights import read_tensors, write_tensors

WORDS = ("grass", "wall")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    networks = PRESETS["toy"]
    tokenizer = Tokenizer(networks.tokenizer)
    transformer = Transformer(networks.transformer, len(Vocabulary(WORDS, networks.transformer.most_words)))
    path = tmp_path_factory.mktemp("weights") / "nano.safetensors"
    write_weights(path, "toy", tokenizer.state_dict(), transformer.state_dict(), WORDS, {"seed": 1})
    return path


def test_what_was_exported_is_loaded_and_draws(file: Path) -> None:
    nano = load("cpu", file)
    assert nano.vocabulary.words == WORDS
    assert nano.window_px == 32
    assert len(nano.weights_hash) == 64
    hole = torch.zeros(40, 40, dtype=torch.bool)
    hole[10:20, 10:20] = True
    assert bool(torch.isfinite(draw_plan(nano, torch.rand(3, 40, 40), hole, "grass", seed=0).picture).all())


def test_it_is_read_once(file: Path) -> None:
    assert load("cpu", file) is load("cpu", file)


@pytest.mark.parametrize("fault", ["missing", "empty", "cut", "another header", "another network", "a tensor short"])
def test_a_file_that_cannot_be_used_says_so_in_plain_words(file: Path, tmp_path: Path, fault: str) -> None:
    path = tmp_path / "nano.safetensors"
    tensors, header = read_tensors(file)
    if fault == "empty":
        path.write_bytes(b"")
    elif fault == "cut":
        path.write_bytes(file.read_bytes()[:-100])
    elif fault == "another header":
        write_tensors(path, tensors, {"format": "pt"})
    elif fault == "another network":
        write_tensors(path, tensors, header | {"words": '["grass"]'})
    elif fault == "a tensor short":
        write_tensors(path, dict(list(tensors.items())[1:]), header)
    with pytest.raises(BrokenWeights, match=r"nano\.safetensors"):
        load("cpu", path)
