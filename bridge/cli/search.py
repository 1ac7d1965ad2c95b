"""`inlay search`: versions, comments and verdicts, in all documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, messages, print_json, run, settings_from
from bridge.client import InlayClient, Search
from bridge.local import any_bridge
from bridge.protocol import messages as m
from bridge.settings import Settings

_HELP = (
    "Words, “words together”, -without, by:ana, after:2026-11-01, before:, on:, op:relight, is:approved, is:rejected, "
    "is:open, is:resolved, is:head, in:comments, in:versions, in:verdicts, layer:sky."
)


def search_command(
    query: Annotated[list[str], typer.Argument(help=_HELP)],
    document: Annotated[str, typer.Option("--document", help="Only this one: a picture file, or an id.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="Stop after so many.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON each.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Find versions, comments and verdicts by word, person, date, operation and state."""
    run(_search(" ".join(query), document, most, as_json, settings_from(data_folder=data)))


async def _search(query: str, wanted: str, most: int, as_json: bool, settings: Settings) -> None:
    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay search") as client,
    ):
        document_id = (await documents_called(client, wanted))[0].document_id if wanted else None
        shown = 0
        while True:
            found = await Search(client).find(query, document_id=document_id, skip=shown)
            for hit in found.hits[: most - shown]:
                if as_json:
                    print_json(hit.model_dump(mode="json"))
                else:
                    console().print(_line(hit), soft_wrap=True)
            shown = min(most, shown + len(found.hits))
            if shown >= min(most, found.total) or not found.hits:
                break
        if not as_json:
            more = f", {found.total - shown} more with --most" if found.total > shown else ""
            messages().print(f"{found.total or 'Nothing'} found{more}.", markup=False)


def _line(hit: m.HitInfo) -> Text:
    line = Text.assemble((hit.at[:16].replace("T", " "), "dim"), f"  {hit.kind:<8} {hit.author}: ")
    start = len(line)
    line.append(hit.text)
    for first, last in hit.marks:
        line.stylize("bold yellow", start + first, start + last)
    place = " · ".join(part for part in (hit.document_title or hit.document_id, hit.layer_name) if part)
    line.append(f"  ({place} · {hit.comment_id or hit.version_id})", "dim")
    return line
