"""Searching, for the Python client."""

from __future__ import annotations

from bridge.client.client import InlayClient
from bridge.protocol import messages as m


class Search:
    """Searches what one may see, through a connection; raises as `bridge.client.Review`."""

    def __init__(self, client: InlayClient) -> None:
        self._client = client

    async def find(self, query: str, *, document_id: str | None = None, skip: int = 0) -> m.SearchFound:
        """A page of what fits, the latest first: ``warmer by:ana after:2026-11-01 op:relight is:approved``.

        Raises:
            RemoteError: ``search_unclear``: the query cannot be read; the hint says how they are written.
        """
        return await self._client.request(
            lambda number: m.Search(id=number, query=query, document_id=document_id, skip=skip), m.SearchFound
        )
