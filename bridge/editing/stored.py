"""④ Edits of pixels that are stored here: whoever looks at a version in a browser has none of their own to send."""

from __future__ import annotations

from bridge.editing.job import Job
from bridge.errors import EditError
from bridge.history.records import Hash
from bridge.history.versions import Versions
from bridge.protocol import messages as m
from engine.geometry import TileIndex


class NotShared(EditError):
    """Nobody has sent all of the layer that the edit has to see."""

    code = "not_shared"
    hint = "Share the layer from the design program, then try again."


async def stored_hashes(job: Job, shown_version_id: str, versions: Versions) -> dict[TileIndex, Hash]:
    """The hashes of the layer's tiles in the job's reach, as that version shows them.

    Raises:
        NotShared: some of them are not here.
    """
    if job.all_here:
        return job.overrides
    canvas = await versions.canvas_at(shown_version_id)
    cells = tuple(job.reach_px.cells(m.TILE_PX))
    here = {**canvas.tiles, **job.overrides}
    missing = [cell for cell in cells if cell not in here]
    if missing:
        raise NotShared(
            f"This edit has to see {job.reach_px.size} of the layer; of the {len(cells)} tiles there {len(missing)} "
            "have not been sent to the bridge yet."
        )
    return {cell: here[cell] for cell in cells}
