"""No cheat passes: neither one that destroys or does nothing, nor a list learnt by heart.

CI plays a share: of each drill a few cheats, which differ from drill to drill. `make cheats` plays
all of them and writes the page.
"""

from __future__ import annotations

import os

import pytest

from simulator.actions import ACTIONS, RESPONDER
from simulator.setting import load
from tests.cheats.blind import TIMES, Cheat, destructive, loops
from tests.cheats.drills import drill_names, families
from tests.cheats.lists import fixed_lists
from tests.cheats.names import names_of
from tests.cheats.playing import Outcome, outcomes, with_indices
from tests.seeds import seeds

DRILLS = drill_names()
FAMILIES = families()
SHARE = os.environ.get("SEEDS") == "share"
# Of the lists, those that hold the usual move of a family.
TELLING = ("blind list", "shotgun", "roll back", "call, then fill", "rerun", "retrain", "restart")
BELOW_THE_REFERENCE = 20


def share_of(cheats: list[Cheat], number: int, every: int = 5) -> list[Cheat]:
    """Every fifth cheat, from another one on in each drill, and the mixture of all."""
    return cheats[number % every : -1 : every] + cheats[-1:] if SHARE else cheats


def acceptable(outcome: Outcome, drill: str) -> bool:
    """Whether the drill's author says that such an answer is right: waiting, or those changes."""
    names = {*load(drill).scenario.expect.acceptable}
    return "waiting" in names if not outcome.changes else {*outcome.changes} <= names


@pytest.mark.slow
@pytest.mark.parametrize("drill", DRILLS)
def test_no_destructive_or_passive_cheat_passes(drill: str):
    setting, names = load(drill), names_of(drill)
    cheats = share_of(destructive(names), DRILLS.index(drill))
    times = ("on the first page",) if SHARE else TIMES
    for seed in seeds(3, share=1):
        results = outcomes(setting, seed, cheats, times)
        if not SHARE:
            results += outcomes(setting, seed, loops(names), ("every ten minutes",))
        passed = [f"{o.cheat}, {o.when}" for o in results
                  if o.verdict != "fail" and not acceptable(o, drill)]  # fmt: skip
        assert not passed, f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_no_fixed_list_passes_a_whole_family(family: str):
    passed: dict[str, set[str]] = {}
    drills = FAMILIES[family]
    for drill in drills:
        lists = fixed_lists(names_of(drill))
        assert len(lists) >= 20
        if SHARE:
            lists = [cheat for cheat in lists if cheat.name in TELLING]
        results = outcomes(load(drill), 1, lists, ("on the first page",))
        passed[drill] = {o.cheat for o in results if o.verdict == "pass"}
    assert not set.intersection(*passed.values()), passed


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("drill", DRILLS)
def test_a_list_that_passes_is_far_below_the_reference(drill: str):
    setting = load(drill)
    lists = fixed_lists(names_of(drill))
    results = outcomes(setting, 1, lists, ("on the first page",))
    passed = {o.cheat for o in results if o.verdict == "pass"}
    par, graded = with_indices(setting, 1, [cheat for cheat in lists if cheat.name in passed])
    near = {o.cheat: o.index for o in graded if (o.index or 0) > par - BELOW_THE_REFERENCE}
    assert not near, f"reference {par}"


def test_every_action_of_a_responder_is_tried():
    names = names_of("first-shift")
    cheats = [*destructive(names), *fixed_lists(names)]
    tried = {order.kind for cheat in cheats for order in cheat.orders}
    untried = {
        kind
        for kind, cls in ACTIONS.all().items()
        if RESPONDER in cls.roles and cls.effect != "talk" and kind not in tried
    }
    # On nodes and pools, and training runs, which this drill's pipeline has none of.
    assert untried <= {
        "drain_node", "fail_over", "restart_training", "resize_pool", "shift_traffic", "clean_disk",
    }  # fmt: skip
