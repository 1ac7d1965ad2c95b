"""All commands in one place: what `inlay --help` shows, and how errors end them."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge import logs
from bridge.cli import export, tools
from bridge.cli.bin import bin_command, delete_command, restore_command
from bridge.cli.comments import comments_command
from bridge.cli.edit import edit_command
from bridge.cli.gc import gc_command
from bridge.cli.history import history_command
from bridge.cli.invite import invite_command, invites_command
from bridge.cli.models import models_app
from bridge.cli.models_use import use_command
from bridge.cli.plan import plan_command
from bridge.cli.plugins import plugins_app
from bridge.cli.review import review_command
from bridge.cli.search import search_command
from bridge.cli.serve import pair_command, serve_command
from bridge.cli.terminal import EXIT_FAILED, console, print_error
from bridge.cli.train import train_command
from bridge.errors import BridgeError
from bridge.server import bridge_version
from engine.errors import EngineError

app = typer.Typer(
    name="inlay",
    help="Edit part of a picture by words, on this machine: the rest is untouched to the bit, every edit is kept.",
    epilog="Start with: inlay demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
protocol_app = typer.Typer(no_args_is_help=True, help="The protocol that plugins speak.")


def _print_version(wanted: bool) -> None:
    if wanted:
        console().print(f"Inlay {bridge_version()}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything, show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Runs before every command."""
    quiet = context.invoked_subcommand != "serve"
    # What fails in a quiet command reaches its person as an error; only `serve` has a log to read.
    level = logging.DEBUG if debug else logging.CRITICAL if quiet else logging.INFO
    logs.configure(level=level)


app.command("demo", rich_help_panel="Use it")(tools.demo_command)
app.command("edit", rich_help_panel="Use it")(edit_command)
app.command("plan", rich_help_panel="Use it")(plan_command)
app.command("history", rich_help_panel="Use it")(history_command)
app.command("comments", rich_help_panel="Use it")(comments_command)
app.command("review", rich_help_panel="Use it")(review_command)
app.command("export", rich_help_panel="Use it")(export.export_command)
app.command("import", rich_help_panel="Use it")(export.import_command)
app.command("report", rich_help_panel="Use it")(export.report_command)
app.command("invite", rich_help_panel="Use it")(invite_command)
app.command("invites", rich_help_panel="Use it")(invites_command)
app.command("search", rich_help_panel="Use it")(search_command)
app.command("delete", rich_help_panel="Use it")(delete_command)
app.command("bin", rich_help_panel="Use it")(bin_command)
app.command("restore", rich_help_panel="Use it")(restore_command)
app.command("serve", rich_help_panel="Run the bridge")(serve_command)
app.command("pair", rich_help_panel="Run the bridge")(pair_command)
app.add_typer(plugins_app, name="plugins", rich_help_panel="Run the bridge")
models_app.command("use")(use_command)
app.add_typer(models_app, name="models", rich_help_panel="Run the bridge")
app.command("gc", rich_help_panel="Run the bridge")(gc_command)
app.command("doctor", rich_help_panel="Run the bridge")(tools.doctor_command)
app.command("bench", rich_help_panel="For developers")(tools.bench_command)
app.command("train", rich_help_panel="For developers")(train_command)
app.add_typer(protocol_app, name="protocol", rich_help_panel="For developers")


@protocol_app.callback()
def protocol_options() -> None:
    """The protocol that plugins speak."""


@protocol_app.command("export")
def export_command(folder: Annotated[Path, typer.Argument(help="Where the files go.", metavar="DIR")]) -> None:
    """Write the protocol as JSON Schema, AsyncAPI and TypeScript."""
    tools.export(folder)


def main() -> None:
    """The entry point; errors become one clear line and exit code 1, wrong usage 2, Ctrl-C 130."""
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows may be cp1252; our texts have ✗, × and tree lines.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except (BridgeError, EngineError) as error:
        if "--debug" in sys.argv:
            raise
        print_error(error)
        sys.exit(EXIT_FAILED)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        print_error(error)
        sys.exit(EXIT_FAILED)
