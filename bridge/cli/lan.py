"""What `inlay serve --lan` says: what is open, to whom, what they need, and what stays closed."""

from __future__ import annotations

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.access.network import in_url
from bridge.lan import Lan

# The fingerprint in two lines of equal length.
_HALF = 48
_COMPARE = (
    "The browser warns of it. Look at the certificate there: if its SHA-256 is this one, nobody sits in between, "
    "and you can go on."
)
_INSECURE = (
    "Everybody on the network can read along what is shown and typed, and take over a guest's session. Use it only "
    "where you trust every machine."
)


def lan_panel(lan: Lan, port: int, public_url: str) -> Panel:
    """The panel; ``public_url`` is what invites name."""
    network, certificate = lan.network, lan.certificate
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    lines.add_column()

    def say(name: str, words: str, style: str = "") -> None:
        lines.add_row(name, Text(words, style))

    say("Browsers", public_url, "bold")
    for name in network.names:
        url = f"{network.scheme}://{in_url(name)}:{port}"
        if url != public_url:
            say("", url)
    say("Who", f"everybody on {', '.join(dict.fromkeys(f'{one.network} ({one.interface})' for one in lan.addresses))}")
    if any(one.is_public for one in lan.addresses):
        say("", "One of the addresses is public: so is this to the internet, if no firewall forbids it.", "red")
    say("They need", "the link of an invite (`inlay invite`); without one they see an empty page")
    if network.pairing:
        say("Also open", "programs can pair by the code above, and come in by their tokens")
    else:
        say("Stays closed", "pairing, plugins and this machine's own token: loopback only")
    if certificate is None:
        say("No TLS", _INSECURE, "red")
    else:
        made = "made on this machine" if certificate.self_signed else "yours"
        say("Certificate", f"{made}, until {certificate.ends_at:%Y-%m-%d}")
        say("SHA-256", f"{certificate.fingerprint[:_HALF]}\n{certificate.fingerprint[_HALF:]}", "bold")
        if certificate.self_signed:
            say("", _COMPARE)
    title = "Open to the network, without TLS" if certificate is None else "Open to the network"
    return Panel.fit(lines, title=title, border_style="red" if certificate is None else "yellow")
