"""A command as tokens: plain words to match rules against, each with its place in what was typed.

Rules read ``norm`` (lower case, one form of every number, unit and quote, words one space apart); texts, prompts and
colours are then cut out of the command itself, so that they stay letter for letter what was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A quoted piece is one token: this sign and its number. It cannot come from a keyboard's quotes, which are consumed.
QUOTED = r"\"\d+"
# Anything that is neither a word nor a number nor punctuation (an emoji), so that it is not overlooked.
OTHER = "¤"

_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "‘": "’", "'": "'", "`": "`", "”": "”"}
# Inside a word these are an apostrophe.
_APOSTROPHES = "'’‘`"

_TOKEN = re.compile(
    r"""
    (?P<rgb>(?:rgb|rgba|hsl)\([\d.,%\s]{1,40}\))
  | (?P<ref>\#\d{1,2}(?![\da-f]))
  | (?P<hex>\#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![\w]))
  | (?P<size>\d{1,6}(?:[x×*]|\s+[x×*]\s+)\d{1,6}(?![\w]))
  | (?P<ratio>-?\d{1,5}(?:\.\d{1,3})?\s*:\s*-?\d{1,5}(?:\.\d{1,3})?)
  | (?P<times>(?:(?<![\w.])-)?\d{1,4}(?:\.\d{1,3})?\s*[x×](?!\w)|[x×]\s*\d{1,4}(?:\.\d{1,3})?(?!\w))
  | (?P<percent>(?<![\w.])[+-]?\d{1,5}(?:[.,]\d{1,3})?\s*(?:%|percent\b|per\s+cent\b|pct\b))
  | (?P<px>\d{1,6}\s*(?:px|pixels?)\b)
  | (?P<pt>\d{1,6}\s*(?:pts?|points?)\b)
  | (?P<number>(?:(?<![\w.])[+-])?\d{1,7}(?:\.\d{1,6})?(?!\w))
  | (?P<word>[^\W_]+(?:['’‘`][^\W_]+)*)
  | (?P<comma>,|—|–|\s-\s)
  | (?P<stop>[.!?…]+|;|\n+)
  | (?P<sign>[:=&+/°])
  | (?P<other>[^\s\-.,!?…;:\w"“”„«»‘’'`(){}\[\]<>_*~^|\\]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Token:
    """``norm`` for the rules; ``start`` and ``end`` in the command."""

    norm: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A command, or a clause of it.

    Attributes:
        text: the whole command as typed.
        tokens: those of this clause.
        quotes: what stood between quotes, letter for letter, by its number.
    """

    text: str
    tokens: tuple[Token, ...]
    quotes: tuple[str, ...] = ()

    @property
    def norm(self) -> str:
        return " ".join(token.norm for token in self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def part(self, start: int, end: int | None = None) -> Said:
        """Tokens ``start`` to ``end``."""
        return Said(self.text, self.tokens[start:end], self.quotes)

    def span(self, start_char: int, end_char: int) -> Said:
        """The tokens under these characters of ``norm``, as a match of a rule gives them."""
        norm = self.norm
        first = norm.count(" ", 0, start_char)
        last = norm.count(" ", 0, max(start_char, end_char))
        return self.part(first, last + 1 if norm[start_char:end_char].strip() else first)

    def group(self, match: re.Match[str], name: str) -> Said:
        """The tokens of a group of a match on `norm`."""
        start, end = match.span(name)
        while start < end and match.string[start] == " ":
            start += 1
        while start < end and match.string[end - 1] == " ":
            end -= 1
        return self.span(start, end)

    def raw(self) -> str:
        """As typed, from the first token to the last."""
        if not self.tokens:
            return ""
        cut = self.text[self.tokens[0].start : self.tokens[-1].end]
        return re.sub(r"\s+", " ", cut).strip() if "\n" not in cut else cut.strip()

    def quoted(self, token: str) -> str:
        """What stands between the quotes of that token."""
        return self.quotes[int(token[1:])]


def read(text: str) -> Said:
    """Tokens of a command."""
    plain, quotes, places = _without_quotes(text)
    tokens: list[Token] = []
    at = 0
    for number, (start, end) in enumerate(places):
        tokens += _tokens(plain, at, start)
        tokens.append(Token(f'"{number}', start, end))
        at = end
    tokens += _tokens(plain, at, len(plain))
    return Said(text, tuple(tokens), tuple(quotes))


def _tokens(text: str, start: int, end: int) -> list[Token]:
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup or ""
        found += [Token(norm, *match.span()) for norm in [_norm(kind, match[0])] if norm]
    return found


def _norm(kind: str, typed: str) -> str:
    low = typed.casefold()
    match kind:
        case "rgb" | "ref" | "hex":
            return re.sub(r"\s", "", low)
        case "size":
            return re.sub(r"\s*[x×*]\s*", "x", low)
        case "ratio":
            return re.sub(r"\s", "", low)
        case "times":
            return re.sub(r"[x×\s]", "", low) + "x"
        case "percent":
            return re.sub(r"[^\d.+-]", "", low.replace(",", ".")) + "%"
        case "px" | "pt":
            return re.sub(r"\D", "", low) + kind
        case "comma":
            return ","
        case "stop":
            return ";" if typed[0] in ";\n" else "."
        case "sign":
            return {"&": "and", "+": "plus", "/": "/", "°": "degrees"}.get(low, low)
        case "word":
            for mark in _APOSTROPHES:
                low = low.replace(mark, "'")
            # “Dont” is typed as often as “don't”.
            return {"dont": "don't", "doesnt": "doesn't"}.get(low, low)
        case "other":
            return OTHER
        case _:
            return low


def _without_quotes(text: str) -> tuple[str, list[str], list[tuple[int, int]]]:
    """What stands between quotes, and where (quotes included). A quote without its partner is no quote."""
    quotes: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        closing = _QUOTES.get(text[at])
        opens = closing is not None and (at == 0 or not text[at - 1].isalnum())
        end = _closing(text, at, closing) if opens and closing is not None else None
        if end is None:
            at += 1
            continue
        if text[at + 1 : end].strip():
            quotes.append(text[at + 1 : end])
            places.append((at, end + 1))
        at = end + 1
    return text, quotes, places


def _closing(text: str, at: int, closing: str) -> int | None:
    """Where the quote that opens there closes."""
    end = at
    while (end := text.find(closing, end + 1)) > 0:
        in_a_word = closing in _APOSTROPHES and end + 1 < len(text) and text[end + 1].isalnum()
        if not in_a_word:
            return end
    return None


def typed(text: str) -> str:
    """The command with a space for every control character: nobody types them, terminals obey them, and not every
    database keeps them. Of the same length; tabs and line ends stay.
    """
    return _CONTROL.sub(" ", text)


def shown(text: str, most: int = 60) -> str:
    """The person's words, fit to be shown back: one line, no control characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
