"""How many seeds a slow test plays: all, or the fixed few of `make slow-share`.

`SEEDS=share` is what `.ci/run` plays; `SEEDS=40 make slow` narrows the intervals.
"""

from __future__ import annotations

import os


def seeds(whole: int, share: int) -> range:
    """The seeds 1, 2, … of a test: `whole` of them, `share` for SEEDS=share."""
    count = os.environ.get("SEEDS", "")
    return range(1, 1 + (share if count == "share" else int(count or whole)))
