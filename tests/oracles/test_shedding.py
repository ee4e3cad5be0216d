"""Load shedding thins a Poisson stream at random: what passes is a Poisson stream again.

So shedding to a rate gives the M/M/c, or the M/M/c/K, of that rate, to its exact values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.oracles.queue_drill import SteadyState, mean_interval, queue_setting, steady_state
from tests.oracles.queue_drill import tick_samples as samples_of
from tests.oracles.test_queues import UNIT, erlang_c, finite, rate, wait_c, work

pytestmark = pytest.mark.slow
SEEDS = range(12)


class Shed(NamedTuple):
    """The requests of a drill in which some are refused at the gateway, after its warm-up."""

    state: SteadyState
    refused: int


def shed_states(order: dict[str, Any], minutes: int, offered: float, **server: Any) -> list[Shed]:
    """The requests of one queue, a seed each; the order stands from the first seconds on."""
    inject = {"at": "1s", "change": "shed_load", "args": order}
    setting = queue_setting(minutes, rate(offered), injects=[inject], service=work(), **server)
    states = []
    for seed in SEEDS:
        samples = samples_of(setting, seed)
        # The order takes 10 s, and the queue of that time has to be served.
        steady = samples[int(0.4 * len(samples)) :]
        refused = sum(sum(sample.refused.values()) for sample in steady)
        states.append(Shed(steady_state(steady, 0.0), refused))
    return states


@pytest.mark.parametrize(
    "order", [{"rate": rate(2.4)}, {"share": 0.5}], ids=["to a rate", "a share"]
)
def test_what_passes_is_served_as_the_thinned_load(order: dict[str, Any]) -> None:
    """Of 4.8 requests in the time of a service half pass, to three servers."""
    states = [shed.state for shed in shed_states(order, 7, 4.8, concurrency=3)]
    waits, chance = wait_c(2.4, 1, 3), erlang_c(2.4, 1, 3)
    assert mean_interval(state.wait.mean() / UNIT for state in states).contains(waits)
    assert mean_interval((state.wait > 1e-9).mean() for state in states).contains(chance)
    passed = mean_interval(state.count["served"] / state.seconds * UNIT for state in states)
    assert passed.contains(2.4)


def test_with_a_cap_it_blocks_as_the_thinned_load() -> None:
    """Of 6 requests in the time of a service 3 pass, to two servers and 18 places."""
    sheds = shed_states({"rate": rate(3.0)}, 4, 6.0, concurrency=2, queue=18)
    blocking, throughput, sojourn = finite(3.0, 1, 2, 20)
    shares = (
        (state.count["shed"] - refused) / (state.count["arrived"] - refused)
        for state, refused in sheds
    )
    assert mean_interval(shares).contains(blocking)
    served = (state.count["served"] / state.seconds * UNIT for state, _ in sheds)
    assert mean_interval(served).contains(throughput)
    assert mean_interval(state.sojourn.mean() / UNIT for state, _ in sheds).contains(sojourn)
