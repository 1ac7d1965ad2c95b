"""③ Words → plan: the rules, and where they do not understand, the language model if there is one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bridge.language import LanguageModel
from engine.commands import parse
from engine.commands.grammar import is_for_a_model
from engine.commands.plan import Plan

# A command is a few dozen characters and read at once; a long one could hold the loop for a moment.
_SHORT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Words:
    """Reads commands.

    Attributes:
        model: asked only for what the rules do not understand; None: then that is asked back.
    """

    model: LanguageModel | None = None

    async def plan(self, text: str, *, has_selection: bool, references: int = 0) -> Plan:
        """The plan for these words; with ``unsure`` when nobody understands them."""
        if len(text) <= _SHORT_CHARS:
            plan = parse(text, has_selection, references)
        else:
            plan = await asyncio.to_thread(parse, text, has_selection, references)
        # What only lacks a selection or a reference is understood: a model is not asked to guess it.
        if not plan.unsure or self.model is None or not is_for_a_model(text):
            return plan
        return await self.model.plan(text, has_selection=has_selection, references=references) or plan
