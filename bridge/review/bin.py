"""The room that answers for the bin; whether a person may was decided before."""

from __future__ import annotations

from bridge.connection import Outbox
from bridge.history.bin import Binned
from bridge.history.store import History
from bridge.protocol import messages as m

BinMessage = m.DocumentDelete | m.DocumentRestore | m.BinList
# Documents in one answer: it fits a frame.
_DOCUMENTS = 100


class BinRoom:
    """Deletes documents and brings them back."""

    def __init__(self, history: History) -> None:
        self._bin = history.bin

    async def answer(self, message: BinMessage, out: Outbox) -> None:
        """Answer one message.

        Raises:
            BridgeError: see `bridge.history.bin.Bin`.
        """
        match message:
            case m.DocumentDelete():
                await self._bin.delete(message.document_id, out.person)
                await out.send(m.Done(re=message.id))
            case m.DocumentRestore():
                await self._bin.restore(message.document_id, out.person)
                await out.send(m.Done(re=message.id))
            case m.BinList():
                found = await self._bin.list(out.person)
                infos = tuple(binned_info(one) for one in found[:_DOCUMENTS])
                await out.send(m.BinIs(re=message.id, documents=infos))


def binned_info(binned: Binned) -> m.BinnedInfo:
    return m.BinnedInfo(
        document_id=binned.document_id,
        key=binned.key,
        title=binned.title,
        deleted_at=binned.deleted_at.isoformat(),
        ends_at=binned.ends_at.isoformat(),
        versions=binned.versions,
        comments=binned.comments,
    )
