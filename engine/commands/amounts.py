"""How much: “slightly”, “a lot”, “by 20 %”, “two stops”, “half”, and counting words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from engine.commands.lexicon import NUMBERS
from engine.commands.text import Said

Degree = Literal["slight", "plain", "lot", "extreme"]

# What is meant by a degree, for changes that have no unit of their own. Exposure: stops.
MOST_STOPS = 10.0
EXPOSURE: dict[Degree, float] = {"slight": 0.25, "plain": 0.5, "lot": 1.0, "extreme": 1.5}
CHANGE: dict[Degree, float] = {"slight": 0.15, "plain": 0.3, "lot": 0.6, "extreme": 0.9}
AMOUNT: dict[Degree, float | None] = {"slight": 0.25, "plain": None, "lot": 0.75, "extreme": 1.0}


@dataclass(frozen=True, slots=True)
class HowMuch:
    """An amount as it was said: a degree, a fraction (of 1) or stops."""

    degree: Degree = "plain"
    fraction: float | None = None
    stops: float | None = None

    def exposure(self, sign: int = 1) -> float:
        """In stops, below 0 for darker; ``sign`` is -1 for words like “darker”.

        A per cent is one of the light: 20 % brighter is 1.2 times as much (0.263 stops), 20 % darker 0.8 times.
        """
        if self.stops is not None:
            return self.stops if self.stops < 0 else sign * self.stops
        if self.fraction is None:
            return sign * EXPOSURE[self.degree]
        left = 1 + (self.fraction if self.fraction < 0 else sign * self.fraction)
        return round(math.log2(left), 3) if left > 2**-MOST_STOPS else -MOST_STOPS

    def change(self) -> float:
        return CHANGE[self.degree] if self.fraction is None else self.fraction

    def amount(self) -> float | None:
        return AMOUNT[self.degree] if self.fraction is None else self.fraction


_COUNT = "|".join(sorted(NUMBERS, key=len, reverse=True))
_NUMBER = rf"(?:[+-]?\d+(?:\.\d+)?|{_COUNT})"
_ABOUT = r"(?:by )?(?:about |around |roughly |only |just |another )?"
_STOPS = re.compile(
    rf"{_ABOUT}(?:(?P<half>(?:a )?half(?: of)?(?: an?)?)|(?P<part>(?:an?|one|two) (?:thirds?|quarters?)) of an?"
    rf"|(?P<up>\d+) / (?P<low>\d+)(?: of an?| an?)?|(?P<n>{_NUMBER})(?P<andhalf> and an? half)?(?: full| whole)?)"
    r" (?:f )?(?:stops?|evs?)\b"
)
_PERCENT = re.compile(rf"{_ABOUT}(?:(?:at|to|with) )?(?P<n>[+-]?\d+(?:\.\d+)?)%(?: of| strength| intensity| amount)?")
_PART = re.compile(r"by (?:about )?(?:(?P<n>half)|(?P<part>(?:an?|one|two) (?:thirds?|quarters?)))\b")
_PARTS = {"third": 0.33, "thirds": 0.67, "quarter": 0.25, "quarters": 0.5, "half": 0.5}
_DEGREES: tuple[tuple[Degree, re.Pattern[str]], ...] = (
    (
        "extreme",
        re.compile(r"\b(?:extremely|super|insanely|massively|ultra|incredibly|to the max|as much as possible)\b"),
    ),
    (
        "slight",
        re.compile(
            r"\b(?:ever so slightly|(?:just )?(?:by )?an? (?:(?:tiny|little|wee|small|slight) )*"
            r"(?:bit|tad|touch|hint|smidge|notch|smidgen)(?: of)?|(?:just )?a little(?: of)?"
            r"|(?:very |only |just )?slightly|somewhat|subtly|gently|lightly|subtle|slight|a fraction|mildly)(?= |$)"
        ),
    ),
    (
        "lot",
        re.compile(
            r"\b(?:quite a bit|by a lot|an? (?:whole )?lot(?: of)?|a great deal(?: of)?|a good deal|lots(?: "
            r"of)?|much|way|"
            r"far|very|really|strongly|heavily|significantly|considerably|dramatically|strong|heavy|substantially|"
            r"drastically|noticeably)(?= |$)"
        ),
    ),
)


def number_of(word: str) -> float | None:
    """“3”, “1.5”, “two”; None for anything else."""
    if word in NUMBERS:
        return float(NUMBERS[word])
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None  # “1e999”, “nan”


def count_of(word: str) -> int | None:
    """A whole number, in digits or as a word."""
    value = number_of(word)
    return int(value) if value is not None and value == int(value) else None


def taken_out(said: Said) -> tuple[Said, HowMuch | None]:
    """The clause without its amount, and the amount; the first of each unit counts."""
    norm = said.norm
    if match := _STOPS.search(norm):
        return _without(said, match), HowMuch(stops=round(_stops(match), 3))
    if match := _PERCENT.search(norm):
        return _without(said, match), HowMuch(fraction=float(match["n"]) / 100)
    if match := _PART.search(norm):
        return _without(said, match), HowMuch(fraction=_part(match["part"]) if match["part"] else 0.5)
    for degree, rule in _DEGREES:
        if match := rule.search(norm):
            return _without(said, match), HowMuch(degree)
    return said, None


def _stops(match: re.Match[str]) -> float:
    if match["half"]:
        return 0.5
    if match["part"]:
        return _part(match["part"])
    if match["up"]:
        return round(int(match["up"]) / max(int(match["low"]), 1), 2)
    return (number_of(match["n"]) or 0.0) + (0.5 if match["andhalf"] else 0.0)


def _part(words: str) -> float:
    """“A third”, “two thirds”, “three quarters”."""
    _, _, unit = words.rpartition(" ")
    return _PARTS[unit]


def _without(said: Said, match: re.Match[str]) -> Said:
    norm = said.norm
    start, end = match.span()
    while start < end and norm[start] == " ":
        start += 1
    first = norm.count(" ", 0, start)
    last = norm.count(" ", 0, end if not norm[start:end].endswith(" ") else end - 1)
    return Said(said.text, said.tokens[:first] + said.tokens[last + 1 :], said.quotes)
