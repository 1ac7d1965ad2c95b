"""`inlay serve` and `inlay pair`: the bridge, and who may talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from bridge.cli.lan import lan_panel
from bridge.cli.terminal import console, run, settings_from
from bridge.client import InlayClient, NotConnected
from bridge.compose import Bridge
from bridge.errors import StorageBusy
from bridge.history.disk import disk_errors, make_private_folder
from bridge.local import find_bridge, serving_bridge
from bridge.settings import Settings

_CODE_CHECK_S = 1.0
_LAN = "On the local network"
_OWNER_ONLY = 0o600


def serve_command(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.", show_default="9417")] = None,
    device: Annotated[str | None, typer.Option(help="cuda, mps, xpu or cpu; the best if left out.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=256, help="CPU threads of the engine.")] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="Also let browsers on the local network in, by TLS.", rich_help_panel=_LAN)
    ] = False,
    self_signed: Annotated[
        bool, typer.Option("--self-signed", help="Make a certificate on this machine.", rich_help_panel=_LAN)
    ] = False,
    cert: Annotated[
        Path | None, typer.Option("--cert", help="A certificate that you have (PEM).", rich_help_panel=_LAN)
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Its key (PEM).", rich_help_panel=_LAN)] = None,
    insecure_lan: Annotated[
        bool,
        typer.Option("--insecure-lan", help="Without TLS: all there can read along.", rich_help_panel=_LAN),
    ] = False,
    lan_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Its port.", show_default="9418", rich_help_panel=_LAN)
    ] = None,
    lan_pairing: Annotated[
        bool, typer.Option("--lan-pairing", help="Also let programs pair over the network.", rich_help_panel=_LAN)
    ] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Run the bridge that plugins connect to; prints its address and the pairing code."""
    given = {"self_signed": self_signed, "insecure": insecure_lan, "pairing": lan_pairing}
    settings = settings_from(
        port=port,
        device=device,
        threads=threads,
        data_folder=data,
        # What was not said on the command line may be in the environment.
        lan=lan or None,
        lan_port=lan_port,
        lan_cert=cert,
        lan_key=key,
        **{f"lan_{name}": value or None for name, value in given.items()},
    )
    if not settings.lan and (cert or key or lan_port is not None or any(given.values())):
        raise typer.BadParameter("These are for the local network: add --lan.", param_hint="--lan")
    run(_serve(settings))


def pair_command(
    code: Annotated[str | None, typer.Argument(help="With --connect: the code the bridge shows.")] = None,
    connect: Annotated[str | None, typer.Option("--connect", help="A bridge's address, ws://…/ws.")] = None,
    name: Annotated[str, typer.Option(help="What the bridge's history calls this client.")] = "inlay command line",
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Show the running bridge's pairing code, or pair this client with a bridge elsewhere."""
    settings = settings_from(data_folder=data)
    if connect is not None:
        if code is None:
            raise typer.BadParameter("--connect needs the code that the bridge shows.", param_hint="CODE")
        run(_pair(settings, connect, code, name))
        return
    if code is not None:
        raise typer.BadParameter("Where is the bridge? Add --connect ws://…/ws.", param_hint="CODE")
    notice = find_bridge(settings.data_folder)
    if notice is None:
        raise NotConnected("No bridge runs here.")
    minutes = max(1, round((notice.code_ends - time.time()) / 60))
    console().print(f"Pairing code  [bold]{notice.code}[/]  [dim]works once, for {minutes} more min[/]")
    console().print(f"Address       {notice.address}")


async def _serve(settings: Settings) -> None:
    running = find_bridge(settings.data_folder)
    if running is not None:
        raise StorageBusy(
            f"A bridge runs already at {running.address} (process {running.pid}).",
            hint="Use it; `inlay pair` shows its code.",
        )
    stopped = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows ends the process instead
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with serving_bridge(settings) as bridge:
        shown = asyncio.create_task(_show_codes(bridge, settings), name="show codes")
        await stopped.wait()
        shown.cancel()


async def _show_codes(bridge: Bridge, settings: Settings) -> None:
    out = console()
    out.print(
        Panel.fit(
            f"Address       {bridge.address}\nPairing code  [bold]{bridge.pairing_code()}[/]\n"
            f"History       {settings.data_folder}",
            title="Inlay is running",
            subtitle="Ctrl-C ends it",
        )
    )
    if bridge.lan is not None:
        out.print(lan_panel(bridge.lan, bridge.server.network_port or 0, bridge.server.public_url or ""))
    code = bridge.pairing_code()
    while True:
        await asyncio.sleep(_CODE_CHECK_S)
        if bridge.pairing_code() != code:
            code = bridge.pairing_code()
            out.print(f"Pairing code  [bold]{code}[/]  [dim]the last one was used or is too old[/]")


async def _pair(settings: Settings, address: str, code: str, name: str) -> None:
    token = await InlayClient.pair(address, code, name)
    path = settings.data_folder / "tokens" / f"{''.join(c if c.isalnum() else '-' for c in address)}.token"
    with disk_errors():
        make_private_folder(settings.data_folder)
        make_private_folder(path.parent)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
    console().print(f"[bold green]✓[/] Paired with {address}; the token is in {path}.", soft_wrap=True)
