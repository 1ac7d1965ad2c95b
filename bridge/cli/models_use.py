"""`inlay models use`: which open model draws in a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.documents import documents_called
from bridge.cli.terminal import messages, run, settings_from
from bridge.client import InlayClient, Models
from bridge.editing.models import AUTO
from bridge.errors import OutOfOrder
from bridge.local import any_bridge
from bridge.settings import Settings
from engine.commands.models import BUILT_IN, title_of


def use_command(
    name: Annotated[str, typer.Argument(help="A model's name, “auto” (Inlay chooses) or “built-in” (none of them).")],
    document: Annotated[
        str, typer.Option("--document", "--file", "-d", help="A picture file, or a document's id.", show_default=False)
    ],
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Choose the open model that draws in a document what the built-in ones cannot."""
    run(_use(name.strip().lower(), document, settings_from(data_folder=data)))


async def _use(name: str, wanted: str, settings: Settings) -> None:
    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay models") as client,
    ):
        document, *others = await documents_called(client, wanted)
        if others:
            raise OutOfOrder(f"“{wanted}” may be {1 + len(others)} documents.", hint="Name one by its id.")
        pinned = await Models(client).pin(document.document_id, name)
    messages().print(f"✓ {_says(pinned.model)} in {document.title or document.key}.", markup=False, soft_wrap=True)
    if not pinned.present:
        messages().print(
            f"  It is not on this machine yet; edits that need it wait for that: inlay models pull {name}",
            markup=False,
            soft_wrap=True,
        )


def _says(name: str) -> str:
    if name == AUTO:
        return "Inlay chooses the model"
    if name == BUILT_IN:
        return "Only the built-in models draw"
    return f"{title_of(name)} draws what the built-in models cannot"
