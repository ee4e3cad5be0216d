"""Laws of long training: the accelerator fleet and the training runs."""

from simulator.pipeline.long_training.fleet import FailureCause, FleetLaw
from simulator.pipeline.long_training.training_runs import TrainingLaw, Trainings, new_trainings
from simulator.scenario import Pipeline, Training

# The cause of node failures if the author names none.
UNKNOWN = "node"


def fleet_law(pipeline: Pipeline) -> FleetLaw | None:
    """The nodes with accelerators, None if there are none."""
    fleet = pipeline.cluster.accelerators
    if fleet is None:
        return None
    causes = tuple(
        FailureCause(
            name,
            cause.weight,
            fleet.repair if cause.repair is None else cause.repair,
            hangs=cause.hangs,
            xid=cause.xid or 0,
        )
        for name, cause in fleet.causes.items()
    )
    lemons = fleet.lemons
    return FleetLaw(
        nodes=fleet.nodes,
        gpus=fleet.gpus,
        failure_rate=fleet.failures / 1000.0,
        causes=causes or (FailureCause(UNKNOWN, 1.0, fleet.repair),),
        clock=fleet.clock or 0,
        lemons=lemons.nodes if lemons else 0,
        lemon_factor=lemons.factor if lemons else 1.0,
    )


def training_laws(pipeline: Pipeline) -> tuple[TrainingLaw, ...]:
    """The training runs."""
    return tuple(
        TrainingLaw(
            name=name,
            nodes=stage.nodes,
            set_up=stage.set_up,
            work=stage.work or 0,
            done=stage.done,
            checkpoint_every=stage.checkpoint.every if stage.checkpoint else 0,
            checkpoint_write=stage.checkpoint.write if stage.checkpoint else 0,
            watchdog=stage.watchdog or 0,
            step=stage.step,
            store=stage.checkpoint.store if stage.checkpoint else "",
        )
        for name, stage in pipeline.stages.items()
        if isinstance(stage, Training)
    )


def initial_trainings(pipeline: Pipeline) -> Trainings:
    """The training runs before their start."""
    law = fleet_law(pipeline)
    return new_trainings(law, training_laws(pipeline)) if law is not None else Trainings()


def checkpoint_stores(pipeline: Pipeline) -> list[str]:
    """The names of the stores that checkpoints are written to."""
    return list(dict.fromkeys(law.store for law in training_laws(pipeline) if law.store))
