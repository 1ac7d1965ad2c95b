from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.access.guard import Guard, Seats, TooManySockets
from bridge.errors import BadOrigin

GUARD = Guard(9417, host_names=("studio.local",), origins=("https://inlay.example",))
HOST = "localhost:9417"


@pytest.mark.parametrize(
    "host", [HOST, "LOCALHOST:9417", "127.0.0.1:9417", "[::1]:9417", "studio.local", "studio.local:80"]
)
def test_our_own_names_are_served(host: str):
    GUARD.check([host], [])


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "localhost:80",
        "localhost:94170",
        "localhost:",
        "localhost:x",
        "evil.example:9417",
        "localhost.evil.example:9417",
        "evil.example",
        "127.0.0.1.nip.io:9417",
        "127.0.0.2:9417",
        "0.0.0.0:9417",
        "[::]:9417",
        "::1:9417",
        "localhost:9417@evil.example",
        "evil@localhost:9417",
        "localhost:9417/x",
        "localhost:9417?x",
        "localhost:9417#x",
        " localhost:9417",
        "localhost:9417, evil.example",
        "[::1",
        "\u2028localhost:9417",
    ],
)
def test_other_names_are_refused_against_rebinding(host: str):
    with pytest.raises(BadOrigin):
        GUARD.check([host], [])


def test_a_request_has_one_host():
    for hosts in ([], [HOST, HOST]):
        with pytest.raises(BadOrigin):
            GUARD.check(hosts, [])


def test_the_usual_port_may_be_left_out_only_where_it_is_ours():
    Guard(80).check(["localhost"], ["http://localhost"])
    Guard(443).check(["localhost:443"], ["https://localhost"])
    with pytest.raises(BadOrigin):
        Guard(443).check(["localhost:443"], ["http://localhost"])


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://localhost:9417",
        "https://localhost:9417",
        "http://127.0.0.1:9417",
        "http://[::1]:9417",
        "https://inlay.example",
        "HTTPS://INLAY.example",
    ],
)
def test_origins_that_may_be_ours_go_on_to_the_token(origin: str):
    GUARD.check([HOST], [origin])


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "http://localhost",
        "http://localhost:3000",
        "http://evil.example",
        "https://inlay.example.evil.example",
        "https://inlay.example:444",
        "http://localhost:9417.evil.example",
        "http://localhost:9417@evil.example",
        "file://",
        "file://localhost:9417",
        "chrome-extension://abc",
        "localhost:9417",
        "Null",
        "null, null",
        "http://localhost:9417/",
    ],
)
def test_other_origins_are_refused(origin: str):
    with pytest.raises(BadOrigin):
        GUARD.check([HOST], [origin])


def test_a_request_has_at_most_one_origin():
    with pytest.raises(BadOrigin):
        GUARD.check([HOST], ["null", "null"])


@given(host=st.text(max_size=40), origin=st.text(max_size=40))
def test_any_text_is_refused_or_taken_but_never_an_accident(host: str, origin: str):
    with pytest.raises(BadOrigin):
        GUARD.check([host], [])
    with pytest.raises(BadOrigin):
        GUARD.check([HOST], [origin])


def test_the_unpaired_socket_that_waits_longest_goes_for_the_next():
    seats: Seats[str] = Seats(limit=10, unpaired_limit=2)
    assert [seats.take(name) for name in "abc"] == [None, None, "a"]
    assert list(seats) == ["b", "c"]


def test_paired_sockets_never_go():
    seats: Seats[str] = Seats(limit=2, unpaired_limit=2)
    for name in "ab":
        seats.take(name)
        seats.proved(name)
    with pytest.raises(TooManySockets):
        seats.take("c")
    seats.leave("a")
    assert seats.take("c") is None
    assert seats.take("d") == "c"
    assert len(seats) == 2


def test_leaving_twice_or_proving_after_leaving_changes_nothing():
    seats: Seats[str] = Seats()
    seats.take("a")
    seats.leave("a")
    seats.leave("a")
    seats.proved("a")
    assert len(seats) == 0
