"""Regenerates reports/gallery: sample reports of shipped drills, as `drill run` writes them.

And the figure of what a hand-off is worth, over thirty seeds.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import chdir
from pathlib import Path

from simulator.analysis import Timeline
from simulator.cli import call
from simulator.report import plots
from simulator.run import Run
from simulator.score import load_scores
from tests import hand_off_figure
from tests.small import hand_offs

GALLERY = Path(__file__).parents[1] / "reports" / "gallery"
DRILLS = ("first-shift", "delays-in-hours")


def main() -> None:
    """Run each drill and copy its report and its plot; draw the hand-offs."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    # In another working directory, so that the pages name no temporary folder.
    with tempfile.TemporaryDirectory() as where, chdir(where):
        for name in DRILLS:
            call(["run", name])
            folder = Path("reports") / f"{name}-1"
            shutil.copy(folder / "report.html", GALLERY / f"{name}.html")
            run = Run.open(folder)
            plots.save_png(
                Timeline(run), load_scores(Timeline(run)), GALLERY / f"{name}.png", dpi=110
            )
    outcomes = hand_offs.play(hand_offs.setting(), range(1, 31))
    hand_off_figure.save_figure(outcomes, GALLERY / "hand-off.png")


if __name__ == "__main__":
    main()
