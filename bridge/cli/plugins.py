"""`inlay plugins export`: the Figma and the Photoshop plugin, ready to load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.terminal import console
from bridge.plugin_bundles import export_plugins

plugins_app = typer.Typer(no_args_is_help=True, help="The plugins for Figma and Photoshop.")

_HOW = {
    "figma": "Figma desktop app: Plugins → Development → Import plugin from manifest… → {folder}/manifest.json",
    "photoshop": "Photoshop: open {archive}, or add {folder}/manifest.json in the UXP Developer Tool",
}


@plugins_app.callback()
def plugins_options() -> None:
    """The plugins for Figma and Photoshop."""


@plugins_app.command("export")
def export_command(folder: Annotated[Path, typer.Argument(help="Where they go.", metavar="DIR")]) -> None:
    """Write both plugins into a folder, and say how to load each."""
    out = console()
    for plugin in export_plugins(folder):
        out.print(f"[bold green]✓[/] {plugin.name:<10} {plugin.folder}", soft_wrap=True)
        out.print(
            f"  {'':<10} {_HOW[plugin.name].format(folder=plugin.folder, archive=plugin.archive)}", soft_wrap=True
        )
    out.print("Then start the bridge with `inlay serve`, and type the code it shows into the plugin.", soft_wrap=True)
