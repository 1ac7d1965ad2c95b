"""Open models, for the Python client: which there are, and which one a document is pinned to."""

from __future__ import annotations

from bridge.client.client import InlayClient
from bridge.protocol import messages as m


class Models:
    """The bridge's open models, through a connection; raises as `bridge.client.Review`."""

    def __init__(self, client: InlayClient) -> None:
        self._client = client

    async def list(self) -> tuple[m.ModelInfo, ...]:
        """All that Inlay knows, best first, and which of them are there."""
        return (await self._client.request(lambda number: m.ModelList(id=number), m.Models)).models

    async def pin(self, document_id: str, name: str) -> m.DocumentModelIs:
        """Have that model draw in a document what the built-in ones cannot; ``auto``: whichever fits best."""
        return await self._client.request(
            lambda number: m.DocumentModel(id=number, document_id=document_id, model=name), m.DocumentModelIs
        )
