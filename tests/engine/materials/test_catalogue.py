"""The closed vocabulary: what is understood is drawn, what is not is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.materials import catalogue, wordlist
from engine.materials import words as words_room
from engine.materials.catalogue import Understood, understand
from engine.materials.colours import COLOURS
from engine.materials.material import Kind


@pytest.mark.parametrize(
    ("phrase", "entry", "colours"),
    [
        ("brick wall", "brick wall", ()),
        ("a brick wall texture, please like this", "brick wall", ()),
        ("Brick Walls", "brick wall", ()),
        ("navy to teal gradient", "gradient", ("navy", "teal")),
        ("red and white stripes", "stripes", ("red", "white")),
        ("vertical stripes in blue", "vertical stripes", ("blue",)),
        ("gray", "plain", ("grey",)),
        ("navy and teal", "gradient", ("navy", "teal")),
    ],
)
def test_a_phrase_is_read_as_the_longest_name_in_it(phrase: str, entry: str, colours: tuple[str, ...]):
    read = understand(phrase)
    assert read.entry == entry
    assert read.colours == tuple(COLOURS[name] for name in colours)


def test_hexadecimal_and_css_colours_are_read():
    assert understand("plain #ff8000").colours == ((1.0, 128 / 255, 0.0),)
    assert understand("plain rebeccapurple").colours == ((102 / 255, 51 / 255, 153 / 255),)


def test_attributes_are_read_in_many_words():
    assert understand("a darker, close-up brick wall").attributes == ("dark", "coarse")


def test_a_second_word_for_the_same_thing_is_no_riddle():
    assert understand("oak wood").is_whole


def test_what_is_not_in_the_library_is_told_with_what_comes_near():
    read = understand("a marbel floor")
    assert not read.is_whole
    assert "marbel" in read.unknown
    assert "marble" in read.nearest


def test_words_beside_a_known_name_are_not_swallowed():
    read = understand("brick wall with a dragon")
    assert read.entry == "brick wall"
    assert read.unknown == ("dragon",)


def test_a_colour_too_many_is_told():
    assert understand("plain red and blue and green").unknown == ("blue", "green")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str):
    read = understand(text)
    assert read.entry is None or read.entry in catalogue.entries()


def test_every_name_and_every_synonym_is_read_as_an_entry_and_wholly():
    for words in catalogue.phrases():
        read = understand(" ".join(words))
        assert read.entry is not None, words
        assert not read.unknown, (words, read)


def test_every_name_is_read_as_itself():
    for name in catalogue.entries():
        assert understand(name).entry == name


def test_the_words_are_single_and_in_a_fixed_order():
    words = catalogue.words()
    assert list(words) == sorted(set(words))
    assert all(" " not in word for word in words)


def test_a_render_has_the_size_and_range_asked_for_and_follows_its_seed():
    read = understand("brick wall")
    one, again, other = (catalogue.render(read, 40, 30, unit_px=64, seed=seed) for seed in (1, 1, 2))
    assert one.shape == (30, 40, 3)
    assert bool(((one >= 0) & (one <= 1)).all())
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("name", ["brick wall", "marble", "wood"])
def test_a_material_that_has_its_own_colours_takes_another_when_asked(name: str):
    entry = catalogue.find(name)
    assert entry.colours == 0
    assert entry.kind is not Kind.SCENE
    blue = catalogue.draw(entry, 2, 48, 48, seed=3, unit_px=64, colours=(COLOURS["blue"],))
    assert bool((blue.mean((2, 3)) - torch.tensor(COLOURS["blue"])).abs().max() < 0.12)


@pytest.mark.parametrize(
    ("attribute", "changes"),
    [
        ("warm", lambda after, before: (after[:, 0] - after[:, 2]).mean() > (before[:, 0] - before[:, 2]).mean()),
        ("cool", lambda after, before: (after[:, 0] - after[:, 2]).mean() < (before[:, 0] - before[:, 2]).mean()),
        ("dark", lambda after, before: after.mean() < before.mean() * 0.7),
        ("light", lambda after, before: after.mean() > before.mean()),
        ("soft", lambda after, before: after.std() < before.std()),
        ("blurred", lambda after, before: after.diff(dim=-1).abs().mean() < 0.8 * before.diff(dim=-1).abs().mean()),
    ],
)
def test_an_attribute_changes_what_it_says(attribute: str, changes):
    entry = catalogue.find("stone wall")
    before = catalogue.draw(entry, 4, 64, 64, seed=5, unit_px=64)
    assert changes(catalogue.draw(entry, 4, 64, 64, seed=5, unit_px=64, attributes=(attribute,)), before)


def test_nothing_is_drawn_for_nothing_understood():
    with pytest.raises(KeyError):
        catalogue.render(Understood(None), 8, 8, unit_px=64, seed=0)


def test_the_written_words_are_the_librarys():
    written = Path(wordlist.__file__).read_text(encoding="utf-8")
    assert written == catalogue.written_words(), "write them anew: catalogue.write_words()"


def test_the_words_need_no_torch():
    code = "import sys, engine.materials.words, engine.commands; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("a dark brick wall", "dark brick wall"),
        ("navy to teal gradient", "navy teal gradient"),
        ("#e01818 stripes", "red stripes"),
        ("grass", "grass"),
    ],
)
def test_a_caption_says_what_was_understood_in_the_models_own_words(phrase: str, said: str) -> None:
    found = words_room.caption(catalogue.understand(phrase))
    assert sorted(found.split()) == sorted(said.split())


def test_every_word_of_every_caption_is_one_the_models_know() -> None:
    for phrase in catalogue.phrases():
        said = words_room.caption(catalogue.understand(" ".join(phrase)))
        assert set(said.split()) <= set(catalogue.words()), said


def test_there_is_no_caption_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        words_room.caption(catalogue.understand("zyxw"))
