"""The commands that are thin: demo, doctor, bench and the protocol's export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bridge.cli.terminal import EXIT_FAILED, console, run, settings_from


def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("inlay-demo"),
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 10, help="Other seeds, other fills.")] = 1,
    gallery: Annotated[bool, typer.Option("--gallery", help="One edit of every operation instead.")] = False,
) -> None:
    """Edit three photographs through a bridge of its own, and look at what came of it."""
    from bridge.demo.gallery import run_gallery  # noqa: PLC0415 -- `inlay --help` needs none of it
    from bridge.demo.run import demo  # noqa: PLC0415

    if not run((run_gallery if gallery else demo)(out, seed, console())):
        raise typer.Exit(EXIT_FAILED)


def doctor_command(
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Look whether all is as it should be; each line is ok or says what to do."""
    from bridge.doctor import examine  # noqa: PLC0415

    out = console()
    findings = examine(settings_from(data_folder=data))
    for finding in findings:
        mark = "[bold green]✓[/]" if finding.ok else "[bold red]✗[/]"
        out.print(f"{mark} {finding.what:<12} {finding.found}", soft_wrap=True)
        if not finding.ok:
            out.print(f"  {'':<12} {finding.remedy}", soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(EXIT_FAILED)


def bench_command(
    name: Annotated[str | None, typer.Argument(help="Which; see --list.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON, the last on stdout.")] = False,
    list_all: Annotated[bool, typer.Option("--list", help="Name all benchmarks.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for what a benchmark writes.")] = Path("inlay-bench"),
    quick: Annotated[bool, typer.Option("--quick", help="Fewer cases, to see that it runs.")] = False,
) -> None:
    """Measure, and say whether the bars hold; exit code 1 when one does not."""
    from bridge.bench.runner import list_benchmarks, run_benchmark  # noqa: PLC0415

    if list_all or name is None:
        table = Table("name", "what it measures")
        for title, summary in list_benchmarks():
            table.add_row(title, summary)
        console().print(table)
        return
    if not run_benchmark(name, out, quick=quick, as_json=as_json):
        raise typer.Exit(EXIT_FAILED)


def export(folder: Path) -> None:
    """Write the protocol's documents."""
    from bridge.protocol.export import write  # noqa: PLC0415

    write(folder)
    console().print(f"[bold green]✓[/] Written to {folder}.", soft_wrap=True)
