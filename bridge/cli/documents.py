"""Which documents a person means who types a file's name or an id."""

from __future__ import annotations

from pathlib import Path

from bridge.cli.terminal import document_key
from bridge.client import InlayClient
from bridge.errors import NotFound
from bridge.protocol import messages as m


async def documents_called(client: InlayClient, wanted: str) -> tuple[m.DocumentInfo, ...]:
    """All documents that this may mean, at least one.

    Raises:
        NotFound: there is none.
    """
    keys = {wanted, document_key(Path(wanted))}
    found = tuple(one for one in await client.documents() if one.document_id == wanted or one.key in keys)
    if not found:
        raise NotFound(f"document as “{wanted}” in the history")
    return found
