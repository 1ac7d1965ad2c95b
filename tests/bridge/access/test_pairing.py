from __future__ import annotations

import hmac
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.access import pairing as pairing_module
from bridge.access.pairing import ALPHABET, CODE_LIFE_S, FREE_ATTEMPTS, LONGEST_WAIT_S, Pairing
from bridge.errors import PairingFailed, TooManyAttempts

WRONG = "0000-0000"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pairing(clock: Clock) -> Pairing:
    return Pairing(clock, random.Random(1).choice)


def fail(pairing: Pairing, times: int, peer: str = "peer") -> None:
    for _ in range(times):
        with pytest.raises(PairingFailed):
            pairing.redeem(WRONG, peer)


def test_a_code_is_shown_in_groups_of_letters_that_nobody_mixes_up(pairing: Pairing):
    left, right = pairing.code.split("-")
    assert len(left) == len(right) == 4
    assert set(left + right) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL")


def test_codes_are_unpredictable_by_default():
    assert len({Pairing().code for _ in range(50)}) == 50


@given(st.data())
def test_case_dashes_and_spaces_do_not_count(data: st.DataObject):
    pairing = Pairing()
    code = pairing.code.replace("-", "")
    typed = "".join(
        (char.lower() if data.draw(st.booleans()) else char) + data.draw(st.sampled_from(("", " ", "-", "–")))
        for char in code
    )
    pairing.redeem(typed, "peer")


def test_a_code_works_once(pairing: Pairing):
    code = pairing.code
    pairing.redeem(code, "peer")
    assert pairing.code != code
    with pytest.raises(PairingFailed):
        pairing.redeem(code, "peer")


def test_a_code_lives_ten_minutes(pairing: Pairing, clock: Clock):
    code = pairing.code
    clock.now_s += CODE_LIFE_S - 1
    assert pairing.code == code
    assert pairing.seconds_left == pytest.approx(1)
    clock.now_s += 1
    with pytest.raises(PairingFailed):
        pairing.redeem(code, "peer")
    assert pairing.code != code


@pytest.mark.parametrize("typed", ["", "-", "K7QF", "é" * 8, "\x00" * 8, "A" * 40, "🙂"])
def test_strange_codes_are_wrong_codes(pairing: Pairing, typed: str):
    with pytest.raises(PairingFailed):
        pairing.redeem(typed, "peer")


def test_codes_are_compared_in_constant_time(pairing: Pairing, monkeypatch: pytest.MonkeyPatch):
    compared: list[tuple[bytes, bytes]] = []
    really = hmac.compare_digest

    def compare(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return really(left, right)

    monkeypatch.setattr(pairing_module.hmac, "compare_digest", compare)
    fail(pairing, 1)
    assert compared == [(b"00000000", pairing.code.replace("-", "").encode())]


def test_wrong_codes_cost_a_growing_wait(pairing: Pairing, clock: Clock):
    fail(pairing, FREE_ATTEMPTS)
    waits: list[float] = []
    for _ in range(9):
        with pytest.raises(TooManyAttempts) as caught:
            pairing.redeem(WRONG, "peer")
        waits.append(caught.value.wait_s)
        clock.now_s += caught.value.wait_s
        fail(pairing, 1)
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(1)
    assert max(waits) == LONGEST_WAIT_S


def test_during_a_wait_even_the_right_code_is_not_compared(pairing: Pairing, clock: Clock):
    fail(pairing, FREE_ATTEMPTS)
    with pytest.raises(TooManyAttempts):
        pairing.redeem(pairing.code, "peer")
    clock.now_s += 2
    pairing.redeem(pairing.code, "peer")


def test_one_peers_wrong_codes_do_not_keep_another_out(pairing: Pairing):
    fail(pairing, FREE_ATTEMPTS, "one")
    pairing.redeem(pairing.code, "another")


def test_many_peers_together_wait_too_and_the_code_is_replaced(pairing: Pairing):
    code = pairing.code
    for peer in range(20):
        fail(pairing, 1, f"peer {peer}")
    with pytest.raises(TooManyAttempts):
        pairing.redeem(WRONG, "yet another")
    assert pairing.code != code


def test_an_attempt_long_ago_is_forgotten(pairing: Pairing, clock: Clock):
    fail(pairing, FREE_ATTEMPTS)
    clock.now_s += 3600
    fail(pairing, FREE_ATTEMPTS)


def test_brute_force_gets_nowhere_in_a_day(pairing: Pairing, clock: Clock):
    end_s, compared = clock.now_s + 86_400, 0
    while clock.now_s < end_s:
        try:
            pairing.redeem(WRONG, "peer")
        except TooManyAttempts as wait:
            clock.now_s += wait.wait_s
        except PairingFailed:
            compared += 1
    assert compared < 2_000
    assert compared / len(ALPHABET) ** 8 < 1e-8


def test_a_flood_of_peers_is_not_remembered_for_ever(pairing: Pairing, clock: Clock):
    for peer in range(2_000):
        clock.now_s += 120
        fail(pairing, 1, str(peer))
    assert len(pairing._peers) <= 256
