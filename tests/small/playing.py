"""Runs of the small drill with orders at set times, and readers of their events and series."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulator.responders import drive
from simulator.run import Event, Run
from simulator.run.events import ActionEvent, DebtEvent, PageEvent
from simulator.session import Door, News, Order, Session
from simulator.setting import Setting, load

SMALL = Path(__file__).with_name("drill.yaml")
MINUTE = 60_000
SLOW = {"id": "slow", "at": "10m", "fault": "slow_build", "args": {"build": 8, "factor": 8}}
LATE = {"id": "late", "at": "10m", "fault": "expired_credential", "target": "store-key"}
NULLS = {"id": "nulls", "at": "10m", "fault": "missing_values", "args": {"feature": "x1"}}
UNLESS = {
    "id": "who",
    "unless": {"event": "declared", "by": "12m"},
    "message": {"from": "director", "to": "primary", "text": "Who is on this?"},
}
MORE = {"id": "more", "at": "10m", "fault": "overload", "args": {"rate": "80/s"}}


class Orders:
    """A responder that submits `(minute, action, args)` each at its minute, and keeps its news."""

    def __init__(self, *orders: tuple[float, str, Mapping[str, Any]]) -> None:
        self.pending = sorted(orders, key=lambda order: order[0])
        self.news: list[News] = []

    def respond(self, door: Door) -> int | None:
        """Submit due orders, and sleep until the next is due."""
        self.news += door.seen().news
        while self.pending and self.pending[0][0] * MINUTE <= door.now:
            _, kind, args = self.pending.pop(0)
            door.submit(Order(kind, args))
        return round(self.pending[0][0] * MINUTE) if self.pending else None


def play_orders(
    setting: Setting, *orders: tuple[float, str, Mapping[str, Any]], seed: int = 1
) -> Run:
    """The run of a setting with these orders."""
    session = Session(setting, seed)
    drive(session, {session.plays: Orders(*orders)})
    return session.finish()


def small_setting(sets: Mapping[str, Any]) -> Setting:
    """The small drill with these keys set."""
    return load(SMALL, [f"{path}={json.dumps(value)}" for path, value in sets.items()])


def session_after(setting: Setting, *orders: tuple[float, str, Mapping[str, Any]]) -> Session:
    """The session at the end of the drill with these orders."""
    session = Session(setting, 1)
    drive(session, {session.plays: Orders(*orders)})
    return session


def query_values(session: Session, query: str, minute: float | None = None) -> list[float]:
    """The values of a query at a minute, or now."""
    at = session.now if minute is None else round(minute * MINUTE)
    return [float(value) for value in session.internals.engine.query(query, at).values]


def query_value(session: Session, query: str, minute: float | None = None) -> float:
    """The first value of a query."""
    return query_values(session, query, minute)[0]


def page_states(run: Run, team: str = "ml", *also: str) -> list[str]:
    """The states of a team's pages, as logged, without those that a story seldom needs."""
    left_out = {"seen", "resolved", "exhausted"} - {*also}
    events = run.of(PageEvent)
    return [e.state for e in events if e.who == team and e.state not in left_out]


def action_outcomes(run: Run, who: str = "ml") -> list[tuple[str, str]]:
    """Each order of a player with the state in which it ended."""
    ends = (e for e in run.of(ActionEvent) if e.who == who and e.ends)
    return [(event.action, event.state) for event in ends]


def debts_owed(run: Run, at: float = np.inf) -> set[str]:
    """The debts that are owed at a minute, or at the end."""
    states = {e.name: e.state for e in run.of(DebtEvent) if e.t <= at * MINUTE}
    return {name for name, state in states.items() if state == "owed"}


def simulated_events(run: Run) -> list[Event]:
    """The events of a run but injects, missed injects and phases."""
    return [event for event in run.events if event.kind not in ("inject", "missed", "phase")]


def sample_bytes(run: Run, until: float = np.inf) -> dict[str, Any]:
    """The scraped samples by table, up to a time in ms, as bytes: NaN equals NaN."""
    samples = {}
    for name in (str(key)[:-6] for key in run.series if str(key).endswith(".times")):
        rows = run.series[f"{name}.times"] <= until
        samples[name] = run.series[f"{name}.values"][rows].tobytes()
    truth = run.truth_times <= until
    samples["truth"] = {name: values[truth].tobytes() for name, values in run.truth.items()}
    return samples


def identical(a: Any, b: Any) -> bool:
    """Whether two values are equal all the way down, arrays bit for bit."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        names: Iterable[str] = (field.name for field in dataclasses.fields(a))
        return all(identical(getattr(a, name), getattr(b, name)) for name in names)
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(identical(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(identical(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)
