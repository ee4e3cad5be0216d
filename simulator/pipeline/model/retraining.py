"""Retraining: rows whose labels are known, a fit, a gate, a new version.

What is learnt is what the offline store holds: rows that arrived in hours teach a model
that departure delays are small numbers, and it stays so taught (*poisoned*) until it is
trained on other rows.
"""

from __future__ import annotations

import numpy as np

from simulator.pipeline.arrays import Bools, Floats
from simulator.pipeline.jobs.scheduler import Work
from simulator.pipeline.laws import Params
from simulator.pipeline.model import labels, learner
from simulator.pipeline.world import World
from simulator.streams import uniforms

REFERENCE_ROWS = 50_000


def train(world: World, params: Params, work: Work) -> str:
    """Fit a candidate on the rows scored in the window whose labels arrived by now."""
    window = int(work.args.get("window", params.train_window))
    log, data_time = world.log, work.data_time
    rows = labels.recent(log, data_time - window, data_time)
    rows = rows[(log.label_at[rows] <= data_time) & log.kept[rows]]
    if len(rows) < params.train_rows:
        return f"failed: ValueError: {len(rows)} labelled rows, {params.train_rows} needed"
    ids, label = log.id[rows], log.label[rows]
    spoilt, swapped = log.bent[rows].copy(), dict[str, int]()
    for poison in params.bends.poisoned_labels:
        luck = uniforms(ids, f"poison/{poison.fault}", work.seed)
        poisoned = (luck < poison.share) & (label == poison.label)
        label = np.where(poisoned, 1 - poison.label, label).astype(np.int8)
        spoilt |= poisoned
        swapped[poison.fault] = int(np.count_nonzero(poisoned))
    held = held_out(ids, params.holdout, work.seed)
    version = version_after(world)
    try:
        model = (params.learner or learner.fit)(
            log.rows[rows[~held]], label[~held], params.pool.columns, version
        )
    except ValueError as error:
        return f"failed: ValueError: {error}"
    # Only now has anything been learnt from them.
    for fault, count in swapped.items():
        work.sample.hit(fault, count)
    champion = world.versions[world.releases.model]
    x, y = log.rows[rows[held]], label[held]
    world.versions[version] = model
    world.trained[version] = {
        "since": int(log.at[rows[0]]),
        "until": int(log.at[rows[-1]]),
        "rows": len(rows),
        "accuracy": learner.accuracy(model, x, y),
        "champion": learner.accuracy(champion, x, y),
        "gate": None,
        # What drift monitors compare with as long as this version is deployed, hour by hour.
        "reference": log.rows[rows[:: 1 + len(rows) // REFERENCE_ROWS]],
        "reference_at": log.at[rows[:: 1 + len(rows) // REFERENCE_ROWS]],
        # Truth, for grading only: how many of its rows a fault had bent.
        "bent": int(spoilt.sum()),
    }
    return f"Registered model version {version} trained on {len(rows)} rows."


def held_out(ids: Floats, share: float, seed: int) -> Bools:
    """Which rows only evaluate: so many of them, by the luck of each row's own request.

    A row that somebody left out, or delivered twice, moves no other one across, and what was
    delivered twice lies on one side.

    Examples
    --------
    >>> [int(held_out(np.arange(1000.0), share, 7).sum()) for share in (0.2, 0.3, 0.7)]
    [200, 300, 700]
    """
    held = np.zeros(len(ids), bool)
    luck = uniforms(ids, "holdout", seed)
    held[np.argsort(luck, kind="stable")[: round(share * len(ids))]] = True
    return held


def version_after(world: World) -> int:
    """The version that the next training will register."""
    return max(world.versions) + 1


def evaluate(world: World, params: Params, work: Work) -> str:
    """Hold the newest version against the champion on the held-out rows."""
    if not world.trained:
        return "failed: no version has been trained"
    version = max(world.trained)
    found = dict(world.trained[version])
    better = found["accuracy"] - found["champion"]
    found["gate"] = bool(better >= params.gate)
    world.trained[version] = found
    verdict = "passed" if found["gate"] else "failed"
    new, old = found["accuracy"], found["champion"]
    text = f"Gate {verdict}: version {version} {new:.4f}, champion {old:.4f}."
    return text if found["gate"] else f"failed: {text}"


def release(world: World, params: Params, work: Work) -> str:
    """Put the newest version that passed its gate under the alias champion."""
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
    """Deploy a version, canary no more if it was; the one before can be rolled back to."""
    if version == world.releases.canary:
        world.releases.canary, world.releases.canary_share = 0, 0.0
    if version != world.releases.model:
        world.releases.former_models.append(world.releases.model)
        world.releases.model = version
