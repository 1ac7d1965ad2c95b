"""Something to be done beside the main thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Do ``work`` while the block runs; both have ended when the block is left.

    Raises:
        BaseException: the block's own error first, else the work's.
    """
    task = asyncio.create_task(work)
    try:
        yield
    except BaseException:
        # Whatever ends the block, what was begun is finished first: it may be the record of this very edit.
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise
    await task
