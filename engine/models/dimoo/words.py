"""What a person wants as ids before the picture: the published templates, with and without words.

::

    <system>TEMPLATE</system><user>WORDS [pictures] </user>

Pictures stand before the last id, which is ``</user>``. No torch here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.models.dimoo.config import Specials

# Of upstream's utils/prompt_utils.py, letter for letter: the model was trained with them.
GENERATE = "Generate an image according to the text prompt."
GENERATE_WITH_OBJECT = "Generate an image according to the text prompt and the given object image."
EDIT = "Generate an image applying the following editing instruction based on the original image."
# The one task that was trained with a picture and a reference beside it; it is told in the same words twice.
STYLE = "Transform the current image into the style of the provided image."
# What stands for “no words”, in training too.
UNCONDITION = "<uncondition>"

TextIds = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Ids before the answer.

    Attributes:
        said: with the words and the pictures.
        unsaid: the same without the words, or with the negative ones.
        unseen: with the words, but without the pictures; None: there are no pictures.
    """

    said: tuple[int, ...]
    unsaid: tuple[int, ...]
    unseen: tuple[int, ...] | None


def prefixes(
    text_ids: TextIds,
    template: str,
    words: str,
    negative: str,
    pictures: Sequence[Sequence[int]],
    specials: Specials,
    signs: Sequence[str] = (),
) -> Prefixes:
    """
    Args:
        text_ids: the tokenizer. signs: its added tokens as text; in people's words they would be read as commands.
        words: ”” is said as ``<uncondition>``, which is what no words were in training; upstream's scripts demand some.
        negative: what is not wanted; upstream has no such thing and always says ``<uncondition>``, as ”” does here.
        pictures: each as `sequence.picture_ids` writes it.
    """
    shown = [number for ids in pictures for number in (specials.picture_start, *ids, specials.picture_end)]

    def written(text: str) -> list[int]:
        return list(text_ids(f"<system>{template}</system><user>{text}</user>"))

    def with_pictures(ids: list[int]) -> tuple[int, ...]:
        return (*ids[:-1], *shown, *ids[-1:])

    wanted = plain(words, signs)
    said = written(wanted if wanted.strip() else UNCONDITION)
    unsaid = written(plain(negative, signs).strip() or UNCONDITION)
    return Prefixes(with_pictures(said), with_pictures(unsaid), tuple(said) if shown else None)


def plain(text: str, signs: Sequence[str]) -> str:
    """The text without the tokenizer's own signs, as ``</user>`` or the sign of a masked token."""
    # A space in its place, so that what is left does not close up to a sign again.
    for sign in sorted(signs, key=len, reverse=True):
        text = text.replace(sign, " ")
    return text
