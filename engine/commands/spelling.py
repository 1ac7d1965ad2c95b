"""Small slips of spelling in the words that rules are made of. What a thing is called is never corrected."""

from __future__ import annotations

from functools import cache

from engine.commands.clauses import command_words
from engine.commands.formats import format_words
from engine.commands.lexicon import (
    LIGHT_ADJECTIVES,
    LIGHT_NOUNS,
    LIGHT_VERBS,
    NOT_IN_A_REMOVAL,
    NUMBERS,
    POLITE,
    REMOVE,
    REMOVE_AROUND,
)
from engine.commands.right import RIGHT
from engine.commands.text import Said, Token

# A word shorter than this has too many neighbours to be corrected; of four letters only two that are swapped.
_LEAST = 5
# So long that a slip makes no other word.
_LONG = 9
_OTHERS = """
    background backdrop transparent contrast exposure saturation brightness resolution opacity rotated degrees corner
    bottom
    centre center middle subject selection colour color picture image photo canvas square instagram youtube thumbnail
    tiktok story banner
    again repeat another versions variations options alternatives candidates different times edits steps forward revert
    upscale extend expand sharpen denoise recolour recolor replace change restyle combine headline watermark reference
    series style
    right left upper lower above below place inside about every other first second third fourth fifth under over with
    this that
    would should could their there where which these those what when your from into onto than then them they have here
    more most
    everything noise slightly warmer cooler vibrant undo redo blurry around
""".split()


@cache
def known() -> frozenset[str]:
    """Every word whose small misspellings are understood."""
    words = [
        *(word for verb in REMOVE for word in verb),
        *(word for verb in REMOVE_AROUND for part in verb for word in part),
        *POLITE, *NUMBERS, *_OTHERS, *NOT_IN_A_REMOVAL, *command_words(), *format_words(),
        *LIGHT_ADJECTIVES, *LIGHT_NOUNS, *LIGHT_VERBS,
    ]  # fmt: skip
    return frozenset(word for word in words if len(word) >= _LEAST - 1 and " " not in word and word.isalpha())


def corrected(word: str) -> str:
    """The known word that is one slip away (a letter missing, extra, wrong, or two swapped); else the word itself."""
    if len(word) < _LEAST - 1 or word in known() or word in RIGHT or not word.isalpha():
        return word
    if len(word) < _LEAST:
        near = [
            other
            for other in known()
            if len(other) == len(word) and sorted(other) == sorted(word) and _one_slip(word, other)
        ]
        near = near or [other for other in known() if len(other) == _LEAST and other != word and _one_slip(word, other)]
    else:
        near = [
            other
            for other in known()
            if len(other) >= _LEAST and abs(len(other) - len(word)) <= 1 and _one_slip(word, other)
        ]
        near = near or [
            other
            for other in known()
            if len(other) >= _LEAST - 1 and sorted(other) == sorted(word) and _one_slip(word, other)
        ]
    if len(near) > 1:
        # A letter is left out more often than one too many is typed.
        near = [other for other in near if len(other) > len(word)]
    return near[0] if len(near) == 1 else word


def respelled(said: Said) -> Said | None:
    """The command with its slips corrected; None when there is none."""
    tokens = tuple(Token(corrected(token.norm), token.start, token.end) for token in said.tokens)
    return None if tokens == said.tokens else Said(said.text, tokens, said.quotes)


def surely_respelled(said: Said) -> Said:
    """The command with slips in long words corrected (“backgroud”): so long, they are no other word."""
    tokens = tuple(Token(_surely(token.norm), token.start, token.end) for token in said.tokens)
    return said if tokens == said.tokens else Said(said.text, tokens, said.quotes)


def _surely(word: str) -> str:
    if len(word) < _LONG - 1:
        return word
    other = corrected(word)
    is_form = other[:-2] == word[: len(other) - 2] and word[len(other) - 2 :] in (
        other[-2:] + "s",
        other[-2:] + "d",
        other[-2],
    )
    return word if len(other) < _LONG or is_form else other


def _one_slip(a: str, b: str) -> bool:
    """Damerau-Levenshtein distance of exactly one."""
    if len(a) > len(b):
        a, b = b, a
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    swapped = (
        a[start + 1 : start + 2] + a[start : start + 1] == b[start : start + 2] and a[start + 2 :] == b[start + 2 :]
    )
    return a[start + 1 :] == b[start + 1 :] or swapped
