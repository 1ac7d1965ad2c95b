"""Finding the bridge of this machine, and keeping two of them from one data folder."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.client import InlayClient
from bridge.errors import StorageBusy
from bridge.local import Notice, any_bridge, find_bridge, hold_data_folder, serving_bridge
from bridge.settings import Settings

ROOT = Path(__file__).parent.parent.parent


def leave_notice(folder: Path, port: int, pid: int) -> None:
    notice = Notice(port=port, pid=pid, code="AAAA-AAAA", code_ends=0.0)
    (folder / "bridge.json").write_text(notice.model_dump_json(), encoding="utf-8")


async def test_a_serving_bridge_is_found_and_used_and_gone_when_it_ends(tmp_path: Path):
    settings = Settings(data_folder=tmp_path, port=0, durable=False)
    async with serving_bridge(settings) as bridge:
        notice = await _found(tmp_path)
        assert notice is not None
        assert (notice.port, notice.pid, notice.code) == (bridge.port, os.getpid(), bridge.pairing_code())
        if os.name == "posix":
            assert stat.S_IMODE((tmp_path / "bridge.json").stat().st_mode) == 0o600
        async with any_bridge(settings, lambda: pytest.fail("nothing to wait for")) as access:
            assert not access.own
            async with await InlayClient.connect(access.address, access.token, "test") as client:
                assert await client.documents() == ()
        with pytest.raises(StorageBusy):
            async with serving_bridge(settings):
                pytest.fail("two bridges in one folder")
    assert await _found(tmp_path) is None
    assert not (tmp_path / "bridge.json").exists()


async def test_without_one_a_bridge_of_our_own_is_started_that_nobody_finds(tmp_path: Path):
    settings = Settings(data_folder=tmp_path, durable=False)
    async with any_bridge(settings, lambda: pytest.fail("nothing to wait for")) as access:
        assert access.own
        assert await _found(tmp_path) is None
    with hold_data_folder(tmp_path):
        pass


@pytest.mark.parametrize(
    "left", [b"", b"{", b"[]", b'{"port": "1", "pid": 1, "code": "", "code_ends": 0}', b"\xff" * 99]
)
def test_a_damaged_notice_is_no_bridge(tmp_path: Path, left: bytes):
    (tmp_path / "bridge.json").write_bytes(left)
    assert find_bridge(tmp_path) is None


def test_the_notice_of_a_dead_process_is_no_bridge_even_when_somebody_else_took_the_port(tmp_path: Path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        leave_notice(tmp_path, other.getsockname()[1], dead.pid)
        assert find_bridge(tmp_path) is None


def test_the_notice_of_a_process_that_does_not_listen_there_is_no_bridge(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    leave_notice(tmp_path, port, os.getpid())
    assert find_bridge(tmp_path) is None


def test_a_folder_is_held_by_one_and_let_go_when_its_process_is_killed(tmp_path: Path):
    code = (
        "import sys, time; from pathlib import Path; from bridge.local import hold_data_folder\n"
        "with hold_data_folder(Path(sys.argv[1])):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    try:
        with pytest.raises(StorageBusy), hold_data_folder(tmp_path):
            pytest.fail("held twice")
    finally:
        holder.kill()
        holder.communicate()
    with hold_data_folder(tmp_path):
        pass


async def _found(folder: Path) -> Notice | None:
    """`find_bridge` asks the bridge, which runs on this loop."""
    return await asyncio.to_thread(find_bridge, folder)
