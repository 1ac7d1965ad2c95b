"""Deleting documents and bringing them back, for the Python client."""

from __future__ import annotations

from bridge.client.client import InlayClient
from bridge.protocol import messages as m


class Bin:
    """One's own documents in the bin, through a connection; raises as `bridge.client.Review`."""

    def __init__(self, client: InlayClient) -> None:
        self._client = client

    async def delete(self, document_id: str) -> None:
        """Put a document into the bin: it is gone for everybody at once."""
        await self._client.request(lambda number: m.DocumentDelete(id=number, document_id=document_id), m.Done)

    async def restore(self, document_id: str) -> None:
        """Bring it back, with everything that was in it."""
        await self._client.request(lambda number: m.DocumentRestore(id=number, document_id=document_id), m.Done)

    async def list(self) -> tuple[m.BinnedInfo, ...]:
        """What is in the bin, the last first."""
        return (await self._client.request(lambda number: m.BinList(id=number), m.BinIs)).documents
