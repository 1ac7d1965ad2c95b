"""Rules from words to a plan: offline, instant, and never a guess.

A command is read as tokens (`text`), cut into clauses (`clauses`), and each clause is given to the rules in turn; the
first that accounts for every word of it wins. Clauses without a verb borrow that of the clause before (“the walls white
and the door green”). When nothing fits, small slips of spelling are corrected and it is read once more. What “it” is,
and what needs a selection, is decided at the end (`wishes.resolve`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from engine.commands.clauses import Cut, command_verbs, cuts, in_order, plain, trimmed, turned
from engine.commands.lexicon import LIGHT_ADJECTIVES, LIGHT_NOUNS
from engine.commands.limits import limit
from engine.commands.models import BUILT_IN, is_only_a_model, model_of, title_of, unknown_model
from engine.commands.nearest import suggestions
from engine.commands.nouns import is_clear, thing_in
from engine.commands.plan import (
    AddText,
    AnyOperation,
    BackgroundReplace,
    Combine,
    Drawn,
    Instruct,
    PlaceImage,
    Plan,
    Redo,
    Replace,
    Restyle,
    Undo,
)
from engine.commands.rules.background import background
from engine.commands.rules.colour import colour
from engine.commands.rules.fitting import fitted_background, fitting
from engine.commands.rules.history import history
from engine.commands.rules.light import light
from engine.commands.rules.many import combining, series
from engine.commands.rules.placing import picture, writing
from engine.commands.rules.remarks import is_remark, mention
from engine.commands.rules.shape import shape, upscaling
from engine.commands.rules.styles import styling
from engine.commands.rules.things import removal, replacement, restyling
from engine.commands.spelling import respelled, surely_respelled
from engine.commands.text import Said, Token, read, shown
from engine.commands.wishes import Ask, Hearing, NeedsSelection, Wish, resolve

LONGEST_TEXT = 2_000
# More clauses than this are no command, and reading them would take too long.
_MOST_CUTS = 24
_MOST_OPERATIONS = 20
# One word is a slip, not an instruction.
_LEAST_INSTRUCTION_WORDS = 2
_MOST_REFERENCES = 10

# A clause's end, where the next begins, and the cut between them; None at the end of the command.
End = tuple[int, int, Cut | None]
Rule = Callable[[Said, Hearing], list[Wish] | None]
# In turn: what is said with the most particular words comes first.
_RULES: tuple[Rule, ...] = (
    history, writing, upscaling, shape, fitting, light, limit, combining, picture, styling, removal, restyling,
    fitted_background, background, colour, replacement,
)  # fmt: skip
# These read “a, b and c” themselves, so they see the longest stretch first.
_OF_LISTS: tuple[Rule, ...] = (fitted_background, series, combining, shape)
# Words of somebody who looks round.
_HELP = re.compile(
    r"(?:hi|hello|hey|help|help me|what can (?:you|it|i|inlay) do(?: here)?|what now|how does (?:it|this) work"
    r"|(?:show|list) (?:me )?(?:the |all )?commands)(?: [.?!])*"
)
_WHAT_IT_DOES = (
    "Inlay removes and fills what is selected, cuts out and replaces backgrounds, changes light, colour and style,"
    " extends and enlarges a picture, writes and puts pictures on it, combines pictures and makes series."
)
# What every program does that a layer can be in.
_OF_THE_HOST = re.compile(
    r"(?!.*\b(?:and|then|(?:image|picture|photo) \d))"
    r"(?P<verb>rotate|flip|mirror|save|export|print|duplicate|copy|paste|zoom|shrink|rename|lock|group|align|skew)"
    r"(?: (?:it|this|that|the (?:layer|picture|image|photo|file|canvas)|horizontally|vertically|as|to|by|in|out|\d).*)?"
)
# Verbs that a following clause may borrow, by the rules that read them.
_MEASURES = frozenset("increase decrease reduce raise lower boost add more less".split())
# Verbs after which a clause says of its noun what is to become of it.
_SAYS_HOW = frozenset(
    "make turn change colour color paint put place write replace swap recolour recolor dye set".split()
)
_BORROWED = frozenset(
    "make turn change colour color paint put place add write remove delete erase brighten darken replace swap "
    "get blur sharpen recolour"
    " recolor tint dye set give extend insert".split()
)


@dataclass(slots=True)
class _Reader:
    """Reads one command; remembers what it has read."""

    said: Said
    hearing: Hearing
    cuts: list[Cut]
    known: dict[tuple[int, str], list[list[Wish]] | None] = field(
        default_factory=dict[tuple[int, str], list[list[Wish]] | None]
    )
    asked: Ask | None = None

    def read(self, start: int, verb: str = "") -> list[list[Wish]] | None:
        """The clauses from token ``start`` to the end, or None when some part of them means nothing."""
        if start >= len(self.said):
            return []
        key = (start, verb)
        if key not in self.known:
            self.known[key] = None
            self.known[key] = self._split(start, verb)
        return self.known[key]

    def _split(self, start: int, verb: str) -> list[list[Wish]] | None:
        whole: End = (len(self.said), len(self.said), None)
        ends: list[End] = [*((cut.end, cut.at, cut) for cut in self.cuts if cut.end > start), whole]
        first_strong = next(number for number, (_, _, cut) in enumerate(ends) if cut is None or cut.is_strong)
        for end, following, cut in reversed(ends[: first_strong + 1]):
            found = self._of(self.said.part(start, end), _OF_LISTS)
            if found is None or not self._holds_a_list(start, end, found):
                continue
            if (rest := self._rest(following, cut, "")) is not None:
                return [found, *rest]
        for end, following, cut in ends:
            clause = trimmed(self.said.part(start, end))
            if not len(clause) or is_remark(clause):
                if (rest := self._rest(following, cut, verb)) is not None:
                    return rest
                continue
            found, used = self._clause(clause, verb)
            if found is not None and (rest := self._rest(following, cut, used)) is not None:
                return [found, *rest]
        return None

    def _rest(self, following: int, cut: Cut | None, verb: str) -> list[list[Wish]] | None:
        # “Sharpen everything but the sky” sharpens no sky; “the sky blue but the sea green” goes on.
        is_against = cut is not None and cut.is_contrast and verb not in _SAYS_HOW
        rest = self.read(following, "" if is_against else verb)
        return [[Wish("step")], *rest] if rest and cut is not None and cut.is_step else rest

    def _holds_a_list(self, start: int, end: int, found: list[Wish]) -> bool:
        """Whether those rules are needed: there is a connector inside."""
        return any(start < cut.end < end for cut in self.cuts) or found[0].op == "series"

    def _clause(self, clause: Said, verb: str) -> tuple[list[Wish] | None, str]:
        """What a clause wishes for, and the verb that the next may borrow."""
        own = clause.tokens[0].norm
        if verb in _MEASURES and re.sub(r"^the ", "", clause.norm) in LIGHT_NOUNS:
            # “Reduce the contrast and the saturation”: both are reduced.
            first = clause.tokens[0]
            clause = Said(clause.text, (Token(verb, first.start, first.start), *clause.tokens), clause.quotes)
            own = verb
        found = self._of(clause, _RULES)
        if found is not None:
            if (own not in _BORROWED and verb and not own.startswith('"')) or own == "the":
                return found, verb
            if own in ("give", "more", "less", *_MEASURES) and found[0].op in ("relight", "adjust"):
                return found, "less" if re.search(r"\b(?:less|reduce|decrease|lower)\b", clause.norm) else "more"
            borrowed = own if own in _BORROWED else "write" if found[0].op == "add_text" else ""
            return found, "" if found[0].op == "add_text" and not _is_quoted(clause) else borrowed
        if verb and own != verb and (own not in command_verbs() or own in LIGHT_ADJECTIVES):
            first = clause.tokens[0]
            found = self._of(
                Said(clause.text, (Token(verb, first.start, first.start), *clause.tokens), clause.quotes), _RULES
            )
            if found is not None and found[0].op not in ("series", "keep") and _may_borrow(found[0], verb):
                if verb not in _SAYS_HOW:
                    found = [replace(wish, is_more_of_same=True) for wish in found]
                return found, verb
        if (turned := self._turned_round(clause)) is not None:
            return turned, ""
        if (noun := mention(clause, self.hearing)) is not None:
            return noun, ""
        return None, ""

    def _turned_round(self, clause: Said) -> list[Wish] | None:
        """“In the top left write …”, “face: brighter”: what was said first is put where the rules look for it."""
        for front, rest in turned(clause):
            found = self._of(Said(clause.text, (*rest, *front), clause.quotes), _RULES)
            if found is not None and found[0].op not in ("series", "keep"):
                return found
        return None

    def _of(self, clause: Said, rules: Sequence[Rule]) -> list[Wish] | None:
        clause = trimmed(clause)
        if not len(clause):
            return None
        for rule in rules:
            try:
                found = rule(clause, self.hearing)
            except Ask as ask:
                self.asked = self.asked or ask
                return None
            except (ValidationError, OverflowError):  # longer or larger than any wish may be, so none of this rule's
                continue
            if found is not None:
                return found
        return None


def parse(text: str, has_selection: bool, references: int = 0) -> Plan:
    """The plan for these words.

    Args:
        text: as typed.
        has_selection: whether something is selected.
        references: how many pictures were given beside the layer; they are numbered from 1.

    Returns:
        Operations in order with their sentences, or none and in ``unsure`` what was not understood and what to try.
    """
    plan = _by_rules(text, has_selection, references)
    return plan if plan.ops else filled(text, has_selection) or plan


def filled(text: str, has_selection: bool, model: str = "", *, clearly: bool = False) -> Plan | None:
    """“A red barn” as “fill with a red barn”: words that are nothing but a thing's name, over a selection, for a model
    that the words name or that was named otherwise. None where they are more, less, or for no open model; ``clearly``:
    or where they may be meant for what is selected (“blue eyes”, “a smile”)."""
    if not has_selection or len(text) > LONGEST_TEXT:
        return None
    said, named = model_of(plain(read(text)))
    name = named or ("" if unknown_model(said) else model)
    thing, hearing = thing_in(said), Hearing(has_selection)
    if name in ("", BUILT_IN) or thing is None or any(_understood(surely_respelled(said), hearing)):
        return None
    if clearly and not is_clear(thing):
        return None
    plan, _ = _plan(plain(read(f"fill with {thing.raw()}")), hearing)
    if plan is None or len(plan.ops) != 1 or plan.keep or not isinstance(plan.ops[0], Replace):
        return None
    return plan if named is None else drawn_by(named, plan)


def _by_rules(text: str, has_selection: bool, references: int) -> Plan:
    hearing = Hearing(has_selection, references)
    if len(text) > LONGEST_TEXT:
        return _unsure(
            f"That is longer than {LONGEST_TEXT} characters. Say it shorter, for example {suggestions('', hearing)}."
        )
    said, model = model_of(plain(read(text)))
    if not any(char.isalnum() for token in said.tokens for char in token.norm):
        if not len(said) or not any(token.norm == "¤" for token in said.tokens):
            return _unsure(f"There are no words to go by. Try {suggestions('', hearing)}.")
        return _not_understood(text, hearing)
    if model is None and (name := unknown_model(said)) is not None:
        return _unsure(f"Inlay knows no model called “{name}”. `inlay models list` names those that it knows.")
    plan, asked = _understood(surely_respelled(said), hearing)
    if plan is not None and model is not None:
        plan, asked = _drawn_by(model, plan)
    if plan is not None:
        return plan
    return _unsure(str(asked)) if asked is not None else _not_understood(text, hearing, surely_respelled(said))


def _understood(said: Said, hearing: Hearing) -> tuple[Plan | None, Ask | None]:
    """What the rules make of it as it is, or else with one slip of spelling corrected."""
    plan, asked = _plan(said, hearing)
    if plan is None and asked is None and (other := respelled(said)) is not None:
        return _plan(other, hearing)
    return plan, asked


def _drawn_by(model: str, plan: Plan) -> tuple[Plan | None, Ask | None]:
    """The plan drawn by the model that was named."""
    named = drawn_by(model, plan)
    if named is None:
        return None, Ask(f"Nothing of that is drawn by a model: leave “{title_of(model)}” out, then say it again.")
    return named, None


def drawn_by(model: str, plan: Plan) -> Plan | None:
    """The plan with that model for everything that a model can draw; None where there is nothing of the kind."""
    ops = tuple(
        operation.model_copy(update={"model": model})
        if isinstance(operation, Drawn) and getattr(operation, "reference", None) is None
        else operation
        for operation in plan.ops
    )
    return None if ops == plan.ops else Plan.of(ops, plan.keep)


def instruction_in(text: str, *, has_selection: bool, references: int = 0) -> tuple[str, str | None] | None:
    """Words that no rule reads and that may still tell a model what to do: those, and the model that they name.

    None where the rules understand them or know what to answer: a question about Inlay, something that the host does,
    something that is only lacking. “Make it winter using editmgt” is one: what the rules make of it, no model draws.
    """
    hearing = Hearing(has_selection, references)
    if len(text) > LONGEST_TEXT:
        return None
    said, model = model_of(plain(read(text)))
    if sum(any(char.isalpha() for char in token.norm) for token in said.tokens) < _LEAST_INSTRUCTION_WORDS:
        return None
    if _HELP.fullmatch(said.norm) or _OF_THE_HOST.fullmatch(said.norm) or is_only_a_model(said):
        return None
    plan, asked = _understood(surely_respelled(said), hearing)
    if plan is None:
        return None if asked is not None or (model is None and unknown_model(said)) else (said.raw(), model)
    looks_back = any(isinstance(operation, Undo | Redo) for operation in plan.ops)
    is_named_in_vain = model is not None and not looks_back and drawn_by(model, plan) is None
    return (said.raw(), model) if is_named_in_vain else None


def is_for_a_model(text: str) -> bool:
    """Whether there are words here that the rules cannot read, whatever is selected and however many references there
    are: what only lacks one of those is understood, and asked for."""
    has_words = any(char.isalnum() for char in text) and len(text) <= LONGEST_TEXT
    return has_words and bool(_by_rules(text, True, _MOST_REFERENCES).unsure)


def _plan(said: Said, hearing: Hearing) -> tuple[Plan | None, Ask | None]:
    clauses: list[list[Wish]] = []
    for part in in_order(said):
        places = cuts(part)
        if len(places) > _MOST_CUTS:
            return None, Ask("That is too much at once. Say it in a few steps.")
        reader = _Reader(part, hearing, places)
        found = reader.read(0)
        if found is None:
            return None, reader.asked
        clauses += [*found, [Wish("step")]]
    if not any(wish.op not in ("keep", "mention", "step") for clause in clauses for wish in clause):
        return None, None
    try:
        ops, keep = resolve(clauses, hearing)
        _check(ops, hearing)
        return Plan.of(ops, keep), None
    except NeedsSelection as ask:
        return None, Ask(f"“{shown(said.text)}” needs a selection: {ask}, then say it again.")
    except Ask as ask:
        return None, ask
    except (ValidationError, OverflowError):  # longer or larger than any wish may be
        return None, None


def _check(ops: Sequence[AnyOperation], hearing: Hearing) -> None:
    """What a plan from anywhere must hold: its references are there, and it is of a sensible length."""
    if len(ops) > _MOST_OPERATIONS:
        raise Ask("That is too much at once. Say it in a few steps.")
    used: list[int] = []
    for operation in ops:
        if isinstance(operation, PlaceImage | BackgroundReplace | Restyle) and operation.reference is not None:
            used.append(operation.reference)
        elif isinstance(operation, Combine):
            used += operation.references
        elif isinstance(operation, AddText) and not operation.text.strip():
            raise Ask("What should be written? Put the words between quotes.")
    missing = sorted({number for number in used if number > hearing.references})
    if missing:
        there = {0: "no picture was added", 1: "only one picture was added"}.get(
            hearing.references, f"only {hearing.references} pictures were added"
        )
        raise Ask(f"There is no image {missing[0]}: {there}. Add it as a reference, then say it again.")


def check_plan(plan: Plan, text: str, has_selection: bool, references: int = 0) -> str | None:
    """Why a plan that was not made by the rules cannot be taken for these words; None when it can.

    Args:
        plan: as a language model gave it.
        text: what was typed; added text must be in it letter for letter.
        has_selection: whether something is selected.
        references: how many references there are.
    """
    if not plan.ops:
        return "it holds no operation"
    for operation in plan.ops:
        if isinstance(operation, AddText) and operation.text not in text:
            return "its text is not what was typed"
        if isinstance(operation, Instruct):
            return "it hands the words on"
        if isinstance(operation, Drawn) and operation.model is not None:
            return "it chooses a model, which the person or the bridge does"
        if (
            isinstance(operation, Drawn)
            and not isinstance(operation, Combine)
            and getattr(operation, "references", None)
        ):
            return "it shows pictures to a model, which the bridge does"
        if not has_selection and "selection" in (getattr(operation, "region", None), getattr(operation, "place", None)):
            return "it needs a selection"
    try:
        _check(plan.ops, Hearing(has_selection, references))
    except Ask as ask:
        return str(ask)
    return None


def _is_quoted(clause: Said) -> bool:
    return any(token.norm.startswith('"') for token in clause.tokens)


def _may_borrow(wish: Wish, verb: str) -> bool:
    """“Add a tree and a bench” is one prompt, not two; “put image 1 left and image 2 right” are two."""
    return (
        not (wish.op == "replace" and verb in ("add", "insert", "put", "place", "draw", "paint"))
        or wish.where is not None
    )


def _not_understood(text: str, hearing: Hearing, said: Said | None = None) -> Plan:
    if said is not None and _HELP.fullmatch(said.norm):
        return _unsure(f"{_WHAT_IT_DOES} Try {suggestions('', hearing)}.")
    if said is not None and (own := _OF_THE_HOST.fullmatch(said.norm)):
        return _unsure(
            f"Inlay does not {own['verb']}: your own program does that, and to the bit. Try {suggestions('', hearing)}."
        )
    part = _first_unknown(said, hearing) if said is not None else None
    return _unsure(f"“{shown(part or text)}” is not understood. Try {suggestions(part or text, hearing)}.")


def _first_unknown(said: Said, hearing: Hearing) -> str | None:
    """The first clause that means nothing on its own, so that the person sees which."""
    places = [cut for cut in cuts(said) if cut.is_strong or len(said) > 6]
    if not places or len(places) > _MOST_CUTS:
        return None
    starts = [0, *(cut.at for cut in places)]
    ends = [*(cut.end for cut in places), len(said)]
    for start, end in zip(starts, ends, strict=True):
        part = said.part(start, end)
        if len(part) and _Reader(part, hearing, []).read(0) is None:
            return part.raw()
    return None


def _unsure(what: str) -> Plan:
    return Plan(unsure=(what,))
