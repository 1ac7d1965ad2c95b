"""`inlay history`: what was done to a document, as a tree with times and words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, messages, run, settings_from
from bridge.cli.tree import version_tree
from bridge.client import InlayClient, Review
from bridge.local import any_bridge
from bridge.protocol import messages as m
from bridge.settings import Settings


def history_command(
    document: Annotated[
        str | None, typer.Argument(help="A picture file, or a document's id; without one, all are listed.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Show all versions of a document, with times and words."""
    run(_show(document, settings_from(data_folder=data)))


async def _show(wanted: str | None, settings: Settings) -> None:
    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay history") as client,
    ):
        if wanted is None:
            documents = await client.documents()
            for document in documents:
                console().print(f"{document.document_id}  {document.title or document.key}", soft_wrap=True)
            if not documents:
                console().print("Nothing has been edited yet.")
            return
        for document in await documents_called(client, wanted):
            await _show_document(client, document)


async def _show_document(client: InlayClient, document: m.DocumentInfo) -> None:
    opened = await Review(client).visit(document.document_id)
    for layer in opened.layers:
        title = document.title or document.key
        if len(opened.layers) > 1:
            title += f", layer {layer.name or layer.key}"
        versions, head = await client.tree_of(layer.layer_id)
        console().print(version_tree(f"{title} {layer.width}×{layer.height}", versions, head))
