"""`inlay gc`: ends what was in the bin for long enough, frees what nothing needs, and counts both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bridge.cli.terminal import console, messages, print_json, run, settings_from
from bridge.compose import TILES
from bridge.errors import StorageDamaged
from bridge.history.gc import Collected, collect
from bridge.history.store import History
from bridge.history.sweep import Count
from bridge.settings import Settings


def gc_command(
    document: Annotated[str, typer.Argument(help="With --now: end only this document of the bin, by its id.")] = "",
    now: Annotated[bool, typer.Option("--now", help="Also what was deleted less than 30 days ago.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; nothing is removed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """End what was deleted 30 days ago, free the disk of what no version needs, and prove it by counting."""
    if document and not now:
        raise typer.BadParameter("Ending one document for good needs --now.", param_hint="DOCUMENT")
    settings = settings_from(data_folder=data)
    done = run(_collect(settings, now=now, only=document or None, dry_run=dry_run))
    if as_json:
        print_json(_fields(done))
    else:
        _show(done, dry_run=dry_run)
    if done.missing:
        raise StorageDamaged(
            f"{done.missing} blobs that versions need are not in the data folder.",
            hint="They were lost before: nothing that is needed is ever removed. Restore the folder from a backup.",
        )


async def _collect(settings: Settings, *, now: bool, only: str | None, dry_run: bool) -> Collected:
    history = await History.open(settings.data_folder, durable=settings.durable)
    try:
        made_again = (settings.data_folder / TILES,)
        return await collect(history, settings.data_folder, now=now, only=only, dry_run=dry_run, made_again=made_again)
    finally:
        await history.close()


def _show(done: Collected, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    table = Table("", "blobs", "bytes")
    for name, one in (
        ("before", done.swept.before),
        ("needed", done.swept.needed),
        (f"{would}freed", done.swept.freed),
        ("too young to be sure", done.swept.young),
        ("after", done.after),
    ):
        table.add_row(name, f"{one.blobs:,}", f"{one.bytes:,}")
    console().print(table)
    out = messages()
    out.print(f"✓ {done.documents} documents {would}ended for good.", markup=False)
    if not done.missing:
        out.print("✓ Everything that a version, mask, profile or picture refers to is here.", markup=False)
    if done.swept.young.blobs:
        out.print("  A bridge runs: what was stored in the last hour stays until a later `inlay gc`.", markup=False)


def _fields(done: Collected) -> dict[str, object]:
    def fields(count: Count) -> dict[str, int]:
        return {"blobs": count.blobs, "bytes": count.bytes}

    swept = done.swept
    return {
        "documents": done.documents,
        "before": fields(swept.before),
        "needed": fields(swept.needed),
        "freed": fields(swept.freed),
        "young": fields(swept.young),
        "after": fields(done.after),
        "missing": done.missing,
    }
