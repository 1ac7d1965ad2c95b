import pytest
import torch

from engine.models.nano import Nano
from engine.tokens.config import PRESETS
from engine.tokens.text import Vocabulary
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer

WORDS = ("brick", "grass", "red", "wall")


@pytest.fixture(scope="session")
def toy() -> Nano:
    """Random networks of every part, as small as they go: 32 px windows."""
    torch.manual_seed(5)
    networks = PRESETS["toy"]
    vocabulary = Vocabulary(WORDS, networks.transformer.most_words)
    transformer = Transformer(networks.transformer, len(vocabulary)).eval()
    return Nano(Tokenizer(networks.tokenizer).eval(), transformer, vocabulary, 4, "toy")
