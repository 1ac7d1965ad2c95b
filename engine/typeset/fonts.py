"""The fonts that are installed, as fontconfig lists them, and which of them fits a style and a text."""

from __future__ import annotations

import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

from engine.errors import UnknownPrompt

_LIST_S = 10.0
_FORMAT = "%{family[0]}\t%{style[0]}\t%{file}\t%{index}\t%{charset}\n"
# What Pillow carries along: a face of its own for the letters of western languages.
_BUNDLED = ("Aileron", "Regular")
_BUNDLED_LETTERS = frozenset(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)))
# Line ends and spaces need no glyph, marks that join or turn others neither.
_NEEDS_NO_GLYPH = frozenset("\n\r\t \u00a0\u200b\u200c\u200d\u200e\u200f\u2028\ufe0e\ufe0f")

# Words of styles, and words in the names of families that have them.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "serif": ("serif", "times", "garamond", "georgia", "roman", "bodoni", "playfair", "baskerville", "palatino"),
    "sans": ("sans", "helvet", "arial", "roboto", "inter", "futura", "open", "lato", "montserrat", "ubuntu"),
    "hand": ("hand", "script", "comic", "caveat", "dancing", "pacifico", "brush", "chancery", "kalam", "satisfy"),
    "mono": ("mono", "courier", "consol", "code", "typewriter"),
}
_KINDS = {
    "classic": "serif", "elegant": "serif", "traditional": "serif", "serif": "serif", "book": "serif",
    "editorial": "serif", "sleek": "sans", "modern": "sans", "minimal": "sans", "clean": "sans", "simple": "sans",
    "sans": "sans", "geometric": "sans", "handwritten": "hand", "script": "hand", "cursive": "hand", "brush": "hand",
    "playful": "hand", "casual": "hand", "monospace": "mono", "mono": "mono", "code": "mono", "typewriter": "mono",
    "technical": "mono",
}  # fmt: skip
_WEIGHTS = {
    "bold": "bold", "strong": "bold", "heavy": "bold", "black": "bold", "thick": "bold", "impactful": "bold",
    "light": "light", "thin": "light", "fine": "light", "sleek": "light", "elegant": "light",
}  # fmt: skip
_LIGHT_STYLES = ("extralight", "thin", "light")
_SLANTED = ("italic", "oblique")


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a family: ``family`` and ``style`` as hosts name them. ``path`` None: the one Pillow carries."""

    family: str
    style: str
    path: Path | None
    index: int
    letters: frozenset[str] | tuple[tuple[int, int], ...]

    def has(self, letter: str) -> bool:
        """Whether it has a glyph for this character."""
        if letter in _NEEDS_NO_GLYPH:
            return True
        if isinstance(self.letters, frozenset):
            return letter in self.letters
        return any(first <= ord(letter) <= last for first, last in self.letters)

    def at(self, size_px: float) -> ImageFont.FreeTypeFont:
        """The face at an em size."""
        if self.path is None:
            font = ImageFont.load_default(size_px)
            assert isinstance(font, ImageFont.FreeTypeFont), "Pillow is built with FreeType"
            return font
        return ImageFont.truetype(self.path, size_px, index=self.index)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A face for a style; ``note`` says so where it is not what was asked for."""

    face: Face
    note: str | None


def choose(style: str, text: str, faces: tuple[Face, ...] | None = None) -> Chosen:
    """The installed face that fits the style's words best, of those that have all of the text's letters.

    Raises:
        UnknownPrompt: no face has them all; the message names those that are missing.
    """
    faces = installed() if faces is None else faces
    able = [face for face in faces if all(face.has(letter) for letter in set(text))]
    if not able:
        raise UnknownPrompt(_missing(text, faces), hint="Install a font that has them, or write it with other letters.")
    words = style.casefold().replace("-", " ").split()
    best = max(able, key=lambda face: (_fits(face, words), -len(face.family), face.family, face.style))
    kind = next((_KINDS[word] for word in words if word in _KINDS), None)
    if kind is not None and not _is_kind(best, kind):
        return Chosen(best, f"no {style} font with these letters is installed; {best.family} was taken")
    named = any(word in best.family.casefold() for word in words)
    unknown = [word for word in words if word not in _KINDS and word not in _WEIGHTS and word not in _SLANTED]
    if unknown and not named:
        return Chosen(best, f"“{' '.join(unknown)}” is no style that Inlay knows; {best.family} was taken")
    return Chosen(best, None)


@functools.cache
def installed() -> tuple[Face, ...]:
    """Every scalable face that fontconfig lists, and the one that Pillow carries; read once a process."""
    bundled = Face(*_BUNDLED, None, 0, _BUNDLED_LETTERS)
    try:
        listed = subprocess.run(  # noqa: S603 -- no word of it is anybody's but ours
            ["fc-list", ":scalable=true:variable=false", "--format", _FORMAT],  # noqa: S607 -- found like any program
            capture_output=True, text=True, timeout=_LIST_S, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return (bundled,)
    faces = [face for line in listed.splitlines() if (face := _face(line)) is not None]
    return (*sorted(faces, key=lambda face: (face.family, face.style)), bundled)


def _face(line: str) -> Face | None:
    fields = line.split("\t")
    if len(fields) != 5 or not fields[3].isdigit():
        return None
    family, style, path, index, charset = fields
    ranges: list[tuple[int, int]] = []
    for part in charset.split():
        first, _, last = part.partition("-")
        try:
            ranges.append((int(first, 16), int(last or first, 16)))
        except ValueError:
            return None
    return Face(family, style, Path(path), int(index), tuple(ranges))


def _fits(face: Face, words: list[str]) -> int:
    family, style = face.family.casefold(), face.style.casefold()
    kinds = [_KINDS[word] for word in words if word in _KINDS] or ["sans"]
    score = sum(8 for kind in kinds if _is_kind(face, kind))
    score += sum(16 for word in words if len(word) > 3 and word in family)
    weights = [_WEIGHTS[word] for word in words if word in _WEIGHTS]
    is_bold, is_light = "bold" in style, any(light in style.replace(" ", "") for light in _LIGHT_STYLES)
    wants_bold, wants_light = "bold" in weights, "light" in weights and "bold" not in weights
    score += 4 if is_bold == wants_bold else 0
    score += 4 if is_light == wants_light or (wants_light and not is_bold) else 0
    score += 4 if any(slant in style for slant in _SLANTED) == any(word in _SLANTED for word in words) else 0
    score -= 2 if "condensed" in f"{family} {style}" and "condensed" not in words else 0
    return score - (6 if face.path is None else 0)


def _is_kind(face: Face, kind: str) -> bool:
    family = face.family.casefold()
    if kind == "serif" and "sans" in family:
        return False
    if kind == "sans" and ("mono" in family or "serif" in family.replace("sans serif", "")):
        return False
    return any(name in family for name in _FAMILIES[kind])


def _missing(text: str, faces: tuple[Face, ...]) -> str:
    alone = [letter for letter in dict.fromkeys(text) if not any(face.has(letter) for face in faces)]
    if not alone:
        return "No installed font has all of these letters together."
    return f"No installed font has {', '.join(f'“{letter}”' for letter in alone[:8])}."
