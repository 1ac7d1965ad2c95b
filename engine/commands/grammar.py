"""Rules from words to a plan: offline, instant, and never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.commands.lexicon import (
    DRAWABLE,
    NOT_IN_A_PROMPT,
    NOT_IN_A_REMOVAL,
    NUMBERS,
    POLITE,
    REMOVE,
    REMOVE_AROUND,
    REPLACE,
    RIGHT,
    SPELLED,
    SUGGESTIONS,
)
from engine.commands.plan import Again, Operation, Plan, Redo, Remove, Replace, Undo, Variations
from engine.materials.words import Understood, understand

Words = tuple[str, ...]

LONGEST_TEXT = 2_000
_SHOWN_CHARS = 60
# A word shorter than this has too many neighbours to be corrected.
_LEAST_CORRECTED = 5
_MOST_VARIATIONS = 8
_MOST_STEPS = 100

_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(NUMBERS)})"
_THAT = r"(?: (?:that|it|this|the last edit|the last one|the last step|the edit|last|what you did|my last edit))?"
_TIMES = rf"(?: (?P<n>{_NUMBER})(?: of)?(?: times?| steps?| edits?)?| the last (?P<m>{_NUMBER})(?: steps?| edits?)?)?"
_ONES = r"(?:ones?|versions?|variations?|options?|alternatives?|candidates?|tr(?:y|ies)|takes?|results?)"
_SHOW = r"(?:(?:give|show|make|try|do|get|create|generate)(?: me| us)? )?"

_UNDO = re.compile(
    rf"(?:undo|revert|take back|roll back){_THAT}{_TIMES}|(?:step|go) back(?: (?P<k>{_NUMBER})(?: steps?| times?)?)?"
)
_REDO = re.compile(rf"redo{_THAT}{_TIMES}|(?:step|go) forwards?(?: (?P<k>{_NUMBER})(?: steps?| times?)?)?")
_AGAIN = re.compile(
    r"(?:do |run )?(?:(?:it|that|this|the same(?: thing)?|same) )?(?:again|once more|one more time|another time)"
    rf"|repeat{_THAT}|same again"
)
_VARIATIONS = re.compile(
    rf"{_SHOW}(?:"
    rf"another(?: (?:{_ONES}|(?P<n>{_NUMBER})(?: {_ONES})?))?"
    rf"|(?:a |some )?(?:different|new|other) {_ONES}"
    rf"|(?:(?P<m>{_NUMBER}) )?(?:more|other|different|new)(?: {_ONES})?"
    rf"|(?P<k>{_NUMBER})(?: of)?(?: more| other| different| new)? {_ONES}"
    rf"|something different"
    r")|try again|try once more"
)
_REPLACE = tuple(re.compile(rule) for rule in REPLACE)
_LONGEST_PROMPT = 300


def parse(text: str, has_selection: bool) -> Plan:
    """The plan for these words.

    Args:
        text: as typed.
        has_selection: whether something is selected.

    Returns:
        One operation with its sentence, or none and in ``unsure`` what was not understood and what to try.
    """
    if len(text) > LONGEST_TEXT:
        return _unsure(f"That is longer than {LONGEST_TEXT} characters. Say it shorter, for example {SUGGESTIONS}.")
    words = _plain(text)
    if not words:
        return _unsure(f"There are no words to go by. Try {SUGGESTIONS}.")
    operation = _history(" ".join(words)) or _removal(words) or _replacement(text)
    if isinstance(operation, Replace) and not (read := understand(operation.prompt)).is_whole:
        return _unsure(_cannot_draw(operation.prompt, read))
    operation = operation or _named(text)
    if operation is None:
        return _unsure(f"“{_shown(text)}” is not understood yet. Try {SUGGESTIONS}.")
    if isinstance(operation, Remove | Replace) and not has_selection:
        what = "the thing to remove" if isinstance(operation, Remove) else "what to fill"
        return _unsure(f"“{_shown(text)}” needs a selection: select {what}, then say it again.")
    return Plan(ops=(operation,), says=(operation.says(),))


def corrected(word: str) -> str:
    """The known word that is one slip away (a letter missing, extra, wrong, or two swapped); else the word itself."""
    if len(word) < _LEAST_CORRECTED - 1 or word in SPELLED or word in RIGHT:
        return word
    near = [known for known in SPELLED if abs(len(known) - len(word)) <= 1 and _one_slip(word, known)]
    return near[0] if len(near) == 1 else word


def _history(text: str) -> Operation | None:
    rules: tuple[tuple[re.Pattern[str], Callable[[int], Operation], int], ...] = (
        (_UNDO, lambda count: Undo(count=count), _MOST_STEPS),
        (_REDO, lambda count: Redo(count=count), _MOST_STEPS),
        (_AGAIN, lambda _: Again(), 1),
        (_VARIATIONS, lambda count: Variations(count=count), _MOST_VARIATIONS),
    )
    for rule, build, most in rules:
        if match := rule.fullmatch(text):
            said = next((value for value in match.groupdict().values() if value), "one")
            count = int(said) if said.isdigit() else NUMBERS[said]
            return build(count) if 1 <= count <= most else None
    return None


def _removal(words: Words) -> Remove | None:
    thing = _removed_thing(words)
    if thing is None or NOT_IN_A_REMOVAL.intersection(thing):
        return None
    return Remove()


def _replacement(text: str) -> Replace | None:
    """“fill with …”, “replace the background with …”, “make this wall …”: the prompt is kept as it was said."""
    said = re.sub(r"\s+", " ", text.casefold().replace("’", "'")).strip(" .!?")
    for phrase in POLITE:
        said = re.sub(rf"(?:^|(?<= )){re.escape(phrase)},?(?= |$)", "", said).strip(" ,")
    said = re.sub(r"\s+", " ", said)
    for rule in _REPLACE:
        if match := rule.fullmatch(said):
            prompt = re.sub(r"^(?:an?|the|some) ", "", match["p"]).strip(" ,")
            # “Make this wall blue” wishes for another colour of the same wall: not this operation.
            if said.startswith("make ") and understand(prompt).entry == "plain":
                return None
            if prompt and len(prompt) <= _LONGEST_PROMPT and not NOT_IN_A_PROMPT.intersection(prompt.split()):
                return Replace(prompt=prompt)
    return None


def _named(text: str) -> Replace | None:
    """Nothing but the name of something that can be drawn, with its colours: “brick wall”, “soft grey backdrop”."""
    prompt = re.sub(r"\s+", " ", text).strip(" .,!?")
    read = understand(prompt) if len(prompt) <= _LONGEST_PROMPT else None
    # A colour alone could wish for anything.
    if read is None or not read.is_whole or read.entry == "plain":
        return None
    return Replace(prompt=prompt)


def _cannot_draw(prompt: str, read: Understood) -> str:
    unknown = ", ".join(f"“{_shown(word)}”" for word in read.unknown) or f"“{_shown(prompt)}”"
    nearest = f"The nearest it can: {', '.join(read.nearest)}." if read.nearest else f"It can draw {DRAWABLE}."
    return f"Inlay cannot draw {unknown} yet. {nearest}"


def _removed_thing(words: Words) -> Words | None:
    """The words that name what is to be removed; None when nothing is."""
    for first, last in REMOVE_AROUND:
        if len(words) > len(first) + len(last) and words[: len(first)] == first and words[-len(last) :] == last:
            return words[len(first) : -len(last)]
    for verb in REMOVE:
        if words[: len(verb)] == verb:
            return words[len(verb) :]
    return None


def _plain(text: str) -> Words:
    """Lower case, without punctuation and politeness, small slips corrected."""
    kept = "".join(char if char.isprintable() else " " for char in text.casefold())
    kept = kept.replace("’", "'").replace("‘", "'").replace("-", " ")
    found: list[str] = re.findall(r"[^\W_]+(?:'[^\W_]+)?", kept)
    words = " ".join(corrected(word) for word in found)
    for phrase in POLITE:
        words = re.sub(rf"(?:^|(?<= )){re.escape(phrase)}(?= |$)", "", words)
    return tuple(words.split())


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


def _shown(text: str) -> str:
    """The person's words, fit to be shown back."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= _SHOWN_CHARS else plain[: _SHOWN_CHARS - 1] + "…"


def _unsure(what: str) -> Plan:
    return Plan(unsure=(what,))
