"""`inlay invite` and `inlay invites`: links that let people without an account into a document."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bridge.access.invites import InvitedRole, span_of
from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, messages, run, settings_from
from bridge.client import InlayClient, People, link_of
from bridge.errors import NotFound, OutOfOrder
from bridge.local import any_bridge
from bridge.protocol import messages as m
from bridge.settings import Settings

_ROLES = ("editor", "approver", "commenter", "viewer")
_Data = Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")]
_Document = Annotated[str, typer.Argument(help="A picture file, or a document's id.")]


def invite_command(
    document: _Document,
    role: Annotated[str, typer.Option(help=f"What they may: {', '.join(_ROLES)}.")] = "commenter",
    name: Annotated[str, typer.Option(help="Whose link it is; without one, everybody's who has it.")] = "",
    expires: Annotated[
        str | None, typer.Option(help="How long it lets people in: 90m, 12h, 7d, 2w; always by default.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Only the first who opens it comes in.")] = False,
    data: _Data = None,
) -> None:
    """Make a link that lets somebody look at a document, comment, approve or edit."""
    if role not in _ROLES:
        raise typer.BadParameter(f"--role is one of {', '.join(_ROLES)}.")
    span = None if expires is None else span_of(expires)
    settings = settings_from(data_folder=data)
    expires_s = None if span is None else round(span.total_seconds())
    run(_invite(document, role, name, expires_s, once, settings))


def invites_command(
    document: _Document,
    revoke: Annotated[
        str | None, typer.Option(help="The id of an invite to take back; who came in by it is out.")
    ] = None,
    data: _Data = None,
) -> None:
    """Show who was invited to a document and who came, or take an invite back."""
    run(_invites(document, revoke, settings_from(data_folder=data)))


async def _invite(
    wanted: str, role: InvitedRole, name: str, expires_s: int | None, once: bool, settings: Settings
) -> None:
    async with _people(settings) as (client, address, is_own):
        document = await _one(client, wanted)
        made = await People(client).invite_link(document.document_id, role, name=name, once=once, expires_s=expires_s)
        invite = made.invite
        # A port of our own ends with this command; the link is for the bridge that will serve.
        serves = f"ws://localhost:{settings.port}/ws" if is_own else address
        link = made.link or (f"{settings.public_url}/join#{made.token}" if settings.public_url else None)
        console().print(link or link_of(serves, made.token or ""), markup=False, soft_wrap=True)
        whose = f"for {invite.name}" if invite.name else "for the first who opens it" if once else "for all who have it"
        until = "" if invite.expires_at is None else f", until {_minute(invite.expires_at)} UTC"
        messages().print(f"✓ {role} of {document.title or document.key}, {whose}{until}.", markup=False)
        messages().print(f"  Take it back: inlay invites {wanted} --revoke {invite.invite_id}", markup=False)
        if is_own:
            messages().print("  It works while `inlay serve` runs.", markup=False)
        if link is None:
            messages().print("  It works on this machine only; for others: inlay serve --lan.", markup=False)


async def _invites(wanted: str, revoke: str | None, settings: Settings) -> None:
    async with _people(settings) as (client, _address, _own):
        people = People(client)
        document = await _one(client, wanted)
        found = await people.invites(document.document_id)
        if revoke is not None:
            if revoke not in {invite.invite_id for invite in found}:
                raise NotFound("invite")
            await people.revoke(revoke)
            found = await people.invites(document.document_id)
        if not found:
            console().print("Nobody has been invited.")
            return
        table = Table("invite", "role", "for", "state", "came in")
        for invite in found:
            whose = invite.name or ("whoever is first" if invite.once else "whoever has the link")
            cells = (invite.invite_id, invite.role, whose, _state(invite), ", ".join(invite.joined))
            table.add_row(*(Text(cell) for cell in cells))
        console().print(table)


def _state(invite: m.InviteInfo) -> str:
    if invite.revoked_at is not None:
        return f"taken back {_minute(invite.revoked_at)}"
    if invite.once and invite.used_at is not None:
        return f"used {_minute(invite.used_at)}"
    return "open" if invite.expires_at is None else f"until {_minute(invite.expires_at)}"


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


async def _one(client: InlayClient, wanted: str) -> m.DocumentInfo:
    found = await documents_called(client, wanted)
    document, *others = found
    if others:
        raise OutOfOrder(f"“{wanted}” may be {len(found)} documents.", hint="Name one by its id.")
    return document


@asynccontextmanager
async def _people(settings: Settings) -> AsyncGenerator[tuple[InlayClient, str, bool]]:
    """A connection, where it leads, and whether that bridge is only for this command."""

    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay invite") as client,
    ):
        yield client, access.address, access.own
