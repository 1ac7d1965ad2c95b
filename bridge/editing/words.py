"""③ Words → plan: the rules; where they do not understand, the language model if there is one, and else an open model
that edits by instruction, which is given the words as they are.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bridge.editing.models import OpenModels, abilities_of
from bridge.language import LanguageModel
from engine.commands import parse
from engine.commands.grammar import drawn_by, filled, instruction_in, is_for_a_model
from engine.commands.plan import Instruct, Plan
from engine.models.catalogue import Ability

# A command is a few dozen characters and read at once; a long one could hold the loop for a moment.
_SHORT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Words:
    """Reads commands.

    Attributes:
        model: asked only for what the rules do not understand; None: then that is asked back.
    """

    model: LanguageModel | None = None

    async def plan(
        self, text: str, *, has_selection: bool, references: int = 0, models: OpenModels | None = None
    ) -> Plan:
        """The plan for these words; with ``unsure`` when nobody understands them.

        Args:
            text: as typed.
            has_selection: whether something is selected.
            references: how many pictures came with it.
            models: the open models that are here, and what was said of them.
        """
        if len(text) <= _SHORT_CHARS:
            plan = parse(text, has_selection, references)
        else:
            plan = await asyncio.to_thread(parse, text, has_selection, references)
        # What only lacks a selection or a reference is understood: a model is not asked to guess it.
        if not plan.unsure or not is_for_a_model(text):
            return plan
        words, named = instruction_in(text, has_selection=has_selection, references=references) or (text, None)
        if self.model is not None:
            read = await self.model.plan(words, has_selection=has_selection, references=references)
            read = read if read is None or named is None else drawn_by(named, read)
            if read is not None:
                return read
        asked = _instruction(text, has_selection, references, models)
        return _filled(text, has_selection, models, asked) or asked or plan


def _filled(text: str, has_selection: bool, models: OpenModels | None, asked: Plan | None) -> Plan | None:
    """“A red barn” for the model that the edit names, or the document. A document's that can be told what to do is told
    it instead (``asked``), unless the words are clearly a thing's name."""
    if models is None:
        return None
    return filled(text, has_selection, models.named, clearly=asked is not None and not models.of_edit)


def _instruction(text: str, has_selection: bool, references: int, models: OpenModels | None) -> Plan | None:
    """The words as they are, for a model that reads them; None where there is none, or where they are no instruction.

    What was named or pinned and cannot do it is not passed over here: whoever runs the plan says so.
    """
    found = instruction_in(text, has_selection=has_selection, references=references)
    if found is None or models is None:
        return None
    words, named = found
    if named is None and not models.can(Ability.INSTRUCT):
        return None
    if named is not None and Ability.INSTRUCT not in abilities_of(named) and filled(text, has_selection=True):
        return None  # it draws that once something is selected
    region = "selection" if has_selection else "all"
    return Plan.of((Instruct(region=region, prompt=words, model=named),))
