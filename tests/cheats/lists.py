"""Fixed lists: what somebody might have learnt by heart, ordered without a look."""

from __future__ import annotations

from simulator.session import Order
from tests.cheats.blind import Cheat, lone_actions
from tests.cheats.names import Names, everywhere

CLOSE = Order("close")


def declare(severity: str) -> Order:
    """A declaration."""
    return Order("declare", {"severity": severity})


def rollback(target: str) -> Order:
    """A rollback of the model or of the server."""
    return Order("rollback", {"target": target})


def claim(cause: str) -> Order:
    """A claim of a cause."""
    return Order("diagnose", {"cause": cause})


def page(team: str) -> Order:
    """A call for help without a fact."""
    return Order("page", {"team": team})


def fixed_lists(names: Names) -> list[Cheat]:
    """At least twenty lists; the first two are those of SCORING."""
    materialize = everywhere("materialize", names)
    reruns = everywhere("rerun_job", names)
    scale = Order("scale", {"replicas": 6})
    claims = everywhere("diagnose", names)
    pages = everywhere("page", names)
    lists: dict[str, list[Order]] = {
        "blind list": [
            declare("SEV3"), rollback("serving"), page("data-engineering"), page("security"),
            *materialize,
        ],
        "shotgun": [
            declare("SEV1"), *claims, *pages, *everywhere("rollback", names), scale,
            Order("restart_scheduler"), CLOSE,
        ],
        "roll back": [declare("SEV3"), rollback("serving"), CLOSE],
        "roll back, claim": [
            declare("SEV3"), claim("latency.slow_build"), rollback("serving"), CLOSE,
        ],
        "roll back, never close": [rollback("serving")],
        "roll back both": [declare("SEV2"), rollback("serving"), rollback("model"), CLOSE],
        "roll back the model": [declare("SEV3"), rollback("model"), CLOSE],
        "restart": [declare("SEV3"), Order("restart"), CLOSE],
        "restart, then roll back": [Order("restart"), rollback("serving"), CLOSE],
        "scale": [declare("SEV2"), scale, CLOSE],
        "scale and roll back": [declare("SEV2"), scale, rollback("serving")],
        "call the feed's owner": [declare("SEV3"), page("data-engineering"), CLOSE],
        "call, then fill": [declare("SEV3"), page("data-engineering"), *materialize],
        "call security, then rerun": [declare("SEV3"), page("security"), *reruns],
        "call the platform": [declare("SEV2"), page("infrastructure"), page("data-platform")],
        "rerun": [declare("SEV3"), *reruns, CLOSE],
        "fill": [declare("SEV3"), *materialize, CLOSE],
        "retrain": [declare("SEV3"), Order("retrain"), CLOSE],
        "retrain, claim drift": [
            declare("SEV3"), claim("drift.concept_drift"), Order("retrain"), CLOSE,
        ],
        "escalate": [declare("SEV2"), Order("escalate"), CLOSE],
        "fall back": [declare("SEV2"), Order("fallback", {"answer": "constant"}), CLOSE],
        "pause releases": [declare("SEV3"), Order("pause_releases"), CLOSE],
        "page two, roll back, fill, rerun": [
            page("data-engineering"), page("security"), rollback("serving"), *materialize, *reruns,
        ],
    }  # fmt: skip
    return [*(Cheat(name, orders) for name, orders in lists.items()), *lone_actions(names)]
