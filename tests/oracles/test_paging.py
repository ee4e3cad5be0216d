"""Escalation policies with exponential laws against their closed form.

With L levels of T minutes each, a channel that loses a page with probability q and people who
acknowledge in a time of mean m, s = 1 - (1 - q)(1 - exp(-T/m)) is the probability that a level
does not take a page: P(acknowledged) = 1 - s^L, and the time is that of a truncated exponential
law after whole levels. Through the session, its alerts and its pager: every series is an alert
with a page of its own.
"""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from simulator.run import Run
from simulator.run.events import PageEvent
from simulator.session import Session
from simulator.setting import load
from tests.small.playing import SMALL

MINUTE = 60_000
EVERY_SERIES = SMALL.with_name("every-series.yaml")
Z99 = 2.5758


def organisation(q: float, mean: float, timeout: float, levels: int, repeat: int) -> dict:
    """An on-call file whose team `data` has such a policy; nobody plays it."""
    people = [f"p{number}" for number in range(levels)]
    return {
        "oncall": 1,
        "name": "closed-form",
        "people": {name: {"tireless": True} for name in people},
        "policies": {
            "way": {
                "levels": [
                    {"page": [{"person": name}], "after": f"{timeout * 60:g}s"} for name in people
                ],
                "repeat": repeat,
            }
        },
        "channels": {"push": {"fixed": "0s", "loss": q}},
        "teams": {
            "ml": {"members": ["ana"]},
            "data": {
                "policy": "way",
                "acknowledge": {"mean": f"{mean * 60:g}s", "law": "exponential"},
            },
        },
        "receivers": {"pager": {"policy": "way"}},
        "inform": ["product"],
    }


def closed_form(q: float, mean: float, timeout: float, levels: int) -> tuple[float, float, float]:
    """The probability of an acknowledgement; its mean and standard deviation in minutes."""
    on_time = 1 - math.exp(-timeout / mean)
    miss = 1 - (1 - q) * on_time
    # Of an exponential time below the timeout: its mean and mean square.
    tail = math.exp(-timeout / mean)
    first = mean - timeout * tail / on_time
    second = 2 * mean * mean - (timeout * timeout + 2 * mean * timeout) * tail / on_time
    weights = [(1 - miss) * miss**level for level in range(levels)]
    total = sum(weights)
    mean_time = sum(w * (n * timeout + first) for n, w in enumerate(weights)) / total
    square = (
        sum(
            w * ((n * timeout) ** 2 + 2 * n * timeout * first + second)
            for n, w in enumerate(weights)
        )
        / total
    )
    return 1 - miss**levels, mean_time, math.sqrt(square - mean_time**2)


def times_to_acknowledge(run: Run) -> tuple[int, np.ndarray]:
    """The number of pages, and the minutes of those that were acknowledged."""
    sent: dict[int, int] = {}
    taken: dict[int, int] = {}
    for event in run.of(PageEvent):
        if event.state == "sent":
            sent.setdefault(event.page, event.t)
        elif event.state == "acknowledged":
            taken[event.page] = event.t
    # The way of a page that began late may be cut off by the end of the drill.
    early = {page for page, t in sent.items() if t <= 8 * MINUTE}
    return len(early), np.array([(taken[p] - sent[p]) / MINUTE for p in early & taken.keys()])


@pytest.mark.parametrize(
    ("q", "mean", "timeout", "levels", "repeat", "expected"),
    [
        (0.1, 2.0, 5.0, 3, 0, (0.99474, 2.5260)),
        (0.5, 5.0, 5.0, 2, 0, (0.53223, 4.1209)),
        (0.3, 6.0, 2.0, 2, 2, None),
        (0.0, 1.0, 0.5, 4, 1, None),
    ],
)
def test_the_acknowledgement_of_a_policy_has_its_closed_form(
    q, mean, timeout, levels, repeat, expected
):
    probability, mean_time, deviation = closed_form(q, mean, timeout, levels * (repeat + 1))
    if expected is not None:
        assert (probability, mean_time) == pytest.approx(expected, abs=6e-5)
    oncall = json.dumps(organisation(q, mean, timeout, levels, repeat))
    setting = load(EVERY_SERIES, [f"oncall={oncall}"])
    session = Session(setting, 1)
    session.advance(session.ends)
    pages, minutes = times_to_acknowledge(session.finish())
    assert pages > 300
    share = len(minutes) / pages
    assert abs(share - probability) < Z99 * math.sqrt(probability * (1 - probability) / pages)
    # Times are logged at the end of their tick: half a second later on average.
    assert abs(minutes.mean() - 0.5 / 60 - mean_time) < Z99 * deviation / math.sqrt(len(minutes))
