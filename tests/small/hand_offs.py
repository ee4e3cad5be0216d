"""The small drill with a slow store, whose owner is paged with the right facts, with none, or with
a wrong suspect.

Everything else is the same: who is on call, how long their looks and the repair take.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from simulator.analysis import Timeline
from simulator.run import NO_FAULT, Run
from simulator.run.events import LookEvent
from simulator.score import grade
from simulator.session import Session
from simulator.setting import Setting
from tests.small.playing import MINUTE, play_orders, small_setting

FACTS: Mapping[str, Mapping[str, Any]] = {
    "the right facts": {
        "since": "6m", "suspect": "store", "evidence": ["feast_online_store_read_seconds: 0.3"],
    },
    "no facts": {},
    "a wrong suspect": {"suspect": "feed-key"},
}  # fmt: skip
SLOW_STORE = {"id": "slow", "at": "6m", "fault": "slow_dependency", "target": "store",
              "args": {"factor": 20}}  # fmt: skip
# Told nothing, they look at the store in the fourth place; at the wrong suspect in the last.
OWNED = ("lane", "bucket", "quota", "store", "feed", "feed-key")
PAGED_AT = 12


class Outcome(NamedTuple):
    """How a run with a hand-off went.

    Attributes
    ----------
    minutes : float
        The time to mitigate.
    looks : tuple of float
        The minute of each look of the owner.
    """

    minutes: float
    looks: tuple[float, ...]


def setting(look: Any = "4m", duration: str = "2h") -> Setting:
    """The drill, with the law of a look of those who own the store."""
    return small_setting({
        "oncall": "specialists.yaml",
        "duration": duration,
        "injects": [SLOW_STORE],
        "oncall.teams.data.owns": list(OWNED),
        "oncall.teams.data.look": look,
        "oncall.teams.data.work": "5m",
    })  # fmt: skip


def play(drill: Setting, seeds: Iterable[int]) -> dict[str, list[Outcome]]:
    """The outcomes by what the owner is told, in order of the seeds."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in FACTS}
    for seed in seeds:
        twin = Session(drill, seed, twin=NO_FAULT)
        twin.advance(twin.ends)
        twins = {NO_FAULT: twin.finish()}
        for name, facts in FACTS.items():
            run = play_orders(drill, (PAGED_AT, "page", {"team": "data", **facts}), seed=seed)
            outcomes[name].append(outcome(run, twins))
    return outcomes


def outcome(run: Run, twins: Mapping[str, Run]) -> Outcome:
    """How one run went."""
    seconds = grade(Timeline(run, twins)).measures["time_to_mitigate"].value
    assert seconds is not None
    looks = tuple(event.t / MINUTE for event in run.of(LookEvent) if event.who == "dee")
    return Outcome(seconds / 60, looks)
