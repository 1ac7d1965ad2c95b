"""The room that answers for open models: which there are, and which one a document is pinned to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bridge.connection import Outbox
from bridge.editing.models import AUTO, NoModel, OpenModels
from bridge.history.store import History
from bridge.protocol import messages as m
from engine.commands.models import BUILT_IN
from engine.models.catalogue import open_entries

ModelMessage = m.ModelList | m.DocumentModel


class ModelRoom:
    """Answers for open models.

    Args:
        models: those whose weights are here, asked anew each time: somebody may have pulled one.
    """

    def __init__(self, history: History, models: Callable[[], OpenModels]) -> None:
        self._history = history
        self._models = models

    async def answer(self, message: ModelMessage, out: Outbox) -> None:
        """Answer one message.

        Raises:
            NoModel: a document is to be pinned to a model that Inlay does not know.
            NotFound: there is no such document.
        """
        present = (await asyncio.to_thread(self._models)).present
        match message:
            case m.ModelList():
                infos = tuple(
                    m.ModelInfo(
                        name=entry.name,
                        title=entry.title,
                        abilities=tuple(sorted(entry.abilities)),
                        present=entry.name in present,
                    )
                    for entry in open_entries()
                )
                await out.send(m.Models(re=message.id, models=infos))
            case m.DocumentModel(document_id=document_id, model=name):
                if name not in (AUTO, BUILT_IN) and name not in {entry.name for entry in open_entries()}:
                    raise NoModel(
                        f"Inlay knows no model called “{name}”.", hint="`inlay models list` names those it knows."
                    )
                await self._history.versions.pin_model(document_id, name, out.person)
                is_here = name in (AUTO, BUILT_IN) or name in present
                answer = m.DocumentModelIs(re=message.id, document_id=document_id, model=name, present=is_here)
                await out.send(answer)
