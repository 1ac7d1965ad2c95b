"""Letters in a PDF: which fonts have them, in which order they stand on a line, and how Arabic ones join.

A PDF places glyphs; it knows no scripts. Lines that read from the right are put into the order in which they stand
(UAX 9, by fpdf2), and Arabic letters become the forms that they have within a word, which Unicode has as characters of
their own (Arabic Presentation Forms-B).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection

from engine.typeset.fonts import Face, installed

# The fonts that every PDF reader has know these letters.
_CORE = frozenset(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)))
# No font is needed for what is not seen; controls and marks of direction are left out once the order is known.
_UNSEEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
)
_MISSING = "\ufffd"
_BROKEN = "?"
_RIGHT_TO_LEFT = ("R", "AL")
_FORMS = {"<isolated>": 0, "<final>": 1, "<initial>": 2, "<medial>": 3}
_TURNED = dict(zip("()[]{}<>«»‹›≤≥", ")(][}{><»«›‹≥≤", strict=True))
_TATWEEL = "\u0640"
_LAM = "\u0644"


@dataclass(frozen=True, slots=True)
class Fonts:
    """What a text needs: ``faces``, the first for most of it, the others for what the first has not; none: the fonts
    that every reader has will do. ``missing``: letters that no installed font has."""

    faces: tuple[Face, ...]
    bold: Face | None
    missing: frozenset[str]


def fonts_for(texts: Iterable[str], faces: tuple[Face, ...] | None = None) -> Fonts:
    """The installed fonts for these texts; ``faces`` instead of those that are installed."""
    letters = {letter for text in texts for letter in joined(_UNSEEN.sub("", text)) if not letter.isspace()}
    if letters <= _CORE:
        return Fonts((), None, frozenset())
    usable = [one for one in (installed() if faces is None else faces) if one.path is not None]
    chosen: list[Face] = []
    left = set(letters)
    while left:
        best = max(usable, key=lambda face: _rank(face, left, first=not chosen), default=None)
        if best is None or not any(best.has(letter) for letter in left):
            break
        chosen.append(best)
        left = {letter for letter in left if not best.has(letter)}
    bold = None
    if chosen:
        bold = next((one for one in usable if (one.family, one.style) == (chosen[0].family, "Bold")), None)
    return Fonts(tuple(chosen), bold, frozenset(left - _CORE if not chosen else left))


def _rank(face: Face, letters: set[str], *, first: bool) -> tuple[int, int, int, str]:
    """The first face is to have most letters and to be an upright sans; a shorter name is the plainer font."""
    known = sum(face.has(letter) for letter in letters)
    family, style = face.family.casefold(), face.style.casefold()
    plain = style in ("book", "regular", "roman", "normal", "medium")
    sans = "sans" in family and not any(word in family for word in ("mono", "condensed", "narrow"))
    if first:
        # A few rare letters are no reason to set everything in an odd font.
        return (8 * known // max(1, len(letters)), 2 * plain + sans, -len(face.family), face.family)
    return (known, 2 * plain + sans, -len(face.family), face.family)


def clean(text: str, missing: frozenset[str]) -> str:
    """The text without what cannot be drawn; letters that no font has stand as one mark."""
    mark = _BROKEN if _MISSING in missing or missing else _MISSING
    text = "".join(mark if letter in missing else letter for letter in text)
    return text.replace("\t", " ").replace("\r", "")


def reads_from_right(text: str) -> bool:
    """Whether the first letter that has a direction reads so."""
    return auto_detect_base_direction(text) is TextDirection.RTL


def in_order(line: str, *, from_right: bool) -> str:
    """A line's letters from left to right as they stand, without marks of direction."""
    if any(unicodedata.bidirectional(letter) in (*_RIGHT_TO_LEFT, "AN", "RLE", "RLO", "RLI") for letter in line):
        direction = TextDirection.RTL if from_right else TextDirection.LTR
        line = _reordered(BidiParagraph(text=line, base_direction=direction))
    return _UNSEEN.sub("", line)


def _reordered(paragraph: BidiParagraph) -> str:
    """As they stand; brackets turned where they read from the right (UAX 9, L4), marks after their letters (L3)."""
    out: list[str] = []
    marks: list[str] = []
    for one in paragraph.get_reordered_characters():
        is_turned = one.embedding_level % 2 == 1
        if is_turned and unicodedata.combining(one.character):
            marks.append(one.character)
            continue
        out.append(_TURNED.get(one.character, one.character) if is_turned else one.character)
        out += reversed(marks)
        marks = []
    return "".join((*out, *reversed(marks)))


def joined(text: str) -> str:
    """Arabic letters in the forms that they have beside their neighbours; other text as it is."""
    if not any("\u0600" <= letter <= "\u06ff" for letter in text):
        return text
    forms, ligatures = _forms(), _lam_alef()
    out: list[str] = []
    letters = list(text)
    index = 0
    while index < len(letters):
        letter = letters[index]
        if letter not in forms:
            out.append(letter)
            index += 1
            continue
        before = _joins_on(letters, index, -1)
        following = letters[index + 1] if index + 1 < len(letters) else ""
        if letter == _LAM and following in ligatures:
            isolated, final = ligatures[following]
            out.append(final if before else isolated)
            index += 2
            continue
        after = _joins_on(letters, index, 1) and len(forms[letter]) > 2
        form = (3 if before else 2) if after else (1 if before else 0)
        out.append(forms[letter].get(form, forms[letter].get(0, letter)))
        index += 1
    return "".join(out)


def _joins_on(letters: list[str], index: int, step: int) -> bool:
    """Whether the next letter that is no mark reaches over to this one."""
    index += step
    while 0 <= index < len(letters) and unicodedata.combining(letters[index]):
        index += step
    if not 0 <= index < len(letters):
        return False
    other = letters[index]
    if other == _TATWEEL:
        return True
    has = _forms().get(other)
    if has is None:
        return False
    # Before: that letter must join on its left, so it has an initial form. After: it must join on its right.
    return 2 in has if step < 0 else 1 in has


@functools.cache
def _forms() -> dict[str, dict[int, str]]:
    """Letter → its forms, by their place in `_FORMS`; from the decompositions in Unicode's own data."""
    found: dict[str, dict[int, str]] = {}
    for code in (*range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFBE9), *range(0xFBFC, 0xFC00), *range(0xFE80, 0xFEF5)):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0] in _FORMS:
            found.setdefault(chr(int(parts[1], 16)), {})[_FORMS[parts[0]]] = chr(code)
    return found


@functools.cache
def _lam_alef() -> dict[str, tuple[str, str]]:
    """The alef that follows a lam → both as one, standing alone and at the end."""
    found: dict[str, tuple[str, str]] = {}
    for code in range(0xFEF5, 0xFEFC, 2):
        alef = chr(int(unicodedata.decomposition(chr(code)).split()[2], 16))
        found[alef] = (chr(code), chr(code + 1))
    return found
