"""Prompts, cut out of the command as they were typed."""

from __future__ import annotations

import re

from engine.commands.text import Said
from engine.materials.words import understand

_LEADING = re.compile(r"^(?:an?|the|some|my|our) ", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"^(?:in front of|on top of|inside|in|on|at|against|into|onto|under|with|to|of|during|around|near|among)$"
)
# What shows that more was wished for than a thing to draw: then nothing is guessed.
_NOT_IN_A_PROMPT = frozenset(
    """
    not don't never without except keep unless instead then undo redo disappear vanish removed logo if it's
    somewhere something . ; : = ¤ whatever
    """.split()
)
# “The second image and match the light”: more than a thing to draw.
_WISHES_MORE = re.compile(
    r"\b(?:images?|pictures?|photos?|references?) #?\d|\b(?:first|second|third|last) (?:image|picture|photo|"
    r"reference)\b"
    r"| (?:and|,|but) (?:also )?(?:match|make|keep|remove|change|blur|adjust|delete|replace|turn|put|add|"
    r"write) (?:the|it|an?|this|her|his|my)\b"
)
_LONGEST = 300


def is_drawable(norm: str) -> bool:
    """Whether these words are the name of something in the built-in library, with its colours and nothing else."""
    read = understand(norm)
    return read.is_whole and read.entry != "plain"


def prompt_of(said: Said, *, without_preposition: bool = False) -> str | None:
    """The words of a prompt, without the article and the punctuation around; None when they cannot be one."""
    if without_preposition:
        while len(said) > 1 and _PREPOSITION.match(said.tokens[0].norm):
            said = said.part(1)
    words = said.norm.split()
    if _WISHES_MORE.search(said.norm):
        return None
    if not words or _NOT_IN_A_PROMPT.intersection(words) or any(word.startswith('"') for word in words):
        return None
    prompt = _LEADING.sub("", said.raw()).strip(" ,.!?;:")
    if not any(char.isalnum() for char in prompt) or len(prompt) > _LONGEST:
        return None
    return prompt if not said.text.isupper() else prompt.casefold()
