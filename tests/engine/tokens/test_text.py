"""A closed vocabulary."""

import pytest
import torch
from support.tokens import TOY, scrambled

from engine.tokens.text import PAD, START, TextEncoder, Vocabulary, pad_texts

WORDS = ["red", "brick", "wall", "at", "night", "t-shirt"]


def test_known_words_become_ids_in_order_and_unknown_ones_are_told():
    text = Vocabulary(WORDS, 6).encode("A red, RED brick... Zeppelin\nat night, zeppelin!")
    assert text.ids == (START, 2, 2, 3, 5, 6)
    assert text.unknown == ("a", "zeppelin")
    assert text.left_out == ()


def test_words_beyond_the_most_are_told_not_dropped():
    text = Vocabulary(WORDS, 2).encode("red brick wall at night")
    assert text.ids == (START, 2, 3)
    assert text.left_out == ("wall", "at", "night")


def test_the_empty_text_has_one_token():
    vocabulary = Vocabulary(WORDS, 6)
    assert vocabulary.encode(" ?! ").ids == vocabulary.null.ids == (START,)


def test_a_hyphen_inside_a_word_belongs_to_it():
    assert Vocabulary(WORDS, 6).encode("-t-shirt-").ids == (START, 7)


@pytest.mark.parametrize("words", [["red", "red"], ["Red"], ["brick wall"], [""]])
def test_a_list_that_is_no_vocabulary_is_refused(words: list[str]):
    with pytest.raises(ValueError, match=r"."):
        Vocabulary(words, 6)


def test_padding_changes_nobodys_text():
    encoder = scrambled(TextEncoder(TOY.transformer, 10))
    short, long = [START, 4], [START, 5, 6, 7]
    with torch.no_grad():
        together = encoder(pad_texts([short, long]))
        alone = encoder(pad_texts([short]))
    assert pad_texts([short, long]).tolist() == [[1, 4, PAD, PAD], [1, 5, 6, 7]]
    assert torch.allclose(together.tokens[:1, :2], alone.tokens, atol=1e-5)
    assert torch.allclose(together.pooled[:1], alone.pooled, atol=1e-5)
    assert together.there is not None
    assert together.there.tolist() == [[True, True, False, False], [True] * 4]


def test_the_order_of_words_matters():
    encoder = scrambled(TextEncoder(TOY.transformer, 10))
    with torch.no_grad():
        one, two = (encoder(pad_texts([ids])).pooled for ids in ([START, 4, 5], [START, 5, 4]))
    assert not torch.allclose(one, two, atol=1e-4)
