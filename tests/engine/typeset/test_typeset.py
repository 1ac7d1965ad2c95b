"""Fonts, lines and colours of letters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadRequest, UnknownPrompt
from engine.geometry import PixelRect, Size
from engine.typeset.contrast import LEAST_CONTRAST, contrast, least_contrast, luminance, readable
from engine.typeset.fonts import Face, choose, installed
from engine.typeset.layout import coverage, lay_out, room, wished_size

BUNDLED = next(face for face in installed() if face.path is None)
ANCHORS = ("top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right")
ALL = ((0x20, 0x2FF),)
FACES = tuple(
    Face(family, style, Path("none"), 0, ALL)
    for family in ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "Kalam Hand")
    for style in ("Book", "Bold", "Oblique", "ExtraLight")
)


@pytest.mark.parametrize(
    ("style", "family", "face_style"),
    [
        ("", "DejaVu Sans", "Book"),
        ("bold", "DejaVu Sans", "Bold"),
        ("sleek", "DejaVu Sans", "ExtraLight"),
        ("classic", "DejaVu Serif", "Book"),
        ("bold serif", "DejaVu Serif", "Bold"),
        ("handwritten", "Kalam Hand", "Book"),
        ("monospace", "DejaVu Sans Mono", "Book"),
        ("italic", "DejaVu Sans", "Oblique"),
        ("kalam", "Kalam Hand", "Book"),
    ],
)
def test_the_words_of_a_style_choose_a_face(style: str, family: str, face_style: str):
    chosen = choose(style, "Sale", FACES)
    assert (chosen.face.family, chosen.face.style, chosen.note) == (family, face_style, None)


def test_a_style_that_no_font_has_is_said():
    only = tuple(face for face in FACES if face.family == "DejaVu Sans")
    assert "handwritten" in (choose("handwritten", "Sale", only).note or "")
    assert "no style" in (choose("wobbly", "Sale", only).note or "")


def test_letters_that_no_font_has_are_named():
    with pytest.raises(UnknownPrompt, match="“字”"):
        choose("", "Sale 字", FACES)


def test_a_face_without_a_letter_is_passed_over():
    greek = Face("Zed Serif", "Book", Path("none"), 0, ((0x20, 0x7F), (0x370, 0x3FF)))
    assert choose("bold", "αβγ", (*FACES, greek)).face is greek


@settings(deadline=None, max_examples=40)
@given(
    st.text("abc de\nfÄß", min_size=1, max_size=60).filter(str.strip),
    st.sampled_from(ANCHORS),
    st.integers(60, 500),
    st.integers(60, 500),
    st.sampled_from([None, "small", "huge", 20.0, 0.3]),
)
def test_letters_lie_inside_the_margins_and_are_all_there(
    text: str, anchor: str, width: int, height: int, size: str | float | None
):
    layer = Size(width, height)
    try:
        block = lay_out(text, BUNDLED, wished_size(size, layer), room(layer), anchor)
    except BadRequest:
        return
    assert room(layer).contains(block.rect_px)
    assert "".join("".join(block.lines).split()) == "".join(text.split())
    inked = coverage(block, BUNDLED, layer)
    assert inked.shape == (height, width) and inked.max() > 0


def test_what_has_no_room_is_said():
    with pytest.raises(BadRequest, match="no room"):
        lay_out("Unbreakable", BUNDLED, 20, PixelRect(0, 0, 12, 8), "centre")


def test_lines_break_where_they_were_broken():
    block = lay_out("one\ntwo three", BUNDLED, 20, PixelRect(0, 0, 400, 300), "left")
    assert block.lines == ("one", "two three") and block.align == "left"


def test_contrast_is_that_of_the_standard():
    assert contrast(luminance((1, 1, 1)), luminance((0, 0, 0))) == pytest.approx(21)
    grey = 118 / 255  # #767676 is the lightest grey that reads on white
    assert contrast(luminance((grey, grey, grey)), 1.0) == pytest.approx(4.54, abs=0.01)


@given(st.integers(0, 2**31), st.sampled_from([None, (1.0, 0.0, 0.0), (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)]))
def test_letters_read_against_any_background(seed: int, wished: tuple[float, float, float] | None):
    rng = np.random.default_rng(seed)
    beneath = (rng.random((200, 3)) * rng.random(3) + rng.random(3) * 0.5).clip(0, 1).astype(np.float32)
    colour = readable(wished, beneath)
    assert wished is None or colour.colour == wished
    assert least_contrast(colour.colour, beneath, colour.shade, colour.opacity) >= LEAST_CONTRAST


def test_a_colour_that_reads_needs_no_shade():
    assert readable(None, np.zeros((9, 3), np.float32)).opacity == 0
    assert readable((1.0, 1.0, 1.0), np.ones((9, 3), np.float32)).opacity > 0
