"""The token of whoever may read the data folder."""

import os
import stat
from pathlib import Path

import pytest

from bridge.access.local import read_local_token, write_local_token


def test_there_is_none_before_it_is_written(tmp_path: Path):
    assert read_local_token(tmp_path) is None


def test_what_was_written_is_read_and_a_new_one_takes_its_place(tmp_path: Path):
    first = write_local_token(tmp_path)
    assert read_local_token(tmp_path) == first
    second = write_local_token(tmp_path)
    assert read_local_token(tmp_path) == second != first


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_nobody_else_may_read_it(tmp_path: Path):
    write_local_token(tmp_path)
    assert stat.S_IMODE((tmp_path / "local-token").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"   \n", b"\xff\xfe"])
def test_a_damaged_file_is_no_token(tmp_path: Path, content: bytes):
    (tmp_path / "local-token").write_bytes(content)
    assert read_local_token(tmp_path) is None
