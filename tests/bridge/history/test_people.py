"""People, their tokens and their roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.access.tokens import new_token, token_hash
from bridge.errors import StorageError
from bridge.history.store import History

TOKEN, OTHER = bytes(range(32)), bytes(range(1, 33))


async def test_a_token_leads_to_its_person_and_to_nobody_else(history: History):
    ada = await history.people.add("Ada", TOKEN)
    bob = await history.people.add("Bob", OTHER)
    assert await history.people.by_token(TOKEN) == ada
    assert await history.people.by_token(OTHER) == bob
    assert await history.people.by_token(bytes(32)) is None
    assert await history.people.by_token(TOKEN[:-1]) is None
    assert await history.people.list() == (ada, bob)


async def test_two_people_may_have_one_name_but_not_one_token(history: History):
    one = await history.people.add("Ada", TOKEN)
    two = await history.people.add("Ada", OTHER)
    assert one.person_id != two.person_id
    with pytest.raises(StorageError):
        await history.people.add("Ada", TOKEN)
    assert await history.people.list() == (one, two)


async def test_a_revoked_token_lets_nobody_in_and_the_person_stays(history: History):
    ada = await history.people.add("Ada", TOKEN)
    await history.people.add_token(ada.person_id, OTHER)
    await history.people.revoke(TOKEN)
    assert await history.people.by_token(TOKEN) is None
    assert await history.people.by_token(OTHER) == ada
    await history.people.revoke_all(ada.person_id)
    assert await history.people.by_token(OTHER) is None
    assert await history.people.list() == (ada,)


async def test_revoking_what_is_not_there_is_no_error(history: History):
    await history.people.revoke(TOKEN)
    await history.people.revoke_all("nobody")


async def test_people_and_tokens_outlive_the_bridge(folder: Path):
    first = await History.open(folder, durable=False)
    ada = await first.people.add("Ada “the first” 'Lovelace'; --", TOKEN)
    await first.close()
    second = await History.open(folder, durable=False)
    assert await second.people.by_token(TOKEN) == ada
    await second.close()


async def test_no_token_is_in_the_data_folder_as_it_was_given(folder: Path):
    token = new_token()
    history = await History.open(folder, durable=False)
    await history.people.add("Ada", token_hash(token))
    await history.close()
    assert not any(token.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())
