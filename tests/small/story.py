"""Telling what happened in a run, and giving orders at set times."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulator.responders import drive
from simulator.run import Event, Run
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
    """A hand-written loop over a door: `(minute, action, args)` each; `news` is what it was told."""

    def __init__(self, *orders: tuple[float, str, Mapping[str, Any]]) -> None:
        self.left = sorted(orders, key=lambda order: order[0])
        self.news: list[News] = []

    def respond(self, door: Door) -> int | None:
        """Give what is due, and sleep until the next is."""
        self.news += door.seen().news
        while self.left and self.left[0][0] * MINUTE <= door.now:
            _, kind, args = self.left.pop(0)
            door.submit(Order(kind, args))
        return round(self.left[0][0] * MINUTE) if self.left else None


def played(setting: Setting, *orders: tuple[float, str, Mapping[str, Any]], seed: int = 1) -> Run:
    """The run in which somebody gives these orders."""
    session = Session(setting, seed)
    drive(session, Orders(*orders))
    return session.finish()


def bound(sets: Mapping[str, Any]) -> Setting:
    """The small drill with these keys set."""
    return load(SMALL, [f"{path}={json.dumps(value)}" for path, value in sets.items()])


def left(setting: Setting, *orders: tuple[float, str, Mapping[str, Any]]) -> Session:
    """The session as it stands when somebody has given these orders."""
    session = Session(setting, 1)
    drive(session, Orders(*orders))
    return session


def values(session: Session, query: str, minute: float | None = None) -> list[float]:
    """What a query finds at a minute, or now."""
    at = session.now if minute is None else round(minute * MINUTE)
    return [float(each) for each in session.internals.engine.query(query, at).values]


def value(session: Session, query: str, minute: float | None = None) -> float:
    """The first of that."""
    return values(session, query, minute)[0]


def pages(run: Run, team: str = "ml") -> list[str]:
    """What became of a team's pages."""
    return [event.data["state"] for event in run.of("page") if event.who == team]


def actions(run: Run, who: str = "ml") -> list[tuple[str, str]]:
    """How a player's orders ended."""
    ends = (e for e in run.of("action") if e.who == who and e.data["state"] != "started")
    return [(event.data["action"], event.data["state"]) for event in ends]


def owed(run: Run, at: float = np.inf) -> set[str]:
    """The debts that are owed at a minute, or at the end."""
    states = {e.data["name"]: e.data["state"] for e in run.of("debt") if e.t <= at * MINUTE}
    return {name for name, state in states.items() if state == "owed"}


def happened(run: Run) -> list[Event]:
    """Everything but the injects themselves, what they missed, and the phases that follow."""
    return [event for event in run.events if event.kind not in ("inject", "missed", "phase")]


def tables(run: Run, until: float = np.inf) -> dict[str, Any]:
    """The scraped samples by table, up to a time in ms, as bits: NaN equals NaN."""
    found = {}
    for name in (str(key)[:-6] for key in run.series if str(key).endswith(".times")):
        rows = run.series[f"{name}.times"] <= until
        found[name] = run.series[f"{name}.values"][rows].tobytes()
    truth = run.truth_times <= until
    found["truth"] = {name: values[truth].tobytes() for name, values in run.truth.items()}
    return found


def alike(a: Any, b: Any) -> bool:
    """Whether two facts are equal all the way down, arrays bit for bit."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        names: Iterable[str] = (field.name for field in dataclasses.fields(a))
        return all(alike(getattr(a, name), getattr(b, name)) for name in names)
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)
