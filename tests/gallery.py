"""Regenerates reports/gallery: sample reports of shipped drills, as `drill run` writes them."""

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

GALLERY = Path(__file__).parents[1] / "reports" / "gallery"
DRILLS = ("first-shift", "delays-in-hours")


def main() -> None:
    """Run each drill and copy its report and its plot."""
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


if __name__ == "__main__":
    main()
