"""`inlay delete`, `inlay bin`, `inlay restore`: documents into the bin, and back."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, document_key, messages, run, settings_from
from bridge.client import Bin, InlayClient
from bridge.errors import NotFound, OutOfOrder
from bridge.local import any_bridge
from bridge.settings import Settings

_Data = Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")]
_Document = Annotated[str, typer.Argument(help="A picture file, or a document's id.")]


def delete_command(document: _Document, data: _Data = None) -> None:
    """Put a document into the bin: gone for everybody at once, kept for 30 days. Your own files are not touched."""
    run(_delete(document, settings_from(data_folder=data)))


def restore_command(document: _Document, data: _Data = None) -> None:
    """Bring a document back from the bin, with its versions, comments and people."""
    run(_restore(document, settings_from(data_folder=data)))


def bin_command(data: _Data = None) -> None:
    """Show which documents are in the bin, and until when they can be brought back."""
    run(_list(settings_from(data_folder=data)))


async def _delete(wanted: str, settings: Settings) -> None:
    async with _connected(settings) as client:
        document, *others = await documents_called(client, wanted)
        if others:
            raise OutOfOrder(f"“{wanted}” may be {1 + len(others)} documents.", hint="Name one by its id.")
        await Bin(client).delete(document.document_id)
        (binned,) = (one for one in await Bin(client).list() if one.document_id == document.document_id)
        messages().print(
            f"✓ {document.title or document.key} is in the bin, until {_day(binned.ends_at)}.", markup=False
        )
        messages().print(f"  Bring it back: inlay restore {document.document_id}", markup=False)


async def _restore(wanted: str, settings: Settings) -> None:
    async with _connected(settings) as client:
        keys = {wanted, document_key(Path(wanted))}
        found = [one for one in await Bin(client).list() if one.document_id == wanted or one.key in keys]
        if not found:
            raise NotFound(f"document as “{wanted}” in the bin")
        await Bin(client).restore(found[0].document_id)
        messages().print(f"✓ {found[0].title or found[0].key} is back.", markup=False)


async def _list(settings: Settings) -> None:
    async with _connected(settings) as client:
        found = await Bin(client).list()
        if not found:
            console().print("The bin is empty.")
            return
        table = Table(Column("document", no_wrap=True), "title", "deleted", "kept until", "versions", "comments")
        for one in found:
            cells = (one.document_id, one.title or one.key, _day(one.deleted_at), _day(one.ends_at))
            table.add_row(*(Text(cell) for cell in cells), str(one.versions), str(one.comments))
        console().print(table)


def _day(moment: str) -> str:
    return moment[:10]


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncGenerator[InlayClient]:
    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay bin") as client,
    ):
        yield client
