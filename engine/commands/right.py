"""Words that are right as they are, though one slip of a finger away from a word of a command.

“Couch” is no slip of “touch”, “match” none of “patch”. Found among words of ordinary English text.
"""

from __future__ import annotations

RIGHT: frozenset[str] = frozenset(
    """
    afterward alternative apple arise backgrounds banned batch being bend bland bleed blind boot boots border boring
    brain brings bunch candidate catch caution centers centred chance changed changes channels charge charging
    chrome cleans clears coast colors colours combined combines composites contend contents context continued
    continues contract converts corners couch coupled couples covers crack crane crate created creates cutting
    dashed deadline decreased decreases deduce degree deleted deletes details disappears divider doubled doubles
    doubly drain ease edit eighth elide eliminated eliminates emails emits enhanced ensured ensures enter erased
    events ever excerpt exchanged exchanges exits expands exposed exposes extends extent extracts feels flatten
    flight flower focuses form formal formats forwards from fuller fuzz gender generated generates ghost glide grape
    graphs ground growing hanging hatch headed headers height here images imply improved improves included includes
    increased increases inert insect inserts interest invert iron isolated isolates labels larger latter leader
    leading leaking lean leaves lift likely list lowers mail manner marker marking masking match merged merges move
    moved mover newer nose noting objects often option overlap overlays overly padding pain part past pasta pasted
    patch path pictures pitch placed places plane plate pond pose poses pound power preference presentations prints
    profiled profiler profiles prone puppy radian radians rain raised raises rank ratios reals rectangles reduced
    reducer reduces referenced references remote removals renders repeats replaced replaces replaying reside resized
    resizes resolutions reverts review ring rise round sale scaled scales seconds seen selections sender serves
    shape shard shark shifts shot side sift simple sing slice slider slides slight slower slowing sort sorts squared
    squares stack stamps stems step sticky stitch stock stops store stores storm strips stuck styled styles stylized
    subjects substituted substitutes swift taking theme these thinks thrown throws thumbnails tick ties tighten
    tighter tile tiles time timed timer timers titled titles toast torch tower train transforms tree trip triples
    triplet tuning unsure variation vastly version videos warmed waste wasted watch wave waves weight where while
    white whole widens wider write writer writes wrote
    """.split()
)
