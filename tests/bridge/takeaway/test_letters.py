"""Letters in a PDF: the order in which they stand, how they join, which fonts have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.takeaway.report.letters import clean, fonts_for, in_order, joined, reads_from_right
from engine.typeset.fonts import Face

LATIN = Face("Some Sans", "Book", Path("latin.ttf"), 0, ((0x20, 0x24F), (0x2010, 0x2030)))
ODD = Face("Odd", "Book", Path("odd.ttf"), 0, ((0x20, 0x7E), (0x4E00, 0x4E10)))
HAN = Face("Han Sans", "Regular", Path("han.ttc"), 2, ((0x4E00, 0x9FFF),))


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        ("plain words", "plain words"),
        ("שלום", "םולש"),
        # Numbers and other words keep their own order within it, brackets are turned.
        ("עוד 20% (contrast) כאן", "ןאכ (contrast) 20% דוע"),
        ("\u202egnp.exe\u202c", "exe.png"),
    ],
)
def test_a_line_stands_as_it_is_read(line: str, stands: str):
    assert in_order(line, from_right=reads_from_right(line)) == stands


def test_marks_stay_with_their_letters():
    # alef, lam with a fatha: from the right, the mark still after its letter.
    assert in_order("\u0627\u0644\u064e", from_right=True) == "\u0644\u064e\u0627"


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("\u0628", "\ufe8f"),  # beh alone
        ("\u0628\u0628\u0628", "\ufe91\ufe92\ufe90"),  # its three forms in a word
        ("\u0628\u0627\u0628", "\ufe91\ufe8e\ufe8f"),  # nothing joins on the left of an alef
        ("\u0644\u0627", "\ufefb"),  # lam and alef are one
        ("\u0628\u0644\u0627", "\ufe91\ufefc"),
        ("\u0628\u064e\u0628", "\ufe91\u064e\ufe90"),  # a mark parts nobody
        ("\u0628 \u0628", "\ufe8f \ufe8f"),
        ("words", "words"),
    ],
)
def test_arabic_letters_join(word: str, forms: str):
    assert joined(word) == forms


def test_no_font_is_needed_where_every_reader_has_the_letters():
    assert fonts_for(["Plain words, Böhm & Söhne · 20 ×"], (LATIN,)).faces == ()


def test_the_plainest_font_that_has_most_comes_first_and_others_fill_in():
    found = fonts_for(["“many plain words” 一二"], (ODD, HAN, LATIN))
    assert found.faces == (LATIN, HAN)
    assert found.missing == frozenset()


def test_letters_that_no_font_has_are_said_and_marked():
    found = fonts_for(["“日本”"], (LATIN,))
    assert found.missing == {"日", "本"}
    assert clean("日本 ok", found.missing) == "?? ok"


def test_without_any_font_what_the_readers_have_is_used():
    found = fonts_for(["“quoted” words"], ())
    assert found.faces == () and found.missing == {"“", "”"}
