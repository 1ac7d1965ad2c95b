"""The cookie of a guest's browser: a token that no script can read and no other site can make a browser send for it.

Cookies know hosts, not ports, so another program's page on this machine counts as the same site: whatever comes with
the cookie is believed only if its Origin is this very bridge, port and all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

COOKIE = "inlay_session"
# Under TLS, where browsers keep the prefix's promise: it came by TLS, from this host, and no neighbour set it.
SECURE_COOKIE = "__Host-inlay_session"
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
    return held(cookies) if is_own_origin(hosts, origins) else None


def held(cookies: Mapping[str, str]) -> str | None:
    """The token that the cookie holds, whichever of the two it is; who may use it was decided before."""
    return cookies.get(SECURE_COOKIE) or cookies.get(COOKIE) or None


def name_of(*, secure: bool) -> str:
    """What the cookie is called."""
    return SECURE_COOKIE if secure else COOKIE
