"""`inlay models`: which models there are, and pulling, checking and removing those with open weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from bridge.cli.terminal import EXIT_INTERRUPTED, console, messages, print_json, settings_from
from bridge.settings import Settings
from bridge.weights import Hub, Manifest, Shelf, plan_of, pull, take_folder
from bridge.weights.device import Fit, needs_here
from bridge.weights.errors import BuiltIn, Damaged, NotAccepted
from bridge.weights.pull import Planned
from bridge.weights.wording import CAN, FAST, does, gigabytes, state_of
from engine.models.catalogue import ENTRIES, Entry, entry_of

models_app = typer.Typer(no_args_is_help=True, help="The models that draw: built-in ones, and open weights to pull.")
_Data = Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")]
_Json = Annotated[bool, typer.Option("--json", help="JSON, a model a line.")]
_Name = Annotated[str, typer.Argument(help="As `inlay models list` names it.", metavar="NAME")]


@models_app.callback()
def models_options() -> None:
    """The models that draw: built-in ones, and open weights to pull."""


@models_app.command("list")
def list_command(as_json: _Json = False, data: _Data = None) -> None:
    """Every model: what it does, how large it is, on which terms, and whether it is here."""
    shelf = Shelf(settings_from(data_folder=data).models_folder)
    if as_json:
        for entry in ENTRIES:
            print_json(_fields(entry, shelf))
        return
    table = Table("", "name", "does", "size", "native", "fast", "terms", box=None, pad_edge=False)
    for entry in ENTRIES:
        mark = {"built-in": "●", "here": "[green]✓[/]", "broken": "[red]✗[/]", "not here": "[dim]○[/]"}
        table.add_row(
            mark[state_of(entry, shelf)],
            f"[bold]{entry.name}[/]",
            does(entry),
            gigabytes(entry.bytes) if entry.bytes else "–",
            f"{entry.native_px} px" if entry.native_px else "any",
            {"exact": "exact", "approximate": "approx.", "none": "–"}[entry.fast.value],
            " + ".join(licence.name.removesuffix(" Terms of Use") for licence in entry.licences),
        )
    console().print(table)
    out = console()
    out.print(
        "paint: draw words into a selection, remove, extend; instruct: do what is said (“make it look like winter”); "
        "reference: look at another picture with the words; approx.: exact when asked for, slower",
        style="dim",
    )
    out.print("● built in   ✓ here   ✗ not whole   ○ to be pulled: `inlay models pull NAME`", style="dim")


@models_app.command("info")
def info_command(name: _Name, as_json: _Json = False, data: _Data = None) -> None:
    """One model: its memory on this device and in which way it fits, its terms, where it comes from."""
    settings = settings_from(data_folder=data)
    entry, shelf = entry_of(name), Shelf(settings.models_folder)
    fits = () if entry.is_built_in else needs_here(entry, settings)
    if as_json:
        print_json({**_fields(entry, shelf), "memory": [fit.fields() for fit in fits]})
        return
    out = console()
    out.print(f"[bold]{entry.title}[/]  {escape(entry.about)}", soft_wrap=True)
    for label, text in _lines(entry, shelf):
        out.print(f"  {label:<10} {escape(text)}", soft_wrap=True)
    if fits:
        _print_memory(fits)
    for licence in entry.licences:
        out.print(f"  {'terms':<10} [bold]{licence.name}[/]  {escape(licence.says)}", soft_wrap=True)
        out.print(f"  {'':<10} {licence.url}", soft_wrap=True, style="dim")


@models_app.command("pull")
def pull_command(
    name: _Name,
    accept_licence: Annotated[bool, typer.Option("--accept-licence", help="Yes to its terms, for scripts.")] = False,
    from_: Annotated[Path | None, typer.Option("--from", help="A folder of its weights, instead of the hub.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Address of a mirror; else INLAY_MODELS_MIRROR.")] = None,
    revision: Annotated[str | None, typer.Option(help="A commit or branch of its repository.")] = None,
    data: _Data = None,
) -> None:
    """Fetch a model's weights: goes on where it broke off, and counts only when all of it is checked."""
    settings = settings_from(data_folder=data, models_mirror=endpoint)
    entry, shelf = entry_of(name), Shelf(settings.models_folder)
    if entry.is_built_in:
        raise BuiltIn(entry.name)
    _accept(entry, shelf, accept_licence)
    try:
        manifest = _pulled(entry, shelf, settings, revision) if from_ is None else _taken(entry, shelf, from_)
    except KeyboardInterrupt:
        rest = "run it again and it goes on where it was" if from_ is None else "nothing is left of the copy"
        messages().print(f"Stopped; {rest}.")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    console().print(
        f"[bold green]✓[/] {entry.title} is here: {len(manifest.files)} files, {gigabytes(manifest.bytes)}, "
        "every checksum right.",
        soft_wrap=True,
    )


@models_app.command("remove")
def remove_command(name: _Name, data: _Data = None) -> None:
    """Take a model's weights off the disk."""
    entry, shelf = entry_of(name), Shelf(settings_from(data_folder=data).models_folder)
    console().print(f"[bold green]✓[/] {entry.title} is removed: {gigabytes(shelf.remove(entry))} freed.")


@models_app.command("verify")
def verify_command(name: _Name, data: _Data = None) -> None:
    """Read all of a model's files again and compare their checksums."""
    entry, shelf = entry_of(name), Shelf(settings_from(data_folder=data).models_folder)
    if entry.is_built_in:
        raise BuiltIn(entry.name)
    manifest = shelf.manifest(entry.name)
    with _bar() as bar:
        task = bar.add_task("reading", total=manifest.bytes)
        faults = shelf.verify(entry.name, lambda count: bar.advance(task, count))
    if not faults:
        console().print(f"[bold green]✓[/] {entry.title} is whole: {len(manifest.files)} files as they were pulled.")
        return
    for fault in faults:
        console().print(f"[bold red]✗[/] {escape(fault.path)} is {fault.what}", soft_wrap=True)
    hint = f"`inlay models remove {entry.name}`, then `inlay models pull {entry.name}`."
    raise Damaged(f"{entry.title} is not as it was pulled: {len(faults)} of its files.", hint=hint)


def _accept(entry: Entry, shelf: Shelf, given: bool) -> None:
    """Show the model's terms, unless they were accepted before, and have them accepted.

    Raises:
        NotAccepted: they were not.
    """
    before = shelf.has_accepted(entry)
    if before is not None:
        messages().print(f"Terms accepted on {before:%Y-%m-%d %H:%M} UTC.", style="dim")
        return
    out = messages()
    for licence in entry.licences:
        out.print(f"[bold]{licence.name}[/]  {escape(licence.says)}", soft_wrap=True)
        out.print(f"  {licence.url}", soft_wrap=True, style="dim")
    if not given:
        if not is_terminal():
            raise NotAccepted(f"The terms of {entry.title} have to be accepted before it is pulled.")
        if not typer.confirm(f"Accept these terms of {entry.title}?", default=False, err=True):
            raise NotAccepted(f"The terms of {entry.title} were not accepted, so nothing was pulled.")
    shelf.accept(entry)


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _pulled(entry: Entry, shelf: Shelf, settings: Settings, revision: str | None) -> Manifest:
    hub = Hub(settings.models_mirror, offline=settings.models_offline)
    plan = plan_of(entry, shelf, hub, revision)
    out = messages()
    for origin in plan.origins:
        out.print(f"{origin.repo} at {origin.commit[:12]} from {origin.address}", style="dim", soft_wrap=True)
    rest = f", {gigabytes(plan.here)} of it here already" if plan.here else ""
    out.print(f"{len(plan.files)} files, {gigabytes(plan.bytes)}{rest}.")
    if plan.left:
        out.print(f"{len(plan.left)} pickles are left: reading one runs whatever code is in it.")
    with _bar() as bar:
        task = bar.add_task("", total=plan.bytes, completed=plan.here)

        def starts(file: Planned) -> None:
            bar.update(task, description=escape(file.path[-40:]))

        return pull(plan, shelf, hub, advance=lambda count: bar.advance(task, count), starts=starts)


def _taken(entry: Entry, shelf: Shelf, folder: Path) -> Manifest:
    with _bar() as bar:
        task = bar.add_task("copying", total=None)
        return take_folder(entry, folder, shelf, advance=lambda count: bar.advance(task, count))


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=messages(),
        transient=True,
    )


def _lines(entry: Entry, shelf: Shelf) -> list[tuple[str, str]]:
    abilities = ", ".join(CAN[ability] for ability in sorted(entry.abilities))
    lines = [
        ("here", _here(entry, shelf)),
        ("size", gigabytes(entry.bytes) if entry.bytes else "no weights"),
        ("does", abilities or entry.about),
        ("native", f"{entry.native_px} px, tokens of {entry.token_px} px" if entry.native_px else "any size"),
        ("fast mode", FAST[entry.fast]),
    ]
    if entry.published:
        lines.append(("published", entry.published))
    lines += _origins(entry, shelf)
    return lines


def _origins(entry: Entry, shelf: Shelf) -> list[tuple[str, str]]:
    """Where it came from, or would come from."""
    if shelf.has(entry.name):
        origins = shelf.manifest(entry.name).origins
        return [("from", f"{one.repo} at {one.commit}" if one.repo else one.address) for one in origins]
    lines: list[tuple[str, str]] = []
    for source in entry.sources:
        revision = f" at {source.revision}" if source.revision else ""
        only = f", if the first has no {source.unless}" if source.unless else ""
        lines.append(("from", f"{source.repo}{revision}{only}"))
    return lines + [("", reason) for reason in {source.unpinned for source in entry.sources if source.unpinned}]


def _here(entry: Entry, shelf: Shelf) -> str:
    state = state_of(entry, shelf)
    if state == "here":
        manifest = shelf.manifest(entry.name)
        return f"since {manifest.pulled_at:%Y-%m-%d}, {gigabytes(manifest.bytes)}, in {shelf.path(entry.name)}"
    pulling = shelf.pulling(entry.name).is_dir()
    return {
        "built-in": "comes with the program",
        "broken": f"not whole: `inlay models verify {entry.name}` says what",
        "not here": f"{'broken off' if pulling else 'no'}: `inlay models pull {entry.name}`",
    }[state]


def _print_memory(fits: tuple[Fit, ...]) -> None:
    out = console()
    out.print(f"  {'memory':<10} on {escape(fits[0].device)}, {gigabytes(fits[0].free_bytes)} free", soft_wrap=True)
    for fit in fits:
        mark = "[green]✓ fits[/]" if fit.fits else "[red]✗ does not fit[/]"
        out.print(
            f"  {'':<10} {fit.way:<8} {gigabytes(fit.total_bytes):>8}  {mark}  [dim]{fit.parts}[/]", soft_wrap=True
        )


def _fields(entry: Entry, shelf: Shelf) -> dict[str, object]:
    return {
        "name": entry.name,
        "title": entry.title,
        "about": entry.about,
        "state": state_of(entry, shelf),
        "abilities": sorted(entry.abilities),
        "native_px": entry.native_px,
        "token_px": entry.token_px,
        "fast": entry.fast.value,
        "bytes": entry.bytes,
        "licences": [{"name": licence.name, "url": licence.url} for licence in entry.licences],
        "repositories": [source.repo for source in entry.sources],
        "published": entry.published,
    }
