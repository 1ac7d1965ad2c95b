"""From the words of a `Combine` to its scene: offline, without pixels, and never a guess.

Every word must be accounted for: what is left over raises `UnknownScene`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from engine.commands.amounts import count_of
from engine.commands.anchors import PLACE, anchor_of
from engine.commands.lexicon import NUMBERS, ORDINALS
from engine.commands.regions import Anchor
from engine.commands.scene import Arrangement, Placement, Relation, Scene, Target, UnknownScene
from engine.commands.sizes import GROUNDS, SURFACES, WORN, is_one_of
from engine.commands.text import read

_ONE = r"(?:images?|pictures?|photos?|pics?|img|references?|refs?|uploads?|files?)"
_NUMBER = rf"(?:#?\d{{1,2}}|{'|'.join(word for word in NUMBERS if word not in ('a', 'an', 'once', 'both', 'another'))})"
_IMAGE = (
    rf"(?:the |my )?(?:{_ONE} (?:number |no )?(?P<n>{_NUMBER})|(?P<o>{'|'.join(ORDINALS)}) {_ONE}|(?P<h>#\d{{1,2}}))"
)
_POSE = (
    r"(?:(?:is |are |be |it |him |her |them )*(?:standing|sitting|seated|lying|resting|floating|flying|hovering|"
    r"placed|hanging|leaning|walking|running|waiting|positioned|stand|sit|lie|fly|float|to be|is|are|be)? ?"
    r"(?:up |right |just )?)"
)
_SIDE = r"(?:hand )?(?:side )?"
_RELATIONS: tuple[tuple[Relation, str], ...] = (
    (Relation.LEFT, rf"(?:(?:to|on|at) (?:the |its )?left {_SIDE}(?:of|from)|left of|left from)"),
    (Relation.RIGHT, rf"(?:(?:to|on|at) (?:the |its )?right {_SIDE}(?:of|from)|right of|right from)"),
    (Relation.FRONT, r"(?:in front of|before)"),
    (Relation.BEHIND, r"(?:behind|in back of|in the back of)"),
    (Relation.HELD, r"(?:(?:in|into)(?= .+ hands?$)|in(?= the hands? of)|held by|carried by)"),
    (
        Relation.BESIDE,
        r"(?:(?:right )?next to|beside|besides|by the side of|alongside|close to|near to|near|by|together with|with)",
    ),
    (Relation.ABOVE, r"(?:above|over)"),
    (Relation.BELOW, r"(?:below|beneath|underneath|under)"),
    (Relation.ON, r"(?:on top of|on to|onto|atop|upon|on)"),
)
_RELATION = re.compile(
    rf"(?:^| ){_POSE}(?:{'|'.join(f'(?P<{relation.name}>{rule})' for relation, rule in _RELATIONS)}) (?P<to>.+)$"
)
_HOLDS = re.compile(
    r"^(?P<who>.+?) (?:holding|holds?|carrying|carr(?:y|ies)|with (?=.+ in (?:his|her|its|the) hands?$))(?P<what> .+)$"
)
_ANCHORED = re.compile(rf"(?:^| ){_POSE}(?:(?:in|on|at|to|into|near) )?{PLACE}$")
_HERE = re.compile(
    rf"(?:^| ){_POSE}(?:right )?(?:here|there|(?:in|into|inside|at|on) (?:the |this |my )?(?:selection|selected area|"
    r"spot|place))$"
)
_SIZES = r"(?:tiny|very small|small|little|large|big|very large|very big|huge|giant|enormous)"
_THING = re.compile(
    rf"(?:(?P<size>{_SIZES}) )?(?P<noun>(?:(?!{_ONE} )[\w'-]+ ){{0,5}}?)(?:(?:from|in|of|on|out of) )?{_IMAGE}"
)
_SIZE_OF = {
    "tiny": 0.4, "very small": 0.4, "small": 0.6, "little": 0.6, "smaller": 0.7, "half as large": 0.5,
    "large": 1.5, "big": 1.5, "larger": 1.4, "bigger": 1.4, "very large": 2.0, "very big": 2.0, "huge": 2.2,
    "giant": 2.5, "enormous": 2.5,
}  # fmt: skip
_SIZED = re.compile(
    r"(?: ,)? (?:(?:a bit |a little |much )?"
    r"(?P<word>tiny|very small|small|smaller|little|large|larger|bigger|big|huge|giant)"
    r"|(?:at|scaled to|with) (?P<share>\d{1,4}(?:\.\d+)?)%(?: (?:of its )?(?:size|scale))?"
    r"|(?:(?P<times>half|twice|double|\d+(?:\.\d+)?x|\d+(?:\.\d+)?%|three times) )?(?:as|the same) "
    r"(?:large|big|tall|high|long|size|height|wide)(?: as)? (?P<as>.+))$"
)
_TIMES = {"half": 0.5, "twice": 2.0, "double": 2.0, "three times": 3.0}
_VERB = re.compile(
    r"^(?:(?:please |and |then |also |now |the scene (?:shows|has) )*"
    r"(?:put|place|have|show|make|let|add|use|take|insert|combine|bring|set|seat|sit|pose|arrange|paste|"
    r"drop|position|stand|want|need) )+(?:in |on )?(?=.)"
)
_ARTICLE = re.compile(r"^(?:an?|the|this|that|my|our|your|some) ")
_SELECTED = re.compile(
    r"(?:this|it|that|them|these|(?:the|this|my) (?:selection|selected (?:area|thing|object|part|one)|area|spot|place)|"
    r"what(?:'s| is) selected)"
)
_HAND_FIRST = "Put the person into the layer first, select the hand, then say who holds what."
_PRONOUN = re.compile(r"(?:it|him|her|them|that|this one|that one|this|the same)")
# What is done anyway, and what says no more than that it is one picture.
_SAID_ANYWAY = re.compile(
    r"(?:(?:into |as |in |to |make |form )*(?:one|a single|a|the same|a new)? ?(?:picture|image|photo|scene|"
    r"composition|group (?:photo|picture|shot|portrait)|family (?:photo|portrait|picture))|together|one|naturally|"
    r"realistically|seamlessly|side by side|in a row|in a line|next to each other|beside each other|"
    r"next to one another|where there is room|anywhere|"
    r"(?:and )?(?:match|matching|with matching|with the same|adapt|adjust|keep)(?: the| its| their)? "
    r"(?:light|lighting|colours?|colors?|tones?|shadows?|grain|white balance|exposure)"
    r"(?: and (?:the )?(?:light|lighting|colours?|colors?|shadows?|grain))?|with (?:a |soft |contact )*shadows?|please)"
)
_SETTING = re.compile(rf"(?:one scene |a scene )?(?:in|on|at|inside|by) (?:an?|some) (?!{_ONE}\b)[\w' -]+")
_NO_SHADOW = re.compile(r" (?:, )?(?:but )?(?:with no|without|no)(?: any| a)? shadows? ")
_COLLAGE = re.compile(
    r"(?:(?:into |as |in |make |a )*(?:collage|grid|contact sheet|mosaic|photo wall|moodboard|mood board))"
)
_CUT = re.compile(
    r" (?:, and|and|,|;|\.|:|while|plus|"
    r"with (?=(?:the |a |an |my )?(?:[\w'-]+ ){0,4}?(?:from|in|of) (?:the )?"
    r"(?:image|picture|photo|first|second|third)\b)) "
)


@lru_cache(maxsize=64)
def scene_of(references: tuple[int, ...], prompt: str | None) -> Scene:
    """The placements that a `Combine`'s words mean.

    Args:
        references: its numbers, in their order. prompt: its words; None: nothing was said.

    Raises:
        UnknownScene: some words place nothing that is known.
    """
    norm, bare = _NO_SHADOW.subn(" ", f" {read(prompt or '').norm} ")
    reader = _Reader(references)
    for part in _parts(norm):
        reader.take(part)
    return reader.scene(shadows=not bare)


def _parts(norm: str) -> list[str]:
    """The words in pieces that each place something."""
    pieces: list[str] = []
    for piece in _CUT.split(norm):
        words = piece.strip(" ,.;:")
        if words:
            pieces.append(words)
    return pieces


class _Reader:
    """Takes the pieces in turn; remembers what “it” is."""

    def __init__(self, references: Sequence[int]) -> None:
        self.references = tuple(references)
        self.placed: list[Placement] = []
        self.waiting: list[
            Placement
        ] = []  # named, without a place yet: “the mug from image 1 and the cat from image 2 …”
        self.arrangement = Arrangement.ROOM

    def take(self, part: str) -> None:
        """Read one piece.

        Raises:
            UnknownScene: it means nothing here.
        """
        if _COLLAGE.fullmatch(part):
            self.arrangement = Arrangement.COLLAGE
            return
        if _SAID_ANYWAY.fullmatch(part):
            return
        words = _VERB.sub("", part)
        words = re.sub(r" (?:side by side|together|in a row)$", "", words)
        if (holds := _HOLDS.match(words)) is not None and self._held(holds["who"], holds["what"].strip()):
            return
        size, as_large_as, words = self._size(words)
        if not words:
            if not self.placed and not self.waiting:
                raise UnknownScene(part)
            last = (self.waiting or self.placed)[-1]
            self._replace_last(replace(last, size=last.size * size, as_large_as=as_large_as or last.as_large_as))
            return
        if _SETTING.fullmatch(part):
            raise UnknownScene(part, "Paint the place first (“replace the background with …”), then combine.")
        self._placed(words, size, as_large_as, part)

    def _placed(self, words: str, size: float, as_large_as: Target | None, part: str) -> None:
        if (match := _HERE.search(words)) is not None:
            self._put(words[: match.start()], part, size, as_large_as, anchor="selection")
            return
        if (match := _ANCHORED.search(words)) is not None:
            in_air = " fly" in match[0] or " float" in match[0] or " hover" in match[0]
            self._put(words[: match.start()], part, size, as_large_as, anchor=anchor_of(match["place"]), in_air=in_air)
            return
        for match in _relations(words):
            relation = next(one for one in Relation if match[one.name] is not None)
            thing = words[: match.start()]
            to = self._target(match["to"])
            is_loose = (match["BESIDE"] or "").endswith(
                "with"
            )  # “with a hat” is no place, “with the dog of image 2” is
            if to is None or (thing and not self._things(thing)) or (is_loose and to.reference is None):
                continue
            in_air = relation is Relation.ABOVE or re.search(r"\b(?:fly|float|hover)", match[0]) is not None
            if relation is Relation.ON and is_one_of(to.noun, GROUNDS):
                self._put(thing, part, size, as_large_as)
            else:
                self._check(relation, thing, to, part)
                self._put(thing, part, size, as_large_as, relation=relation, to=to, in_air=in_air)
            return
        things = self._things(words)
        if not things:
            raise UnknownScene(part)
        self.waiting += [replace(one, size=one.size * size, as_large_as=as_large_as) for one in things]

    def _check(self, relation: Relation, thing: str, to: Target, part: str) -> None:
        noun = next((one.noun for one in self._things(thing)), "")
        if relation is Relation.ON and is_one_of(noun, WORN) and not is_one_of(to.noun, SURFACES):
            raise UnknownScene(part, "It puts things beside, on or behind others; it cannot dress anybody.")
        if relation is Relation.HELD and to.reference is not None:
            raise UnknownScene(part, _HAND_FIRST)

    def _put(
        self,
        thing: str,
        part: str,
        size: float,
        as_large_as: Target | None,
        *,
        relation: Relation | None = None,
        to: Target | None = None,
        anchor: Anchor | str | None = None,
        in_air: bool = False,
    ) -> None:
        """Give what waits and what is named here a place; “it” is what was named last."""
        things = [*self.waiting, *(self._things(thing) if thing else ())]
        self.waiting = []
        if not things and self.placed and self.placed[-1].relation is None and self.placed[-1].anchor is None:
            things = [self.placed.pop()]
        if not things:
            raise UnknownScene(part)
        for one in things:
            # So far it was only named: “image 1 left of image 2, image 2 on the right”.
            self.placed = [each for each in self.placed if each.reference != one.reference or _has_place(each)]
            self.placed.append(
                replace(
                    one,
                    relation=relation,
                    to=to,
                    anchor=anchor,
                    size=one.size * size,
                    as_large_as=as_large_as or one.as_large_as,
                    in_air=in_air,
                )
            )

    def _held(self, who: str, what: str) -> bool:
        what = re.sub(r" in (?:his|her|its|the|their) (?:left |right )?hands?$", "", what)
        things, holder = self._things(what), self._target(who)
        if len(things) != 1 or holder is None:
            return False
        if holder.reference is not None:
            raise UnknownScene(
                f"{who} holding {what}",
                "Put the person into the layer first, select the hand, then say who holds what.",
            )
        self.placed.append(replace(things[0], relation=Relation.HELD, to=holder))
        return True

    def _size(self, words: str) -> tuple[float, Target | None, str]:
        match = _SIZED.search(f" {words}")
        if match is None:
            return 1.0, None, words
        rest = f" {words}"[: match.start()].strip(" ,")
        if match["word"]:
            # “The sofa is large” and “on the small table”: a size at the end is the picture's only after a place.
            return _SIZE_OF[match["word"]], None, rest
        if match["share"]:
            return float(match["share"]) / 100, None, rest
        to = self._target(match["as"])
        if to is None:
            return 1.0, None, words
        times = match["times"] or ""
        by = _TIMES.get(times) or (float(times[:-1]) / (100 if times.endswith("%") else 1) if times else 1.0)
        return by, to, rest

    def _things(self, words: str) -> list[Placement]:
        """The pictures that these words name; empty when they name none, or more than that."""
        words = _VERB.sub("", f"{words.strip()} ").strip(" ,")
        if _PRONOUN.fullmatch(words):
            return [self.placed.pop()] if self.placed and self.placed[-1].relation is None else []
        if re.fullmatch(rf"(?:all|both|everything|all of them|all (?:the |of the )?{_ONE}|both {_ONE})", words):
            return [Placement(number) for number in self.references if not self._is_named(number)]
        match = _THING.fullmatch(_ARTICLE.sub("", words))
        if match is None:
            return []
        number = self._number(match)
        noun = (match["noun"] or "").strip()
        size = _SIZE_OF.get(match["size"] or "", 1.0)
        if number not in self.references or _is_of_grammar(noun):
            return []
        return [Placement(number, _ARTICLE.sub("", f"{noun} ").strip(), size=size)]

    def _target(self, words: str) -> Target | None:
        words = re.sub(r"(?:'s)? (?:left |right )?hands?$", "", words.strip(" ,."))
        words = re.sub(r"^the (?:left |right )?hands? of ", "", words)
        if _SELECTED.fullmatch(words):
            before = (self.placed or [None])[-1]
            if words not in ("it", "him", "her", "them", "that") or before is None:
                return Target(is_selection=True)
            # “Image 1 left of the cat and image 2 behind it”: behind the cat.
            return before.to if before.to is not None else Target(reference=before.reference)
        if words in ("him", "her", "his", "its", "the"):
            last = self.placed[-1].to if self.placed else None
            return last if last is not None else Target(noun="subject")
        match = _THING.fullmatch(_ARTICLE.sub("", words))
        if match is not None and (number := self._number(match)) in self.references:
            noun = (match["noun"] or "").strip()
            self._name(number, "" if _is_of_grammar(noun) else _ARTICLE.sub("", f"{noun} ").strip())
            return Target(reference=number)
        noun = _ARTICLE.sub("", words)
        if not noun or len(noun.split()) > 4 or _is_of_grammar(noun) or re.search(rf"\b{_ONE}\b", noun):
            return None
        if match := re.fullmatch(r"(?P<noun>.+) (?:in|of|from) (?:the )?layer", noun):
            noun = match["noun"]
        return Target(noun=noun)

    def _name(self, number: int, noun: str) -> None:
        """A picture that something is placed by is in the scene, wherever there is room for it."""
        if not self._is_named(number):
            self.placed.append(Placement(number, noun))

    def _is_named(self, number: int) -> bool:
        return any(one.reference == number for one in (*self.placed, *self.waiting))

    def _number(self, match: re.Match[str]) -> int:
        if (ordinal := match["o"]) is not None:
            return max(self.references, default=0) if ordinal == "last" else ORDINALS[ordinal]
        return count_of((match["n"] or match["h"]).lstrip("#")) or 0

    def _replace_last(self, placement: Placement) -> None:
        (self.waiting or self.placed)[-1] = placement

    def scene(self, *, shadows: bool) -> Scene:
        """What was read; pictures without words go where there is room."""
        placed = [*self.placed, *self.waiting]
        named = {one.reference for one in placed}
        if len(named) != len(placed):
            raise UnknownScene("one picture in two places")
        placed += [Placement(number) for number in self.references if number not in named]
        return Scene(tuple(placed), self.arrangement, shadows)


def _has_place(one: Placement) -> bool:
    return one.relation is not None or one.anchor is not None


def _relations(words: str) -> list[re.Match[str]]:
    """All readings of “… left of …”: the earliest first."""
    found: list[re.Match[str]] = []
    at = 0
    while (match := _RELATION.search(words, at)) is not None:
        found.append(match)
        at = match.start("to")
    return found


_GRAMMAR = frozenset(
    """
    and or but then not don't no never without except like into while if as than to of on in at with put place from that
    which who wearing riding facing looking playing eating around inside through across against between each overlay
    superimpose layer scale rotate turn turned use swap replace remove make background backdrop opacity transparent
    blend match matching light colour color
    """.split()
)


def _is_of_grammar(noun: str) -> bool:
    """Whether this holds words that no noun has: then more was said than is understood."""
    return bool(_GRAMMAR.intersection(noun.split())) or re.search(r"[^\w' -]|\d", noun) is not None
