"""Long training as written becomes laws and machines."""

from __future__ import annotations

from simulator.pipeline.long_training.fleet import Cause, FleetLaw
from simulator.pipeline.long_training.training_runs import TrainingLaw, Trainings, at_rest
from simulator.scenario import Pipeline, Training

# What a node fails of where nobody has written anything.
UNKNOWN = "node"


def fleet_law(pipeline: Pipeline) -> FleetLaw | None:
    """The machines that train, None if there are none."""
    written = pipeline.cluster.accelerators
    if written is None:
        return None
    causes = tuple(
        Cause(
            name, one.weight, written.repair if one.repair is None else one.repair, hangs=one.hangs
        )
        for name, one in written.causes.items()
    )
    lemons = written.lemons
    return FleetLaw(
        nodes=written.nodes,
        gpus=written.gpus,
        failures=written.failures / 1000.0,
        causes=causes or (Cause(UNKNOWN, 1.0, written.repair),),
        clock=written.clock or 0,
        lemons=lemons.nodes if lemons else 0,
        lemon_factor=lemons.factor if lemons else 1.0,
    )


def training_laws(pipeline: Pipeline) -> tuple[TrainingLaw, ...]:
    """Every training run."""
    return tuple(
        TrainingLaw(
            name=name,
            nodes=stage.nodes,
            set_up=stage.set_up,
            work=stage.work or 0,
            done=stage.done,
            every=stage.checkpoint.every if stage.checkpoint else 0,
            write=stage.checkpoint.write if stage.checkpoint else 0,
            watchdog=stage.watchdog or 0,
            step=stage.step,
            store=stage.checkpoint.store if stage.checkpoint else "",
        )
        for name, stage in pipeline.stages.items()
        if isinstance(stage, Training)
    )


def trainings(pipeline: Pipeline) -> Trainings:
    """Every run about to begin."""
    law = fleet_law(pipeline)
    return at_rest(law, training_laws(pipeline)) if law is not None else Trainings()


def stores(pipeline: Pipeline) -> list[str]:
    """Where checkpoints are written to, each once."""
    return list(dict.fromkeys(law.store for law in training_laws(pipeline) if law.store))
