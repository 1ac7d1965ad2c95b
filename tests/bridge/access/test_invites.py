"""Spans of time, roles and when an invite lets nobody in any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from bridge.access.invites import Invite, higher, span_of
from bridge.access.roles import RIGHTS, Role
from bridge.errors import BadSpan, InviteInvalid

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def invite(**fields: object) -> Invite:
    known: dict[str, object] = {"once": False, "expires_at": None, "used_at": None, "revoked_at": None} | fields
    return Invite("i1", "d1", "viewer", "", created_at=NOW, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "span"),
    [("90m", timedelta(minutes=90)), ("12h", timedelta(hours=12)), (" 7 D ", timedelta(days=7)), ("2w", timedelta(14))],
)
def test_spans_are_read_as_people_type_them(text: str, span: timedelta):
    assert span_of(text) == span


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5h", "7 days", "53w", "99999d", "7d;", "٧d٧", "1e3m"])
def test_what_is_no_span_or_too_long_is_refused(text: str):
    with pytest.raises(BadSpan):
        span_of(text)


def test_an_invite_lets_in_until_it_is_old_used_or_taken_back():
    invite().check(NOW)
    invite(expires_at=NOW + timedelta(seconds=1)).check(NOW)
    invite(used_at=NOW).check(NOW)
    invite(once=True).check(NOW)
    for closed in (invite(expires_at=NOW), invite(once=True, used_at=NOW), invite(revoked_at=NOW)):
        with pytest.raises(InviteInvalid):
            closed.check(NOW)


def test_the_higher_role_is_the_one_that_may_more():
    roles: tuple[Role, ...] = get_args(Role)
    for one in roles:
        for other in roles:
            assert higher(one, other) in (one, other)
            assert higher(one, other) == higher(other, one)
            assert not RIGHTS[higher(one, other)] < RIGHTS[one]
