"""One thread: the networks here are so small that threads cost more than they give."""

from collections.abc import Iterator

import pytest
import torch
from support.tokens import toy_tokenizer, toy_transformer

from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return toy_tokenizer()


@pytest.fixture(scope="session")
def transformer() -> Transformer:
    return toy_transformer()
