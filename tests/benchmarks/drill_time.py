"""A whole drill: four hours of the reference pipeline at 100 requests per second.

Without twins, under 20 rules every 30 s, with all series that the stages expose (more than the
300 of the target). The target is for the run alone; the other stages of `drill run` are measured
beside it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.analysis import Timeline
from simulator.cli.playing import relax_gc
from simulator.play import play
from simulator.report import html, postmortem
from simulator.responders.choose import choose
from simulator.run import Run
from simulator.score import Scores, grade
from simulator.setting import Setting, inputs, load
from tests.benchmarks.clocks import Times, median, table, time_call

SCENARIO = Path(__file__).with_name("day-shift.yaml")
TARGET_SECONDS = 3.0
# The imports of `drill run` before the end of the session, in a new process.
IMPORTS = "import simulator.setting.inputs, simulator.responders.choose, simulator.play"
CLOCKED = (
    "import time; w = time.perf_counter(); {}; print(time.process_time(), time.perf_counter() - w)"
)


def imports(work: str) -> Times:
    """The time of imports in a new Python; the processor time includes its start."""
    command = [sys.executable, "-c", CLOCKED.format(work)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return Times(float(output[0]), float(output[1]))


class Stages:
    """One `drill run`, stage by stage."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        self.setting: Setting
        self.run: Run
        self.scores: Scores

    def bind(self) -> None:
        self.setting = load(SCENARIO)
        relax_gc()  # as `drill run` does

    def play(self) -> None:
        name, answering = choose(self.setting, None)
        inputs.write(self.setting, self.folder / "inputs")
        self.run = play(self.setting, self.seed, answering, name=name, folder=self.folder)

    def grade(self) -> None:
        self.scores = grade(Timeline(self.run, {}), self.setting.rubric)

    def report(self) -> None:
        html.write(Timeline(self.run), self.scores, self.folder / "report.html")
        postmortem.write(Timeline(self.run), self.scores, self.folder / "postmortem.md")


def measure(repeats: int) -> float:
    """Print the table; the median processor time of the run, seconds."""
    took: dict[str, list[Times]] = {
        name: [] for name in ("import", "bind", "run", "grade", "report")
    }
    for seed in range(1, repeats + 1):
        took["import"].append(imports(IMPORTS))
        with TemporaryDirectory() as folder:
            stages = Stages(seed, Path(folder))
            took["bind"].append(time_call(stages.bind))
            took["run"].append(time_call(stages.play))
            took["grade"].append(time_call(stages.grade))
            # The first report imports jinja2; so does every `drill run`.
            took["report"].append(time_call(stages.report))
    medians = {name: median(times) for name, times in took.items()}
    medians["in all"] = Times(
        sum(stage.processor for stage in medians.values()),
        sum(stage.wall for stage in medians.values()),
    )
    setting = stages.setting
    rules = sum(len(group.rules) for group in setting.groups)
    series = sum(len(t.series) for t in setting.collector.store.tables.values())
    spread = [run.processor for run in took["run"]]
    table(
        f"One drill of 4 h without twins: {setting.params.rate:g} requests per second, {rules} rules "
        f"every {setting.scenario.alerting.evaluation_interval // 1000} s, {series} series",
        ("", "processor", "wall", "of the run"),
        [
            (
                name,
                f"{stage.processor:.2f} s",
                f"{stage.wall:.2f} s",
                f"{stage.processor / medians['run'].processor:.2f}x",
            )
            for name, stage in medians.items()
        ],
    )
    run = medians["run"]
    print(
        f"target: the run in {TARGET_SECONDS:g} s or less; here {run.processor:.2f} s of processor "
        f"({min(spread):.2f} to {max(spread):.2f}), {TARGET_SECONDS / run.processor:.1f}x to spare"
    )
    return statistics.median(spread)
