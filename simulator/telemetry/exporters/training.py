"""Long training runs; no standard names exist, so `ml_training_...`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.long_training import fleet, training_runs
from simulator.pipeline.long_training.training_runs import DONE, WAITING, TrainingLaw, TrainingRun
from simulator.telemetry.exporter import MISSING, Exporter, Floats, Labels, ScrapeContext, labels_of

NAMES = (
    "ml_training_step",
    "ml_training_goodput_ratio",
    "ml_training_lost_seconds_total",
    "ml_training_restarts_total",
    "ml_training_last_checkpoint_age_seconds",
    "ml_training_checkpoints_total",
    "ml_training_checkpoint_failures_total",
    "ml_training_nodes",
    "ml_training_nodes_wanted",
    "ml_training_waiting",
    "ml_training_done",
)
NODE_FAILURES = "ml_training_node_failures_total"


class MLTrainingExporter(Exporter):
    """Progress, losses and failures of each run, and the remaining nodes of the fleet.

    A hung run looks like a training one: its processes run, its nodes are allocated. Only its
    step stands still.
    """

    job = "training"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.laws: list[TrainingLaw] = list(facts["trainings"])
        self.causes = [cause.name for cause in facts["fleet"].causes]
        self.nodes = int(facts["fleet"].nodes)

    def series(self) -> list[Labels]:
        runs = [law.name for law in self.laws]
        failures = "ml_training_failures_total"
        return [
            *(labels_of(__name__=name, run=run) for name in NAMES for run in runs),
            *(labels_of(__name__=failures, run=r, cause=c) for r in runs for c in self.causes),
            *(labels_of(__name__=name) for name in ("ml_fleet_nodes", "ml_fleet_spare_nodes")),
            *(labels_of(__name__=NODE_FAILURES, node=f"node-{n}") for n in range(self.nodes)),
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        trainings, t = scrape.world.trainings, scrape.world.now
        rows = [
            self._run_samples(law, run, t)
            for law, run in zip(self.laws, trainings.runs, strict=True)
        ]
        failures = [run.failures.get(cause, 0) for run in trainings.runs for cause in self.causes]
        nodes = trainings.fleet
        healthy = int(np.count_nonzero((nodes.repaired_at == 0) & ~nodes.drained))
        return np.concatenate(
            [
                np.array(rows, np.float64).T.ravel(),
                failures,
                [healthy, len(fleet.free(nodes))],
                nodes.failures,
            ]
        )

    def _run_samples(self, law: TrainingLaw, run: TrainingRun, t: int) -> list[float]:
        return [
            training_runs.work_done(run, t) // law.step,
            training_runs.goodput(run, t),
            run.lost_work / 1000.0,
            run.restarts,
            (t - run.saved_at) / 1000.0 if law.checkpoint_every and run.phase != DONE else MISSING,
            run.writes - run.failed_writes,
            run.failed_writes,
            len(run.nodes),
            law.nodes if run.phase != DONE else 0,
            run.phase == WAITING,
            run.phase == DONE,
        ]
