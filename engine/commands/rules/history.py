"""“undo twice”, “redo”, “again”, “another one”, “give me four variations”."""

from __future__ import annotations

import re

from engine.commands.amounts import count_of
from engine.commands.lexicon import NUMBERS
from engine.commands.text import Said
from engine.commands.wishes import Ask, Hearing, Wish

_MOST_VARIATIONS = 8
_MOST_STEPS = 100

_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(NUMBERS)})"
_THAT = (
    r"(?: (?:that|it|this|the last edit|the last one|the last step|the edit|last|what you did|(?:(?:my|the) )?last"
    r" (?:edit|change|step|one|thing)|the last change))?"
)
_TIMES = (
    rf"(?: (?P<x>\d+)x| (?P<n>{_NUMBER})(?: of)?(?: times?| steps?| edits?)?"
    rf"|(?: everything i did in)?(?: (?:the|my))? last (?P<m>{_NUMBER})(?: steps?| edits?| changes?)?)?"
)
_ONES = r"(?:ones?|versions?|variations?|variants?|options?|alternatives?|candidates?|tr(?:y|ies)|takes?|results?)"
_SHOW = r"(?:(?:give|show|make|try|do|get|create|generate|i want)(?: me| us)? )?"

_UNDO = re.compile(
    rf"(?:undo|revert|take back|roll back|ctrl z|cmd z|control z|command z){_THAT}{_TIMES}|take (?:that|it|this) back"
    rf"|(?:step|go) back(?: (?P<k>{_NUMBER})(?: steps?| times?)?)?|put it back(?: how it was| as it was)?"
)
_REDO = re.compile(
    rf"(?:redo|ctrl y|cmd shift z){_THAT}{_TIMES}|(?:step|go) forwards?(?: (?P<k>{_NUMBER})(?: steps?| times?)?)?"
)
_AGAIN = re.compile(
    r"(?:do |run )?(?:(?:it|that|this|the same(?: thing)?|same) )?(?:again|once more|one more time|another time)"
    rf"|repeat{_THAT}|same again"
)
_VARIATIONS = re.compile(
    rf"{_SHOW}(?:"
    rf"another(?: (?:{_ONES}|(?P<n>{_NUMBER})(?: {_ONES})?))?"
    rf"|(?:a |some )?(?:different|new|other) {_ONES}"
    rf"|(?:(?P<m>{_NUMBER}) )?(?:more|other|different|new)(?: {_ONES})?(?: like (?:this|that|it))?"
    rf"|(?P<k>{_NUMBER})(?: of)?(?: more| other| different| new)? {_ONES}(?: of (?:this|it|that))?"
    rf"|something (?:different|else)|(?:some )?(?:variations|variants|alternatives|more options)"
    r")|try again|try once more"
)


def history(said: Said, hearing: Hearing) -> list[Wish] | None:
    """The history's own words; no region, no selection."""
    norm = said.norm
    for rule, op, most in (
        (_UNDO, "undo", _MOST_STEPS),
        (_REDO, "redo", _MOST_STEPS),
        (_AGAIN, "again", 1),
        (_VARIATIONS, "variations", _MOST_VARIATIONS),
    ):
        if match := rule.fullmatch(norm):
            counted = next((value for value in match.groupdict().values() if value), "one")
            count = count_of(counted) or 0
            if op == "variations" and count > most:
                raise Ask(f"At most {most} variations are made at once.")
            if not 1 <= count <= most:
                return None
            return [Wish(op, fields={} if op == "again" else {"count": count})]
    return None
