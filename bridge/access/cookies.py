"""The cookie of a guest's browser: a token that no script can read and no other site can make a browser send for it.

Cookies know hosts, not ports, so another program's page on this machine counts as the same site: whatever comes with
the cookie is believed only if its Origin is this very bridge, port and all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

COOKIE = "inlay_session"
# As long as a review takes; the invite can be opened again.
LIFE_S = 30 * 24 * 3600


def is_own_origin(hosts: Sequence[str], origins: Sequence[str]) -> bool:
    """Whether a request comes from a page of this bridge: one Origin, and it is where the request goes.

    Args:
        hosts, origins: the values of the two headers, as many as the request has; the hosts have been checked.
    """
    if len(hosts) != 1 or len(origins) != 1:
        return False
    return origins[0].lower() in (f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}")


def token_in(cookies: Mapping[str, str], hosts: Sequence[str], origins: Sequence[str]) -> str | None:
    """The token that the cookie holds; None without one, and for whatever does not come from a page of this bridge."""
    return cookies.get(COOKIE) or None if is_own_origin(hosts, origins) else None
