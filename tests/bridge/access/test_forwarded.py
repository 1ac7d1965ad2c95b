from __future__ import annotations

from collections.abc import Sequence

import pytest

from bridge.access.forwarded import Family, Proxies, Seen
from bridge.errors import Malformed


def seen(
    peer: str,
    *headers: tuple[str, str],
    trusted: Sequence[str] = ("10.0.0.0/24", "::1"),
    family: Family = "x-forwarded",
) -> Seen | None:
    return Proxies(trusted, family).seen(
        peer, lambda name: [value for key, value in headers if key.lower() == name.lower()]
    )


X = (("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "review.example"))


def test_a_named_proxy_is_believed():
    for peer in ("10.0.0.7", "::1", "::ffff:10.0.0.7"):
        assert seen(peer, *X) == Seen("203.0.113.9", "https", "review.example")


@pytest.mark.parametrize("peer", ["10.0.1.7", "127.0.0.1", "203.0.113.9", "", "nonsense", "::2"])
def test_everybody_elses_word_is_nothing(peer: str):
    assert seen(peer, *X) is None
    assert seen(peer, ("Forwarded", "for=203.0.113.9"), family="forwarded") is None


def test_with_no_proxy_named_nobody_is_believed():
    assert seen("127.0.0.1", *X, trusted=()) is None


def test_what_the_client_itself_wrote_before_the_proxy_is_not_believed():
    forged = ("X-Forwarded-For", "127.0.0.1, 203.0.113.9")
    assert seen("10.0.0.7", forged, ("X-Forwarded-Proto", "https")) == Seen("203.0.113.9", "https", None)
    in_two = (("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "203.0.113.9"))
    found = seen("10.0.0.7", *in_two)
    assert found is not None and found.client == "203.0.113.9"


def test_through_two_proxies_the_client_is_the_first_that_is_none():
    found = seen(
        "10.0.0.7",
        ("X-Forwarded-For", "1.2.3.4, 203.0.113.9, 10.0.0.8"),
        ("X-Forwarded-Proto", "http, https, http"),
        ("X-Forwarded-Host", "forged.example, review.example, inner"),
    )
    assert found == Seen("203.0.113.9", "https", "review.example")


def test_only_the_named_family_of_headers_is_read():
    both = (*X, ("Forwarded", "for=198.51.100.1;proto=http;host=forged.example"))
    found = seen("10.0.0.7", *both)
    assert found == Seen("203.0.113.9", "https", "review.example")
    found = seen("10.0.0.7", *both, family="forwarded")
    assert found == Seen("198.51.100.1", "http", "forged.example")
    assert seen("10.0.0.7", both[-1]) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("for=203.0.113.9;proto=https;host=review.example", Seen("203.0.113.9", "https", "review.example")),
        ('For="[2001:db8::9]:4711"; Proto=HTTPS', Seen("2001:db8::9", "https", None)),
        ("for=1.2.3.4, for=203.0.113.9;proto=https, for=10.0.0.8;proto=http", Seen("203.0.113.9", "https", None)),
        ('for=_hidden;host="a\\"b"', Seen("unknown", None, 'a"b')),
        ("for=unknown", Seen("unknown", None, None)),
    ],
)
def test_forwarded_is_read_as_the_standard_writes_it(header: str, expected: Seen):
    assert seen("10.0.0.7", ("Forwarded", header), family="forwarded") == expected


@pytest.mark.parametrize(
    ("family", "headers"),
    [
        ("forwarded", (("Forwarded", "for=203.0.113.9 nonsense"),)),
        ("forwarded", (("Forwarded", '"'),)),
        ("forwarded", (("Forwarded", "for=evil.example"),)),
        ("x-forwarded", (("X-Forwarded-For", "evil.example"),)),
        ("x-forwarded", (("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "gopher"))),
        ("x-forwarded", (("X-Forwarded-For", "1" * 5000),)),
    ],
)
def test_what_cannot_be_read_is_refused(family: Family, headers: tuple[tuple[str, str], ...]):
    with pytest.raises(Malformed):
        seen("10.0.0.7", *headers, family=family)


def test_a_network_that_is_none_is_refused_at_once():
    with pytest.raises(ValueError, match="192"):
        Proxies(("192.0.2.0/33",))
