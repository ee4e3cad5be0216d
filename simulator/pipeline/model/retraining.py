"""Retraining: a fit on rows with known labels, a gate, a new version.

Training reads the offline store: rows that arrived in hours teach a model that departure delays
are small numbers, and the model stays *poisoned* until it is trained on other rows.
"""

import numpy as np

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.jobs.scheduler import Work
from simulator.pipeline.laws import Params
from simulator.pipeline.model import hyperparameters
from simulator.pipeline.model.prediction_quality import accuracy, precision
from simulator.pipeline.model.training_rows import select_rows
from simulator.pipeline.world import World
from simulator.streams import uniforms

REFERENCE_ROWS = 50_000


def train(world: World, params: Params, work: Work) -> str:
    """Fit a candidate on the rows that were scored in the window and have their labels."""
    log, data_time, values = world.log, work.data_time, world.tuning.hyperparameters
    window = int(work.args.get("window", values.get(hyperparameters.WINDOW, params.train_window)))
    rows = select_rows(log, work.args, window, data_time)
    for gap in work.absent:
        rows = rows[uniforms(log.id[rows], f"absent/{gap.fault}", work.seed) >= gap.missing]
    if len(rows) < params.train_rows:
        return f"failed: ValueError: {len(rows)} labelled rows, {params.train_rows} needed"
    ids, label = log.id[rows], log.label[rows]
    bent, poisoned_rows = log.bent[rows].copy(), dict[str, int]()
    for poison in params.bends.poisoned_labels:
        draw = uniforms(ids, f"poison/{poison.fault}", work.seed)
        poisoned = (draw < poison.share) & (label == poison.label)
        label = np.where(poisoned, 1 - poison.label, label).astype(np.int8)
        bent |= poisoned
        poisoned_rows[poison.fault] = int(np.count_nonzero(poisoned))
    holdout = holdout_mask(ids, params.holdout, work.seed)
    version = next_version(world)
    try:
        learner = params.learner.with_hyperparameters(hyperparameters.of_learner(values))
        model = learner(
            *(log.rows[rows[~holdout]], label[~holdout], params.pool.columns, version),
            hyperparameters.row_weights(values, log.at[rows[~holdout]], label[~holdout], data_time),
        )
    except ValueError as error:
        return f"failed: ValueError: {error}"
    # The fault lands only now that a model has learnt from the rows.
    for fault, count in poisoned_rows.items():
        work.sample.hit(fault, count)
    champion = world.versions[world.releases.model]
    x, y, cutoff = log.rows[rows[holdout]], label[holdout], world.tuning.cutoff
    reference = rows[:: 1 + len(rows) // REFERENCE_ROWS]
    qualities = {
        "accuracy": accuracy(model, x, y, cutoff),
        "champion": accuracy(champion, x, y, cutoff),
    }
    if params.precision_gate is not None:
        gain = precision(model, x, y, cutoff) - precision(champion, x, y, cutoff)
        qualities["precision_gain"] = gain
    world.versions[version] = model
    world.trained[version] = {
        **qualities,
        "since": int(log.at[rows[0]]),
        "until": int(log.at[rows[-1]]),
        "rows": len(rows),
        "gate": None,
        "hyperparameters": dict(values),
        # The reference of drift monitors, by hour of day, while this version is deployed.
        "reference": log.rows[reference],
        "reference_at": log.at[reference],
        # Ground truth, for grading only: the number of its rows that a fault bent.
        "bent": int(bent.sum()),
    }
    return f"Registered model version {version} trained on {len(rows)} rows."


def holdout_mask(ids: Floats, share: float, seed: int) -> Bools:
    """The rows that are held out for evaluation, an exact share, drawn by their request ids.

    A missing or duplicated row moves no other row across, and all duplicates of a row lie on
    the same side.

    Examples
    --------
    >>> [int(holdout_mask(np.arange(1000.0), share, 7).sum()) for share in (0.2, 0.3, 0.7)]
    [200, 300, 700]
    """
    mask = np.zeros(len(ids), bool)
    draw = uniforms(ids, "holdout", seed)
    mask[np.argsort(draw, kind="stable")[: round(share * len(ids))]] = True
    return mask


def next_version(world: World) -> int:
    """The version that the next training will register."""
    return max(world.versions) + 1


def evaluate(world: World, params: Params, work: Work) -> str:
    """Compare the newest version with the champion on the held-out rows."""
    if not world.trained:
        return "failed: no version has been trained"
    version = max(world.trained)
    facts = dict(world.trained[version])
    new, old = facts["accuracy"], facts["champion"]
    passed, precise = bool(new - old >= params.gate), ""
    if params.precision_gate is not None:
        passed &= bool(facts["precision_gain"] >= params.precision_gate)
        precise = f", precision {facts['precision_gain']:+.4f}"
    facts["gate"] = passed
    world.trained[version] = facts
    verdict = "passed" if passed else "failed"
    text = f"Gate {verdict}: version {version} {new:.4f}, champion {old:.4f}{precise}."
    return text if passed else f"failed: {text}"


def release(world: World, params: Params, work: Work) -> str:
    """Give the alias champion to the newest version that passed its gate."""
    if world.releases.paused:
        return "failed: releases are paused"
    passed = [version for version, facts in world.trained.items() if facts["gate"]]
    if not passed:
        return "failed: no version has passed its gate"
    version = max(passed)
    if params.canary_share:
        world.releases.canary, world.releases.canary_share = version, params.canary_share
        return f"Alias canary now points to version {version}, for {params.canary_share:.0%}."
    promote(world, version)
    return f"Alias champion now points to version {version}."


def promote(world: World, version: int) -> None:
    """Make a version the champion, no longer the canary; a rollback restores the one before."""
    if version == world.releases.canary:
        world.releases.canary, world.releases.canary_share = 0, 0.0
    if version != world.releases.model:
        world.releases.former_models.append(world.releases.model)
        world.releases.model = version
